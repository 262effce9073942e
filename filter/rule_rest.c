/* SPDX-License-Identifier: MIT */
/*
 * All that the kernel offered, mapping by mapping: private memory, shared memory, the rest.
 * What lies below a stack's pointer is private, too, but nobody's any more: the last of it, so
 * that a thousand deep stacks do not use up the budget of the heap.
 */
#include <stdlib.h>

#include "filter/rules.h"

static enum rank rank_of(const struct area *area)
{
	if (area->backing == BACKING_SHARED)
		return RANK_SHARED;
	return area->backing == BACKING_ANONYMOUS ? RANK_PRIVATE : RANK_REST;
}

/* For each area the lowest stack pointer in it, 0 where there is none. NULL: no memory. */
static uint64_t *lowest_pointers(const struct view *view)
{
	uint64_t *lowest = calloc(view->space->count + 1, sizeof(*lowest));

	for (size_t i = 0; lowest && i < view->notes->thread_count; i++) {
		uint64_t sp = view->notes->threads[i].sp;
		const struct area *area = space_at(view->space, sp);
		uint64_t *at = area ? &lowest[area - view->space->areas] : NULL;

		if (at && (*at == 0 || sp < *at))
			*at = sp;
	}
	return lowest;
}

static void add_area(const struct view *view, const struct area *area, uint64_t sp,
		     struct ranges *ranges)
{
	uint64_t start = area->start;

	if (sp && rank_of(area) == RANK_PRIVATE) {
		uint64_t live = page_down(sp - view->notes->machine->red_zone);

		if (live > start && live <= area->content_end) {
			ranges_add(ranges, start, live, RANK_DEAD_STACK);
			start = live;
		}
	}
	ranges_add(ranges, start, area->content_end, rank_of(area));
}

void rule_rest(const struct view *view, struct ranges *ranges)
{
	uint64_t *lowest = lowest_pointers(view);

	if (!lowest) {
		ranges->failed = true;
		return;
	}
	for (size_t i = 0; i < view->space->count; i++)
		add_area(view, &view->space->areas[i], lowest[i], ranges);
	free(lowest);
}
