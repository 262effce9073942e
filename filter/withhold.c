/* SPDX-License-Identifier: MIT */
#include "filter/mapping.h"
#include "filter/untouched.h"
#include "filter/withhold.h"

/* Whatever is said: without these a debugger shows no frames, or stale values. */
#define NEEDED                                                                \
	(RANK_BIT(RANK_MUST) | RANK_BIT(RANK_CRASH) | RANK_BIT(RANK_LOADER) | \
	 RANK_BIT(RANK_OBJECT) | RANK_BIT(RANK_THREAD) | RANK_BIT(RANK_GLOBAL))

/* A hint's drop is only of whole pages: the rest of a page is somebody else's. */
static void add_inner(uint64_t start, uint64_t end, struct spans *spans)
{
	spans_add(spans, page_up(start), page_down(end));
}

static void find_secrets(const struct hints *hints, struct spans *ret)
{
	for (size_t i = 0; hints && i < hints->count; i++) {
		struct span words = hint_words(&hints->hints[i]);

		if (hints->hints[i].kind == HINT_SECRET)
			spans_add(ret, words.start, words.end);
	}
	spans_join(ret);
}

static void mark_secrets(const struct spans *secrets, struct ranges *ranges)
{
	struct spans pages = { 0 };

	for (size_t i = 0; i < secrets->count; i++)
		add_inner(secrets->spans[i].start, secrets->spans[i].end, &pages);
	spans_join(&pages);
	ranges_mark(ranges, &pages, ~0u, FATE_SECRET);
	spans_done(&pages);
}

static void mark_hints(const struct hints *hints, struct ranges *ranges)
{
	struct spans pages = { 0 };

	for (size_t i = 0; hints && i < hints->count; i++) {
		if (hints->hints[i].kind == HINT_DROP)
			add_inner(hints->hints[i].start, hints->hints[i].end, &pages);
	}
	spans_join(&pages);
	ranges_mark(ranges, &pages, ~NEEDED, FATE_HINT);
	spans_done(&pages);
}

static void mark_configured(const struct view *view, struct ranges *ranges)
{
	struct spans dropped = { 0 }, beyond = { 0 };
	uint64_t max = view->type->mapping_max;

	for (size_t i = 0; i < view->space->count; i++) {
		const struct area *area = &view->space->areas[i];

		if (mapping_matches(view, area, &view->type->drop))
			spans_add(&dropped, area->start, area->content_end);
		if (area->content_end - area->start > max)
			spans_add(&beyond, page_up(area->start + max), area->content_end);
	}
	spans_join(&dropped);
	spans_join(&beyond);
	ranges_mark(ranges, &dropped, ~NEEDED, FATE_CONFIG);
	ranges_mark(ranges, &beyond,
		    ~(NEEDED | RANK_BIT(RANK_HINT) | RANK_BIT(RANK_RUNTIME) |
		      RANK_BIT(RANK_POINTEE)),
		    FATE_CONFIG);
	spans_done(&dropped);
	spans_done(&beyond);
}

/*
 * In triage stacks have a budget, too, and one of 8 MiB of which a few pages were touched used it up before the
 * loader's list. A header without content costs nothing.
 */
static void mark_untouched(const struct view *view, struct ranges *ranges)
{
	const struct ranges nothing = { .ranges = NULL };
	struct spans untouched = { 0 };

	untouched_find(view, &nothing, &untouched);
	if (untouched.failed)
		ranges->failed = true;
	ranges_mark(ranges, &untouched, ~0u, FATE_UNTOUCHED);
	spans_done(&untouched);
}

void withhold_mark(const struct view *view, struct spans *ret_secrets,
		   struct ranges *ranges)
{
	find_secrets(view->hints, ret_secrets);
	mark_secrets(ret_secrets, ranges);
	if (view->type->verbatim) /* bit for bit, but for secrets */
		return;
	mark_hints(view->hints, ranges);
	mark_configured(view, ranges);
	if (view->type->scrub)
		mark_untouched(view, ranges);
}
