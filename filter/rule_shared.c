/* SPDX-License-Identifier: MIT */
/*
 * Rank 12: shared memory that no file holds.
 */
#include "filter/rules.h"

void rule_shared(const struct view *view, struct ranges *ranges)
{
	for (size_t i = 0; i < view->space->count; i++) {
		const struct area *area = &view->space->areas[i];

		if (area->backing == BACKING_SHARED)
			ranges_add(ranges, area->start, area->content_end, RANK_SHARED);
	}
}
