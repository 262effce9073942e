/* SPDX-License-Identifier: MIT */
/*
 * Rank 13: all else that the kernel offers: what is anonymous or shared has its rules. With 70,000
 * mappings a second range for each is 5 MiB while ranges are sorted.
 */
#include "filter/rules.h"

void rule_rest(const struct view *view, struct ranges *ranges)
{
	for (size_t i = 0; i < view->space->count; i++) {
		const struct area *area = &view->space->areas[i];

		if (area->backing == BACKING_FILE)
			ranges_add(ranges, area->start, area->content_end, RANK_REST);
	}
}
