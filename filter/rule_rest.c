/* SPDX-License-Identifier: MIT */
/*
 * Rank 11: all that the kernel offers.
 */
#include "filter/rules.h"

void rule_rest(const struct view *view, struct ranges *ranges)
{
	for (size_t i = 0; i < view->space->count; i++) {
		const struct area *area = &view->space->areas[i];

		ranges_add(ranges, area->start, area->content_end, RANK_REST);
	}
}
