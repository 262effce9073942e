/* SPDX-License-Identifier: MIT */
/*
 * What the dynamic loader keeps in anonymous memory: .bss tails, link_map nodes, names. Where
 * exactly, only memory tells; but the loader's own allocations and the tails touch the
 * objects, so small anonymous areas in an unbroken row with one, and near it, are kept whole.
 */
#include "filter/rules.h"

/* A .bss or a loader's pool larger than this is data; rule_rest ranks it. */
#define SMALL_AREA (256u << 10)

/* What is farther from an object is a program's own: 70,000 mappings of a page are one row. */
#define REACH (1u << 20)

static bool is_object(const struct area *area)
{
	return area->backing == BACKING_FILE || area->is_vdso;
}

static void add_small(const struct area *area, struct ranges *ranges)
{
	if (area->backing == BACKING_ANONYMOUS &&
	    area->content_end - area->start <= SMALL_AREA)
		ranges_add(ranges, area->start, area->content_end, RANK_LOADER);
}

static void add_behind_objects(const struct area *first, const struct area *end,
			       struct ranges *ranges)
{
	const struct area *object = NULL;

	for (const struct area *area = first; area < end; area++) {
		if (is_object(area))
			object = area;
		else if (object && area->end - object->end <= REACH)
			add_small(area, ranges);
	}
}

static void add_before_objects(const struct area *first, const struct area *end,
			       struct ranges *ranges)
{
	const struct area *object = NULL;

	for (const struct area *area = end; area > first;) {
		area--;
		if (is_object(area))
			object = area;
		else if (object && object->start - area->start <= REACH)
			add_small(area, ranges);
	}
}

/* Row by row: areas without a gap between. */
void rule_loader(const struct view *view, struct ranges *ranges)
{
	const struct area *areas = view->space->areas;
	size_t count = view->space->count, first = 0;

	for (size_t i = 0; i < count; i++) {
		if (i + 1 < count && areas[i + 1].start == areas[i].end)
			continue;
		add_behind_objects(&areas[first], &areas[i + 1], ranges);
		add_before_objects(&areas[first], &areas[i + 1], ranges);
		first = i + 1;
	}
}
