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

/* What of [start, end) the joined ranges do not hold, from number *at on. */
static void add_rest(const struct ranges *joined, size_t *at, struct range range,
		     struct ranges *ret)
{
	while (*at < joined->count && joined->ranges[*at].end <= range.start)
		++*at;
	for (size_t i = *at; i < joined->count && joined->ranges[i].start < range.end;
	     i++) {
		const struct range *r = &joined->ranges[i];

		ranges_add(ret, range.start, r->start, range.rank);
		if (r->end > range.start)
			range.start = r->end;
	}
	ranges_add(ret, range.start, range.end, range.rank);
}

/* n ranges of one rank, by address. */
static void split_rank(const struct range *ranges, size_t n, struct ranges *taken,
		       struct ranges *ret)
{
	uint64_t end = 0;
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		struct range r = ranges[i];

		if (r.start < end)
			r.start = end;
		if (r.start >= r.end)
			continue;
		end = r.end;
		add_rest(taken, &at, r, ret);
	}
	for (size_t i = 0; i < n; i++)
		ranges_add(taken, ranges[i].start, ranges[i].end, ranges[i].rank);
	ranges_join(taken);
}

void ranges_split(struct ranges *ranges)
{
	struct ranges taken = { 0 }, result = { 0 };
	size_t n;

	ranges_sort_by_rank(ranges);
	for (size_t i = 0; i < ranges->count; i += n) {
		struct range *first = &ranges->ranges[i];

		for (n = 1; i + n < ranges->count && first[n].rank == first->rank;)
			n++;
		qsort(first, n, sizeof(*first), by_start);
		split_rank(first, n, &taken, &result);
	}
	result.failed |= ranges->failed | taken.failed;
	ranges_done(&taken);
	ranges_done(ranges);
	*ranges = result;
	ranges_sort_by_rank(ranges);
}
