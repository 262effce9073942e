/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "filter/ranges.h"

void ranges_done(struct ranges *ranges)
{
	free(ranges->ranges);
	memset(ranges, 0, sizeof(*ranges));
}

void ranges_append(struct ranges *ranges, const struct range *range)
{
	if (range->start >= range->end)
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
	ranges->ranges[ranges->count++] = *range;
}

void ranges_add_ordered(struct ranges *ranges, uint64_t start, uint64_t end,
			enum rank rank, uint32_t order)
{
	ranges_append(ranges, &(struct range){ page_down(start), page_up(end), order,
					       rank, FATE_KEPT });
}

void ranges_add(struct ranges *ranges, uint64_t start, uint64_t end, enum rank rank)
{
	ranges_add_ordered(ranges, start, end, rank, 0);
}

static int by_rank(const void *a, const void *b)
{
	const struct range *x = a, *y = b;
	uint64_t m = range_size(x), n = range_size(y);

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
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

void ranges_sort_by_address(struct ranges *ranges)
{
	if (ranges->count)
		qsort(ranges->ranges, ranges->count, sizeof(*ranges->ranges), by_start);
}

void ranges_join(struct ranges *ranges)
{
	size_t joined = 0;

	if (!ranges->count)
		return;
	ranges_sort_by_address(ranges);
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

/* Addresses of pages leave room for a rank. */
#define RANK_MASK ((uint64_t)PAGE - 1)

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Where ranges end, each with its rank. */
static uint64_t *ends_of(const struct ranges *ranges)
{
	uint64_t *ends = calloc(ranges->count + 1, sizeof(*ends));

	for (size_t i = 0; ends && i < ranges->count; i++)
		ends[i] = ranges->ranges[i].end | ranges->ranges[i].rank;
	if (ends)
		qsort(ends, ranges->count, sizeof(*ends), by_number);
	return ends;
}

/* Ranges that are open at the address that a walk over beginnings and ends has reached. */
struct walk {
	size_t open[RANK_REST + 1]; /* by rank */
	uint32_t order[RANK_REST + 1]; /* of the last that began */
	uint32_t over_hints; /* see ranges_split() */
	struct range piece; /* since the last change; rank 0: nothing is open */
	struct ranges split;
};

/* The first from `from` on that is open, of a set; 0: none. */
static enum rank first_open(const struct walk *walk, enum rank from, uint32_t ranks)
{
	for (enum rank r = from; r <= RANK_REST; r++) {
		if (walk->open[r] && (ranks & RANK_BIT(r)))
			return r;
	}
	return 0;
}

static enum rank rank_here(const struct walk *walk)
{
	enum rank rank = first_open(walk, RANK_CRASH, ~0u), other = 0;

	if (rank == RANK_HINT)
		other = first_open(walk, RANK_HINT + 1, walk->over_hints);
	return other ? other : rank;
}

static void reach(struct walk *walk, uint64_t address)
{
	enum rank rank = rank_here(walk);

	if (rank == walk->piece.rank)
		return;
	if (walk->piece.rank)
		ranges_add_ordered(&walk->split, walk->piece.start, address,
				   walk->piece.rank, walk->piece.order);
	walk->piece = (struct range){ .start = address,
				      .rank = rank,
				      .order = walk->order[rank] };
}

static void enter(struct walk *walk, const struct range *range)
{
	walk->open[range->rank]++;
	walk->order[range->rank] = range->order;
	reach(walk, range->start);
}

static void leave(struct walk *walk, uint64_t end_and_rank)
{
	walk->open[end_and_rank & RANK_MASK]--;
	reach(walk, end_and_rank & ~RANK_MASK);
}

/* Ends before beginnings, so that touching ranges do not count as overlapping. */
void ranges_split(struct ranges *ranges, uint32_t over_hints)
{
	struct walk walk = { .over_hints = over_hints };
	uint64_t *ends = ends_of(ranges);
	size_t begun = 0;

	ranges_sort_by_address(ranges);
	for (size_t i = 0; ends && i < ranges->count; i++) {
		while (begun < ranges->count &&
		       ranges->ranges[begun].start < (ends[i] & ~RANK_MASK))
			enter(&walk, &ranges->ranges[begun++]);
		leave(&walk, ends[i]);
	}
	free(ends);
	walk.split.failed |= ranges->failed || !ends;
	ranges_done(ranges);
	*ranges = walk.split;
}

/* One range against all spans that overlap it. */
static void mark_one(const struct range *range, const struct spans *spans, enum fate fate,
		     struct ranges *to)
{
	struct range left = *range;

	for (size_t i = spans_above(spans, range->start); i < spans->count; i++) {
		struct range part = left;
		uint64_t start = page_down(spans->spans[i].start);
		uint64_t end = page_up(spans->spans[i].end);

		if (start >= range->end)
			break;
		part.end = start > left.start ? start : left.start;
		ranges_append(to, &part);
		part.start = part.end;
		part.end = end < range->end ? end : range->end;
		part.fate = fate;
		ranges_append(to, &part);
		if (part.end > left.start)
			left.start = part.end;
	}
	ranges_append(to, &left);
}

void ranges_mark(struct ranges *ranges, const struct spans *spans, uint32_t ranks,
		 enum fate fate)
{
	struct ranges marked = { 0 };

	ranges->failed |= spans->failed; /* where the first one failed there is none */
	if (!spans->count)
		return;
	for (size_t i = 0; i < ranges->count; i++) {
		const struct range *range = &ranges->ranges[i];

		if (range->fate == FATE_KEPT && (ranks & RANK_BIT(range->rank)))
			mark_one(range, spans, fate, &marked);
		else
			ranges_append(&marked, range);
	}
	marked.failed |= ranges->failed;
	ranges_done(ranges);
	*ranges = marked;
}

void ranges_cut(struct ranges *ranges, size_t i, uint64_t size, enum fate rest)
{
	struct range part = ranges->ranges[i];

	if (size >= range_size(&part))
		return;
	part.start += page_down(size);
	part.fate = rest;
	ranges->ranges[i].end = part.start;
	ranges_append(ranges, &part);
}

void ranges_collect(const struct ranges *ranges, uint32_t ranks, struct spans *ret)
{
	for (size_t i = 0; i < ranges->count; i++) {
		const struct range *r = &ranges->ranges[i];

		if (r->fate == FATE_KEPT && (ranks & RANK_BIT(r->rank)))
			spans_add(ret, r->start, r->end);
	}
	spans_join(ret);
}
