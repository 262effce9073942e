/* SPDX-License-Identifier: MIT */
/*
 * Rank 2: what tells a debugger which objects are loaded: the dynamic linker's chain. Beside it
 * the linker's own allocations: they and .bss tails touch the objects, so small
 * anonymous areas in an unbroken row with one, and near it, are kept whole. Where the
 * chain cannot be read, larger ones and farther ones are.
 */
#include "filter/jit.h"
#include "filter/link_map.h"

/*
 * small: a .bss or a linker's pool larger than this is data; rule_private ranks it. reach: what
 * is farther from an object is a program's own: 70,000 mappings of a page are one row.
 */
struct nearness {
	uint64_t small, reach;
};

static const struct nearness usual = { 256u << 10, 1u << 20 };
static const struct nearness in_doubt = { 2u << 20, 4u << 20 };

static bool is_object(const struct area *area)
{
	return area->backing == BACKING_FILE || area->is_vdso;
}

static void add_small(const struct area *area, const struct nearness *near,
		      struct ranges *ranges)
{
	if (area->backing == BACKING_ANONYMOUS &&
	    area->content_end - area->start <= near->small)
		ranges_add(ranges, area->start, area->content_end, RANK_LOADER);
}

static void add_behind_objects(const struct area *first, const struct area *end,
			       const struct nearness *near, struct ranges *ranges)
{
	const struct area *object = NULL;

	for (const struct area *area = first; area < end; area++) {
		if (is_object(area))
			object = area;
		else if (object && area->end - object->end <= near->reach)
			add_small(area, near, ranges);
	}
}

static void add_before_objects(const struct area *first, const struct area *end,
			       const struct nearness *near, struct ranges *ranges)
{
	const struct area *object = NULL;

	for (const struct area *area = end; area > first;) {
		area--;
		if (is_object(area))
			object = area;
		else if (object && object->start - area->start <= near->reach)
			add_small(area, near, ranges);
	}
}

/* Row by row: areas without a gap between. */
static void add_nearby(const struct view *view, const struct nearness *near,
		       struct ranges *ranges)
{
	const struct area *areas = view->space->areas;
	size_t count = view->space->count, first = 0;

	for (size_t i = 0; i < count; i++) {
		if (i + 1 < count && areas[i + 1].start == areas[i].end)
			continue;
		add_behind_objects(&areas[first], &areas[i + 1], near, ranges);
		add_before_objects(&areas[first], &areas[i + 1], near, ranges);
		first = i + 1;
	}
}

void rule_loader(const struct view *view, struct ranges *ranges)
{
	struct findings *findings = view->findings;
	struct link_map_walk walk;

	if (view->memory) {
		findings->loader_unreadable = !link_map_add(view, ranges, &walk);
		findings->loader_endless = walk.endless;
		jit_add(view, ranges);
	}
	add_nearby(view, findings->loader_unreadable ? &in_doubt : &usual, ranges);
}
