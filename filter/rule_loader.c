/* SPDX-License-Identifier: MIT */
/*
 * What the dynamic loader keeps in anonymous memory: .bss tails, link_map nodes, names. Where
 * exactly, only memory tells; but the loader's own allocations and the tails touch the
 * objects, so small anonymous areas in an unbroken row with one are kept whole.
 */
#include "filter/rules.h"

/* A .bss or a loader's pool larger than this is data; rule_rest ranks it. */
#define SMALL_AREA (256u << 10)

static bool is_object(const struct area *area)
{
	return area->backing == BACKING_FILE || area->is_vdso;
}

static void add_row(const struct area *first, const struct area *end,
		    struct ranges *ranges)
{
	for (const struct area *area = first; area < end; area++) {
		if (area->backing == BACKING_ANONYMOUS &&
		    area->content_end - area->start <= SMALL_AREA)
			ranges_add(ranges, area->start, area->content_end, RANK_LOADER);
	}
}

void rule_loader(const struct view *view, struct ranges *ranges)
{
	const struct area *areas = view->space->areas;
	size_t count = view->space->count, first = 0;
	bool object = false;

	for (size_t i = 0; i < count; i++) {
		object |= is_object(&areas[i]);
		if (i + 1 < count && areas[i + 1].start == areas[i].end)
			continue;
		if (object)
			add_row(&areas[first], &areas[i + 1], ranges);
		first = i + 1;
		object = false;
	}
}
