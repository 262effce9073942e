/* SPDX-License-Identifier: MIT */
/*
 * Rank 3: what tells one object from another: the first page of each, its build-id, the vdso.
 */
#include "filter/mapping.h"
#include "filter/object.h"
#include "filter/rules.h"

/* More objects than any process has; then the first page of the rest must do. */
#define OBJECTS_MAX 4096

static void add_build_id(const struct view *view, const struct area *area,
			 struct ranges *ranges)
{
	struct object object;

	if (object_read(view, area->start, &object) && object.build_id)
		mapping_add(view, object.build_id, 1, RANK_OBJECT, ranges);
}

void rule_object(const struct view *view, struct ranges *ranges)
{
	size_t objects = 0;

	for (size_t i = 0; i < view->space->count; i++) {
		const struct area *area = &view->space->areas[i];

		if (area->content_end == area->start)
			continue;
		if (area->is_vdso)
			ranges_add(ranges, area->start, area->content_end, RANK_OBJECT);
		if (!object_begins(view, area))
			continue;
		ranges_add(ranges, area->start, area->start + PAGE, RANK_OBJECT);
		if (objects++ < OBJECTS_MAX)
			add_build_id(view, area, ranges);
	}
}
