/* SPDX-License-Identifier: MIT */
#include "filter/limit.h"

/* Bytes that stay, of the ranks in a set. */
static uint64_t total(const struct ranges *ranges, uint32_t ranks)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < ranges->count; i++) {
		const struct range *r = &ranges->ranges[i];

		if (r->fate == FATE_KEPT && (ranks & RANK_BIT(r->rank)))
			sum += range_size(r);
	}
	return sum;
}

/*
 * In rank order, and of the last range its beginning, which for a stack is the innermost
 * frames.
 */
static void take(struct ranges *ranges, uint64_t limit)
{
	size_t count = ranges->count;

	for (size_t i = 0; i < count; i++) {
		struct range *r = &ranges->ranges[i];

		if (r->fate != FATE_KEPT)
			continue;
		if (range_size(r) > limit &&
		    (r->rank > RANK_GLOBAL || page_down(limit) == 0)) {
			r->fate = FATE_LIMIT;
			continue;
		}
		ranges_cut(ranges, i, page_down(limit), FATE_LIMIT);
		limit -= range_size(&ranges->ranges[i]); /* cutting may have moved it */
	}
}

#define CHANGED_FILES (RANK_BIT(RANK_OBJECT) | RANK_BIT(RANK_GLOBAL))

/*
 * A debugger reads from the executable what it misses of a changed file page, whatever the
 * core says: left out, globals would show link-time values as live ones. So a limit
 * takes these pages first, if the crashing thread's stack fits beside them, or is too large
 * to be whole anyway and they leave it half.
 */
static void favour_changed_files(struct ranges *ranges, uint64_t limit)
{
	uint64_t files = total(ranges, CHANGED_FILES);
	uint64_t stack = total(ranges, RANK_BIT(RANK_CRASH));

	if (files > limit ||
	    (stack > limit - files && (stack <= limit || files > limit / 2)))
		return;
	for (size_t i = 0; i < ranges->count; i++) {
		struct range *r = &ranges->ranges[i];

		if (!(CHANGED_FILES & RANK_BIT(r->rank)))
			continue;
		r->order = r->rank; /* theirs have no order */
		r->rank = RANK_MUST;
	}
	ranges_sort_by_rank(ranges);
}

/* For the drop map. */
static void restore_ranks(struct ranges *ranges)
{
	for (size_t i = 0; i < ranges->count; i++) {
		struct range *r = &ranges->ranges[i];

		if (r->rank == RANK_MUST)
			r->rank = (enum rank)r->order;
	}
}

void limit_spend(struct ranges *ranges, uint64_t limit, struct limit_result *ret)
{
	uint64_t wanted = total(ranges, ~0u), files = total(ranges, CHANGED_FILES);

	if (wanted > limit) {
		favour_changed_files(ranges, limit);
		take(ranges, limit);
		restore_ranks(ranges);
	}
	ret->left_out = wanted - total(ranges, ~0u);
	ret->stale = total(ranges, CHANGED_FILES) < files;
}
