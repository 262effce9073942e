/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

/*
 * Memory like a program's: what there is of each kind, in percent of the pages, is in content.c.
 *
 * A layout is a mapping of which a part is touched: `run` bytes every `stride` bytes, `touched`
 * in all. With run == stride it is dense. All are multiples of the page.
 */
struct layout {
	char *base;
	uint64_t run, stride, touched;
};

/* Where the byte number `offset` of what is touched lies. */
char *layout_at(const struct layout *layout, uint64_t offset);

/* Touches the memory. Always the same bytes, but for the addresses in them. 0 or -ENOMEM. */
int content_fill(const struct layout *layout);

/* The same numbers in the same order in every run. */
uint64_t content_random(void);
