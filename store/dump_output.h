/* SPDX-License-Identifier: MIT */
/*
 * Extracted bytes on their way to the sink, in order: whole pages of zeros become holes, however
 * the frames cut them.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "store/dump.h"

/* A hole is at least this long: what a file system can leave out. */
#define DUMP_OUTPUT_PAGE 4096

struct dump_output {
	dump_sink sink;
	void *context;
	uint64_t done; /* bytes taken */
	/* The page that `done` lies in, as far as it is here: done % DUMP_OUTPUT_PAGE bytes. */
	uint8_t page[DUMP_OUTPUT_PAGE];
};

/*
 * Which pages of the core that lie whole in p, n bytes from `start` of the core, are zeros: a byte
 * for each, not 0 for zeros. zero has room for n / DUMP_OUTPUT_PAGE.
 */
void dump_output_scan(const uint8_t *p, size_t n, uint64_t start, uint8_t *zero);

/* Take n bytes; zero is what dump_output_scan() says of them. Return: 0 or the sink's. */
int dump_output_bytes(struct dump_output *output, const uint8_t *p, size_t n,
		      const uint8_t *zero) _must_check_;
int dump_output_zeros(struct dump_output *output, uint64_t n) _must_check_;

/* Hand out the rest of the last page. Return: 0 or the sink's. */
int dump_output_end(struct dump_output *output) _must_check_;
