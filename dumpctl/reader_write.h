/* SPDX-License-Identifier: MIT */
/*
 * What is made of stored dumps and written: a core, another dump.
 */
#pragma once

#include "dumpctl/reader.h"
#include "handler/report.h"
#include "store/memory_map.h"

struct reader_extract {
	int fd, out; /* borrowed */
	bool sparse; /* out can have holes */
	bool (*go_on)(void *context, uint64_t done); /* bytes; false: end it */
	void *context;
};

/* *ret_error: of writing, not of the dump. Return: as of reader.h; -EINTR: go_on said so. */
int reader_extract(struct reader *reader, const struct reader_extract *what,
		   int *ret_error, struct dump_fault *ret_fault) _must_check_;

struct reader_refilter {
	int fd, out; /* borrowed */
	bool is_dump; /* else a core */
	int type; /* as in refilter_run.h */
	uint64_t size; /* of a core: its file's */
};

/* Return: as of reader.h, or as refilter_run(). */
int reader_refilter(struct reader *reader, const struct reader_refilter *what,
		    struct memory_map *ret_map, struct report *ret_report) _must_check_;
