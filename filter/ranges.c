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

/* Where a range begins or ends. */
struct border {
	uint64_t address;
	enum rank rank;
	bool begins;
};

/* Ends before beginnings, so that touching ranges do not count as overlapping. */
static int by_border(const void *a, const void *b)
{
	const struct border *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return (int)x->begins - (int)y->begins;
}

static struct border *borders_of(const struct ranges *ranges)
{
	struct border *borders = calloc(ranges->count, 2 * sizeof(*borders));

	for (size_t i = 0; borders && i < ranges->count; i++) {
		const struct range *r = &ranges->ranges[i];

		borders[2 * i] = (struct border){ r->start, r->rank, true };
		borders[2 * i + 1] = (struct border){ r->end, r->rank, false };
	}
	if (borders)
		qsort(borders, 2 * ranges->count, sizeof(*borders), by_border);
	return borders;
}

/* Ranges that are open at the address that a walk over the borders has reached. */
struct walk {
	size_t open[RANK_REST + 1]; /* by rank */
	struct range piece; /* since the last change; rank 0: nothing is open */
};

static void step(struct walk *walk, const struct border *border, struct ranges *ranges)
{
	enum rank rank = 0;

	if (border->begins)
		walk->open[border->rank]++;
	else
		walk->open[border->rank]--;
	for (enum rank r = RANK_CRASH; r <= RANK_REST && !rank; r++)
		rank = walk->open[r] ? r : 0;
	if (rank == walk->piece.rank)
		return;
	if (walk->piece.rank)
		ranges_add(ranges, walk->piece.start, border->address, walk->piece.rank);
	walk->piece = (struct range){ .start = border->address, .rank = rank };
}

void ranges_split(struct ranges *ranges)
{
	struct border *borders = ranges->count ? borders_of(ranges) : NULL;
	size_t count = 2 * ranges->count;
	struct walk walk = { .piece = { 0 } };

	if (!borders) {
		ranges->failed |= ranges->count > 0;
		return;
	}
	ranges->count = 0;
	for (size_t i = 0; i < count; i++)
		step(&walk, &borders[i], ranges);
	free(borders);
}
