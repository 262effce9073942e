/* SPDX-License-Identifier: MIT */
/*
 * What memory will come to when compressed, as far as a look at its words tells: zeros, repeated
 * words, and pointers that share their high bytes cost little; noise costs what it is. An
 * estimate, for the budget; tests compare it with zstd.
 */
#pragma once

#include "filter/memory.h"

#define COST_RECENT 64

/* What was seen before; zeros to begin with. */
struct cost {
	uint64_t words[COST_RECENT]; /* recent words, by a hash */
	uint32_t tops[COST_RECENT]; /* and their upper halves */
	uint64_t bits; /* so far */
};

/* Count n bytes at p (a multiple of 8 is looked at). */
void cost_count(struct cost *cost, const uint8_t *p, size_t n);

/* The same for [start, end), page aligned, read through the window; absent pages are zeros. */
void cost_memory(struct cost *cost, const struct memory *memory, uint64_t start,
		 uint64_t end);

/* Bytes so far. */
static inline uint64_t cost_bytes(const struct cost *cost)
{
	return cost->bits / 8;
}
