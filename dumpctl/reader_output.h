/* SPDX-License-Identifier: MIT */
/*
 * A core on its way into a descriptor, with holes where a file can have them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct reader_output {
	int fd;
	bool sparse;
	bool tail_hole; /* the last bytes are a hole: the file is shorter than done */
	uint64_t done;
	int error; /* of writing, not of the dump */

	/* Told how far it is, not more often than each `step` µs. */
	int (*progress)(void *context, uint64_t done);
	void *context;
	int64_t step, told;
};

/* As a dump_sink. */
int reader_output_take(void *output, const uint8_t *p, size_t n);

/* The file's length. Return: 0 or negative errno. */
int reader_output_end(struct reader_output *output) _must_check_;
