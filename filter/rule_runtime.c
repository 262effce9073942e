/* SPDX-License-Identifier: MIT */
/*
 * Rank 7: what the tools of language runtimes read, before what pointers lead to anyhow.
 */
#include "filter/runtime.h"

/* A `heap` has all of it without being told. */
#define BYTES_MAX (64u << 20)

/* A budget is spent on whole ranges: what does not fit is left out in pieces of this size. */
#define CHUNK (64u << 10)

bool runtime_add(struct runtime *runtime, enum runtime_part part, uint64_t start,
		 uint64_t size)
{
	const struct area *area = space_at(runtime->view->space, start);
	struct spans *spans = &runtime->parts[part];

	if (size > runtime->left)
		return false;
	if (!area || start >= area->content_end)
		return true;
	if (size > area->content_end - start)
		size = area->content_end - start;
	runtime->left -= size;
	/* page by page: what shares one with what was added before it costs nothing */
	spans_add(spans, page_down(start), page_up(start + size));
	return true;
}

static void add_spans(const struct spans *spans, uint32_t order, struct ranges *ranges)
{
	for (size_t i = 0; i < spans->count; i++) {
		uint64_t at = spans->spans[i].start, end = spans->spans[i].end;

		for (; end - at > CHUNK; at += CHUNK)
			ranges_add_ordered(ranges, at, at + CHUNK, RANK_RUNTIME, order);
		ranges_add_ordered(ranges, at, end, RANK_RUNTIME, order);
	}
	ranges->failed |= spans->failed;
}

/* Each page once, where it is needed first: what is ordered must not overlap. */
static void add_parts(struct runtime *runtime, struct ranges *ranges)
{
	for (size_t i = 0; i < RUNTIME_PARTS; i++) {
		spans_join(&runtime->parts[i]);
		for (size_t k = 0; k < i; k++)
			spans_subtract(&runtime->parts[i], &runtime->parts[k]);
		add_spans(&runtime->parts[i], (uint32_t)i, ranges);
	}
}

void rule_runtime(const struct view *view, struct ranges *ranges)
{
	/* of what is named, with what is named again; budget_spend() has the last word */
	uint64_t budget = view->type->budget;
	struct runtime runtime = {
		.view = view,
		.left = budget < BYTES_MAX ? budget : BYTES_MAX,
	};

	if (!view->memory || !(view->type->ranks & RANK_BIT(RANK_RUNTIME)) ||
	    view->type->verbatim)
		return;
	runtime_go(&runtime);
	runtime_jvm(&runtime);
	add_parts(&runtime, ranges);
	for (size_t i = 0; i < RUNTIME_PARTS; i++)
		spans_done(&runtime.parts[i]);
}
