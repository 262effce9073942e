/* SPDX-License-Identifier: MIT */
/*
 * All that the kernel offered, mapping by mapping: private memory, shared memory, the rest.
 */
#include "filter/rules.h"

static enum rank rank_of(const struct area *area)
{
	if (area->backing == BACKING_SHARED)
		return RANK_SHARED;
	return area->backing == BACKING_ANONYMOUS ? RANK_PRIVATE : RANK_REST;
}

void rule_rest(const struct view *view, struct ranges *ranges)
{
	for (size_t i = 0; i < view->space->count; i++) {
		const struct area *area = &view->space->areas[i];

		ranges_add(ranges, area->start, area->content_end, rank_of(area));
	}
}
