/* SPDX-License-Identifier: MIT */
/*
 * Objects: first page of each (build-id, program headers), the vdso, and the pages of files
 * that the process changed: .data, RELRO, private maps. gdb reads the file on disk for what a
 * core lacks, so dropping changed pages would show link-time values as live ones.
 */
#include "filter/rules.h"

static bool is_first_page(const struct view *view, const struct area *area)
{
	const struct file_mapping *file = notes_file_at(view->notes, area->start);

	return file && file->offset == 0 && file->start == area->start;
}

static void add_file(const struct view *view, const struct area *area,
		     struct ranges *ranges)
{
	uint64_t start = area->start;

	if (is_first_page(view, area)) {
		ranges_add(ranges, start, start + PAGE, RANK_OBJECT);
		start += PAGE;
	}
	if (start < area->content_end)
		ranges_add(ranges, start, area->content_end, RANK_GLOBAL);
}

void rule_objects(const struct view *view, struct ranges *ranges)
{
	for (size_t i = 0; i < view->space->count; i++) {
		const struct area *area = &view->space->areas[i];

		if (area->content_end == area->start)
			continue;
		if (area->is_vdso)
			ranges_add(ranges, area->start, area->content_end, RANK_OBJECT);
		else if (area->backing == BACKING_FILE)
			add_file(view, area, ranges);
	}
}
