/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "filter/ranges.h"

void ranges_done(struct ranges *ranges)
{
	free(ranges->ranges);
	memset(ranges, 0, sizeof(*ranges));
}

void ranges_add(struct ranges *ranges, uint64_t start, uint64_t end, enum rank rank)
{
	start = page_down(start);
	end = page_up(end);
	if (start >= end)
		return;
	if (ranges->count == ranges->capacity) {
		size_t capacity = ranges->capacity ? ranges->capacity * 2 : 64;
		struct range *bigger =
			reallocarray(ranges->ranges, capacity, sizeof(*bigger));

		if (!bigger) {
			ranges->failed = true;
			return;
		}
		ranges->ranges = bigger;
		ranges->capacity = capacity;
	}
	ranges->ranges[ranges->count++] = (struct range){ start, end, rank };
}

static int by_rank(const void *a, const void *b)
{
	const struct range *x = a, *y = b;
	uint64_t m = x->end - x->start, n = y->end - y->start;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	if (m != n)
		return m < n ? -1 : 1;
	return x->start < y->start ? -1 : x->start > y->start;
}

static int by_start(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

void ranges_sort_by_rank(struct ranges *ranges)
{
	if (ranges->count)
		qsort(ranges->ranges, ranges->count, sizeof(*ranges->ranges), by_rank);
}

void ranges_join(struct ranges *ranges)
{
	size_t joined = 0;

	if (!ranges->count)
		return;
	qsort(ranges->ranges, ranges->count, sizeof(*ranges->ranges), by_start);
	for (size_t i = 1; i < ranges->count; i++) {
		struct range *last = &ranges->ranges[joined];
		const struct range *next = &ranges->ranges[i];

		if (next->start > last->end) {
			ranges->ranges[++joined] = *next;
			continue;
		}
		if (next->end > last->end)
			last->end = next->end;
		if (next->rank < last->rank)
			last->rank = next->rank;
	}
	ranges->count = joined + 1;
}
