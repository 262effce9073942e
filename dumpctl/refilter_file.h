/* SPDX-License-Identifier: MIT */
/*
 * The file that is filtered again: a stored dump, by its id or its name, or a plain core file. What is in it the
 * reader reads (dumpctl/reader.h).
 */
#pragma once

#include <stdbool.h>

#include "dumpctl/select.h"

struct refilter_file {
	int fd; /* -1: none is open */
	bool is_dump; /* else a plain core */
	struct record record; /* the dump's */
	uint64_t size; /* of the core */
	uint64_t stored; /* bytes on disk */
	int64_t timestamp; /* of the crash, or of the core's file, µs */
};

/* what: a file, or a match for select. Return: 0; -1 after a message. */
int refilter_file_open(struct select *select, char *what,
		       struct refilter_file *ret) _must_check_;
void refilter_file_close(struct refilter_file *file);

/* NULL: of a plain core. */
const struct record *refilter_file_record(const struct refilter_file *file);
