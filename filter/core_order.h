/* SPDX-License-Identifier: MIT */
/*
 * Do ranges overlap? Of millions of them, in bounded memory: the kernel's are in order, and those of a dump that
 * was written by rank are a few orders in each other, where each range begins at the end of another.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Ranges that have grown together, which are kept for the case that order ends: 64 MiB. The largest vm.max_map_count
 * of known installations is as large, and kernel.core_sort_vma (Linux 6.15) has the kernel write them by size.
 */
#define CORE_ORDER_RUNS (4u << 20)

/* Of these, the ones that grew last. */
#define CORE_ORDER_RECENT 16

struct core_run {
	uint64_t first, last; /* bytes, both included */
};

struct core_order {
	uint64_t last; /* the largest so far */
	bool begun; /* there was one */
	bool disordered; /* one came behind a larger one */
	bool full; /* there were more runs than are kept */
	struct core_run *runs;
	size_t count, capacity;
	size_t recent[CORE_ORDER_RECENT]; /* of runs */
	size_t recent_count;
};

/* Begin with {0}. size is not 0, and the end does not wrap but to 0. Return: 0 or -ENOMEM. */
int core_order_add(struct core_order *order, uint64_t start, uint64_t size);

/* After the last. Return: 1: some overlap; 0; -E2BIG: in no order, and too many to tell. */
int core_order_overlaps(struct core_order *order);

void core_order_done(struct core_order *order);
