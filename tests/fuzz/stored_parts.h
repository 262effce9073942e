/* SPDX-License-Identifier: MIT */
/*
 * A stored dump (store/frame.h) taken apart into what is in its frames, and put together again: so a
 * change gets behind compression, checksums and the seek table. What cannot be taken apart stays as it is.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/unit/dumps.h"

/* One frame more than these is the seek table's. */
#define PARTS_MAX (DUMPS_FRAMES_MAX - 2)

/* Of one frame, unpacked: a little more than it may have of memory. A frame that has more stays packed. */
#define PART_SIZE_MAX (FRAME_MEMORY_MAX + 4096)

enum part_kind {
	PART_RECORD, /* JSON, without the zeros behind it */
	PART_CONTENT, /* of a frame of zstd */
	PART_PACKED, /* a skippable frame with a frame of zstd in it: its content */
	PART_SKIPPABLE, /* its payload */
	PART_RAW, /* none of these: bytes of the file */
};

struct part {
	enum part_kind kind;
	uint32_t magic; /* of a skippable frame */
	uint8_t *bytes; /* malloced */
	size_t n;
	uint32_t packed; /* bytes in the file that was read */
	uint32_t claim; /* PART_RAW: bytes that come out of it, by the seek table */
	/* What the seek table says more than is true; usually 0. */
	uint32_t lie_compressed, lie_size;
};

struct parts {
	struct part list[PARTS_MAX];
	size_t count;
	bool without_table;
	bool own_record; /* what it says of sizes is left as it is */
};

void parts_read(const uint8_t *p, size_t n, struct parts *ret);
void parts_done(struct parts *parts);
#define _cleanup_parts_ _cleanup_(parts_done)

/* The record is told how long all of it is; ret starts with {0}. */
void parts_write(struct parts *parts, struct made *ret);

/* The part as it is in a file, malloced. */
uint8_t *part_pack(const struct part *part, size_t *ret_n);

/* Takes its bytes, before the i-th part; false if there is no room. */
bool parts_insert(struct parts *parts, size_t i, const struct part *part);
void parts_remove(struct parts *parts, size_t i);

/* With bytes of its own. */
struct part part_copy(const struct part *part);
/* Takes the bytes, which are malloced. */
void part_set(struct part *part, uint8_t *bytes, size_t n);
