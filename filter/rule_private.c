/* SPDX-License-Identifier: MIT */
/*
 * Rank 10: private memory, mapping by mapping, but for what lies below stack pointers; and what
 * was changed of files that are no modules.
 */
#include <stdlib.h>

#include "filter/data_files.h"
#include "filter/rules.h"
#include "filter/stack.h"

void rule_private(const struct view *view, struct ranges *ranges)
{
	uint64_t *lowest = stack_lowest(view);

	ranges->failed |= !lowest;
	for (size_t i = 0; lowest && i < view->space->count; i++) {
		const struct area *area = &view->space->areas[i];

		if (area->backing == BACKING_ANONYMOUS)
			ranges_add(ranges, lowest[i] ? lowest[i] : area->start,
				   area->content_end, RANK_PRIVATE);
	}
	data_files_add(view, ranges);
	free(lowest);
}
