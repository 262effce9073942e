/* SPDX-License-Identifier: MIT */
/*
 * Rank 4: what the program says is to be kept, and mappings that the configuration names.
 */
#include "filter/mapping.h"
#include "filter/rules.h"

/* Behind all that programs ask for. */
#define CONFIGURED UINT32_MAX

/*
 * As many hints as are read, and as many mappings: one hint that names everything is well. 20,000
 * of them in 1,000 mappings were 1 GiB of ranges.
 */
#define RANGES_MAX (1u << 17)

/* A hint may name anything; only what the core has can be kept. */
static void add_clamped(const struct view *view, const struct hint *hint, size_t before,
			struct ranges *ranges)
{
	const struct area *area = space_above(view->space, hint->start);
	const struct area *last = view->space->areas + view->space->count;

	for (; area && area < last && area->start < hint->end; area++) {
		uint64_t start = hint->start, end = hint->end;

		if (ranges->count - before >= RANGES_MAX) {
			view->findings->hints_endless = true;
			return;
		}
		if (start < area->start)
			start = area->start;
		if (end > area->content_end)
			end = area->content_end;
		ranges_add_ordered(ranges, start, end, RANK_HINT, hint->priority);
	}
}

static void add_configured(const struct view *view, struct ranges *ranges)
{
	for (size_t i = 0; i < view->space->count; i++) {
		const struct area *area = &view->space->areas[i];

		if (mapping_matches(view, area, &view->type->keep))
			ranges_add_ordered(ranges, area->start, area->content_end,
					   RANK_HINT, CONFIGURED);
	}
}

void rule_hint(const struct view *view, struct ranges *ranges)
{
	size_t before = ranges->count;

	for (size_t i = 0; view->hints && i < view->hints->count; i++) {
		if (view->hints->hints[i].kind == HINT_KEEP)
			add_clamped(view, &view->hints->hints[i], before, ranges);
	}
	add_configured(view, ranges);
}
