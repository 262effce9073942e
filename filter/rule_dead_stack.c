/* SPDX-License-Identifier: MIT */
/*
 * Rank 11: below a stack's pointer memory is private, too, but nobody's any more: late, so that
 * a thousand deep stacks do not use up the budget of the heap.
 */
#include <stdlib.h>

#include "filter/rules.h"
#include "filter/stack.h"

void rule_dead_stack(const struct view *view, struct ranges *ranges)
{
	uint64_t *lowest = stack_lowest(view);

	ranges->failed |= !lowest;
	for (size_t i = 0; lowest && i < view->space->count; i++) {
		const struct area *area = &view->space->areas[i];

		if (area->backing == BACKING_ANONYMOUS && lowest[i])
			ranges_add(ranges, area->start, lowest[i], RANK_DEAD_STACK);
	}
	free(lowest);
}
