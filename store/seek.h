/* SPDX-License-Identifier: MIT */
/*
 * The seek table at the end of a stored dump (store/frame.h), read without believing it:
 * which frames there are, one after the other. Memory is bounded whatever the table says.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "store/frame.h"

struct seek_frame {
	uint64_t offset; /* in the file */
	uint32_t compressed; /* bytes there */
	uint32_t size; /* bytes that come out of it, 0 for a skippable frame */
};

struct seek_table {
	int fd; /* of the dump, borrowed */
	uint64_t entries; /* offset of the first entry */
	uint64_t end; /* where the frames end and the table's own frame begins */
	uint32_t count;
};

/*
 * Find the table of a file of file_size bytes. Return: 0; -ENODATA: there is none, the file
 * is cut; -EBADMSG: it contradicts itself; or negative errno. *ret_reason: static text.
 */
int seek_table_open(int fd, uint64_t file_size, struct seek_table *ret,
		    const char **ret_reason) _must_check_;

/* Entries read at a time. */
#define SEEK_BATCH 512

struct seek_cursor {
	const struct seek_table *table;
	uint64_t offset; /* of the next frame */
	uint32_t next; /* its number */
	uint32_t first, got; /* which entries the buffer holds */
	uint8_t buffer[SEEK_BATCH * FRAME_SEEK_ENTRY];
};

void seek_start(struct seek_cursor *cursor, const struct seek_table *table);

/*
 * The next frame; it lies between the first byte of the file and the table. Return: 1; 0:
 * that was the last, and the frames fill the file; -EBADMSG: they do not; negative errno.
 */
int seek_next(struct seek_cursor *cursor, struct seek_frame *ret) _must_check_;

/* The table is sound and promises `size` bytes in all. Return and reason as above. */
int seek_table_check(const struct seek_table *table, uint64_t size,
		     const char **ret_reason) _must_check_;
