/* SPDX-License-Identifier: MIT */
#include "filter/order.h"

/* So much of worse memory goes along with better one beside it, rather than in a header of its own. */
#define ALONG_MAX (64u << 10)

/*
 * Program headers more than mappings and what is left out between them ask for. Coroutines have
 * stacks without number in one mapping: then they go out with it.
 */
#define CUTS_MAX 4096

struct order {
	struct ranges out;
	struct range part; /* what is open: neighbours of one mapping and one kind */
	uint64_t bytes[RANK_REST + 1]; /* of it, by rank */
	uint64_t along; /* bytes of worse memory that the last of out took along */
	bool beside; /* the last of out is of the same mapping */
	size_t cuts, cuts_max;
};

/* What is kept apart of a mapping: stacks. A loader's list on the heap is not worth a header. */
static enum rank kind_of(enum rank rank)
{
	return rank == RANK_CRASH || rank == RANK_THREAD ? rank : RANK_REST;
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

	if (worse <= ALONG_MAX && order->along + worse <= ALONG_MAX) {
		order->along += worse;
		return true;
	}
	return order->cuts == order->cuts_max && last->rank != RANK_CRASH &&
	       next->rank != RANK_CRASH;
}

static void join(struct range *last, const struct range *next, bool is_little)
{
	bool better = next->rank < last->rank;

	if (is_little ? better : range_size(next) > range_size(last))
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
	if (kind_of(part->rank) == RANK_REST)
		part->rank = rank_of(order);
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

static void take(struct order *order, uint64_t start, uint64_t end, enum rank rank)
{
	struct range *part = &order->part;

	if (start >= end)
		return;
	if (part->end != start || kind_of(part->rank) != kind_of(rank))
		close_part(order);
	if (part->start == part->end)
		*part = (struct range){ .start = start, .rank = rank };
	part->end = end;
	order->bytes[rank] += end - start;
}

/* *at moves on to the first range that may lie in the next area. */
static void take_area(struct order *order, const struct area *area,
		      const struct ranges *ranges, size_t *at)
{
	order->beside = false;
	while (*at < ranges->count && ranges->ranges[*at].end <= area->start)
		(*at)++;
	for (size_t i = *at; i < ranges->count; i++) {
		const struct range *r = &ranges->ranges[i];

		if (r->start >= area->content_end)
			break;
		take(order, r->start > area->start ? r->start : area->start,
		     r->end < area->content_end ? r->end : area->content_end, r->rank);
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

void order_ranges(const struct space *space, struct ranges *ranges)
{
	struct order order = { .cuts_max = CUTS_MAX + 2 * space->count };
	size_t at = 0;

	for (size_t i = 0; i < space->count; i++)
		take_area(&order, &space->areas[i], ranges, &at);
	keep_chains(&order.out);
	order.out.failed |= ranges->failed;
	ranges_done(ranges);
	*ranges = order.out;
}
