/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "filter/order.h"

/* So much of worse memory goes along with better one beside it, rather than in a header of its own. */
#define ALONG_MAX (64u << 10)

/*
 * Program headers more than mappings and what is left out between them ask for. Coroutines have
 * stacks without number in one mapping: then they go out with it.
 */
#define CUTS_MAX 4096

struct order {
	uint64_t *sps; /* of all threads, sorted */
	size_t sp_count;
	struct ranges out;
	struct range part; /* what is open: neighbours of one mapping and one kind */
	enum rank kind;
	uint64_t bytes[RANK_DISTANT + 1]; /* of it, by rank */
	uint64_t along; /* bytes of worse memory that the last of out took along */
	bool beside; /* the last of out is of the same mapping */
	size_t cuts, cuts_max;
};

static bool has_sp(const struct order *order, const struct range *range)
{
	size_t low = 0, high = order->sp_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (order->sps[middle] < range->start)
			low = middle + 1;
		else
			high = middle;
	}
	return low < order->sp_count && order->sps[low] < range->end;
}

/*
 * What is kept apart of a mapping: what may have to be waited for, and stacks, by their rank. One whose thread is on another (a signal's)
 * has no SP in it, and ends with its mapping. The loader's list or a thread's dtv on the heap are not
 * worth it.
 */
static enum rank kind_of(const struct order *order, const struct area *area,
			 const struct range *range)
{
	if (range->rank == RANK_CRASH || range->rank == RANK_DISTANT)
		return range->rank;
	if (range->rank == RANK_THREAD &&
	    (range->end >= area->content_end || has_sp(order, range)))
		return RANK_THREAD;
	return RANK_REST;
}

/* The best one, but for what is little beside the rest: a page is no reason to hurry a heap. */
static enum rank rank_of(const struct order *order)
{
	uint64_t worse = 0;
	enum rank rank = RANK_REST;

	while (rank > RANK_MUST && worse + order->bytes[rank] <= ALONG_MAX)
		worse += order->bytes[rank--];
	if (worse == range_size(&order->part)) /* all of it is little */
		for (rank = RANK_MUST; order->bytes[rank] == 0;)
			rank++;
	return rank;
}

/* One of two neighbours is small enough to go along with the other, or there are too many headers. */
static bool goes_along(struct order *order, const struct range *last,
		       const struct range *next)
{
	uint64_t worse = range_size(last->rank > next->rank ? last : next);
	bool apart = (last->rank == RANK_DISTANT) != (next->rank == RANK_DISTANT);

	if (!apart && worse <= ALONG_MAX && order->along + worse <= ALONG_MAX) {
		order->along += worse;
		return true;
	}
	return order->cuts >= order->cuts_max && last->rank != RANK_CRASH &&
	       next->rank != RANK_CRASH;
}

/* What may have to be waited for takes with it what has no header of its own. */
static void join(struct range *last, const struct range *next, bool is_little)
{
	bool better = next->rank < last->rank;

	if (last->rank == RANK_DISTANT || next->rank == RANK_DISTANT)
		last->rank = RANK_DISTANT;
	else if (is_little ? better : range_size(next) > range_size(last))
		last->rank = next->rank;
	last->end = next->end;
}

static void close_part(struct order *order)
{
	struct ranges *out = &order->out;
	struct range *last = out->count ? &out->ranges[out->count - 1] : NULL;
	struct range *part = &order->part;
	uint64_t along = order->along;

	if (part->start == part->end)
		return;
	if (order->kind == RANK_REST)
		part->rank = rank_of(order);
	else
		part->rank = order->kind;
	if (last && order->beside && last->end == part->start &&
	    goes_along(order, last, part)) {
		join(last, part, order->along > along);
	} else {
		order->cuts += last && order->beside && last->end == part->start;
		order->along = 0;
		ranges_append(out, part);
	}
	order->beside = true;
	part->start = part->end;
	memset(order->bytes, 0, sizeof(order->bytes));
}

static void take(struct order *order, const struct area *area, struct range range)
{
	struct range *part = &order->part;
	enum rank kind;

	if (range.start < area->start)
		range.start = area->start;
	if (range.end > area->content_end)
		range.end = area->content_end;
	if (range.start >= range.end)
		return;
	kind = kind_of(order, area, &range);
	if (part->end != range.start || order->kind != kind)
		close_part(order);
	if (part->start == part->end)
		*part = (struct range){ .start = range.start };
	part->end = range.end;
	order->kind = kind;
	order->bytes[range.rank] += range_size(&range);
}

/* *at moves on to the first range that may lie in the next area. */
static void take_area(struct order *order, const struct area *area,
		      const struct ranges *ranges, size_t *at)
{
	order->beside = false;
	while (*at < ranges->count && ranges->ranges[*at].end <= area->start)
		(*at)++;
	for (size_t i = *at; i < ranges->count; i++) {
		if (ranges->ranges[i].start >= area->content_end)
			break;
		take(order, area, ranges->ranges[i]);
	}
	close_part(order);
}

/*
 * Where one header goes on behind another in memory, elfutils must find it behind it in the file:
 * what it reads there (headers of modules, dynamic sections, the linker's list) goes out with the next.
 */
static void keep_chains(struct ranges *ranges)
{
	uint64_t along = 0;

	for (size_t i = ranges->count; i-- > 1;) {
		struct range *r = &ranges->ranges[i - 1];
		const struct range *next = &ranges->ranges[i];

		if (r->end != next->start)
			along = 0;
		else if (next->rank < r->rank && r->rank <= RANK_GLOBAL &&
			 along + range_size(r) <= ALONG_MAX) {
			along += range_size(r);
			r->rank = next->rank;
		}
	}
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void find_sps(const struct notes *notes, struct order *order)
{
	order->sps = calloc(notes->thread_count + 1, sizeof(*order->sps));
	if (!order->sps) {
		order->out.failed = true;
		return;
	}
	for (size_t i = 0; i < notes->thread_count; i++)
		order->sps[i] = notes->threads[i].sp;
	order->sp_count = notes->thread_count;
	qsort(order->sps, order->sp_count, sizeof(*order->sps), by_number);
}

void order_ranges(const struct space *space, const struct notes *notes,
		  struct ranges *ranges)
{
	struct order order = { .cuts_max = CUTS_MAX + 2 * space->count };
	size_t at = 0;

	find_sps(notes, &order);
	for (size_t i = 0; i < space->count; i++)
		take_area(&order, &space->areas[i], ranges, &at);
	keep_chains(&order.out);
	free(order.sps);
	order.out.failed |= ranges->failed;
	ranges_done(ranges);
	*ranges = order.out;
}
