/* SPDX-License-Identifier: MIT */
/*
 * Rank 7: what registers and stack words point to, then what those point to, by distance:
 * the crashing thread first. Then what thread-local and global variables point to.
 */
#include "filter/rules.h"
#include "filter/search.h"
#include "filter/stack.h"

/* Innermost bytes of a stack whose words are followed. */
#define CRASH_DEPTH  (1u << 20)
#define THREAD_DEPTH (64u << 10)

/* Around the thread pointer. */
#define TLS_DEPTH PAGE

/* Global variables, of one object and of all. */
#define OBJECT_GLOBALS (256u << 10)
#define GLOBALS	       (4u << 20)

/* 16 times the default; beyond it pointers say little of what matters. */
#define PAGES_MAX ((128u << 20) / PAGE)

static void seed_thread(struct search *search, size_t i)
{
	const struct view *view = search->view;
	struct span parts[STACK_PARTS];
	size_t n = stack_parts(view, i, i == 0 ? CRASH_DEPTH : THREAD_DEPTH, parts);

	search_seed_bytes(search, view->notes->threads[i].prstatus);
	for (size_t p = 0; p < n; p++)
		search_seed(search, parts[p].start, parts[p].end);
}

static void seed_tls(struct search *search, const struct thread *t)
{
	if (t->tls > TLS_DEPTH)
		search_seed(search, t->tls - TLS_DEPTH, t->tls + TLS_DEPTH);
}

/* Ranges of rank 6, which the rule before has added: the executable's come first. */
static void seed_globals(struct search *search, const struct spans *globals)
{
	uint64_t left = GLOBALS;

	for (size_t i = 0; i < globals->count && left; i++) {
		uint64_t start = globals->spans[i].start;
		uint64_t n = globals->spans[i].end - start;

		if (n > OBJECT_GLOBALS)
			n = OBJECT_GLOBALS;
		if (n > left)
			n = left;
		search_seed(search, start, start + n);
		left -= n;
	}
}

static void collect(const struct ranges *ranges, uint32_t ranks, struct spans *spans)
{
	for (size_t i = 0; i < ranges->count; i++) {
		const struct range *range = &ranges->ranges[i];

		if (ranks & RANK_BIT(range->rank))
			spans_add(spans, range->start, range->end);
	}
	spans_join(spans);
}

/* Where all memory is kept there is nothing to find. */
static bool keeps_all(const struct type *type)
{
	return (type->ranks & RANK_BIT(RANK_PRIVATE)) && type->budget == UINT64_MAX &&
	       type->mapping_max == UINT64_MAX && type->drop.count == 0;
}

static uint64_t pages_of(const struct type *type)
{
	return type->budget / PAGE < PAGES_MAX ? type->budget / PAGE : PAGES_MAX;
}

static void search(const struct view *view, const struct spans *kept,
		   const struct spans *globals, struct ranges *ranges)
{
	struct search search;

	search_start(&search, view, kept, pages_of(view->type), ranges);
	for (size_t i = 0; i < view->notes->thread_count; i++)
		seed_thread(&search, i);
	search_run(&search);
	for (size_t i = 0; i < view->notes->thread_count; i++)
		seed_tls(&search, &view->notes->threads[i]);
	search_run(&search);
	search_widen(&search);
	seed_globals(&search, globals);
	search_run(&search);
	ranges->failed |= search.failed;
	search_done(&search);
}

void rule_pointee(const struct view *view, struct ranges *ranges)
{
	struct spans kept = { 0 }, globals = { 0 };

	if (!view->memory || !(view->type->ranks & RANK_BIT(RANK_POINTEE)) ||
	    keeps_all(view->type))
		return;
	collect(ranges, ~0u, &kept);
	collect(ranges, RANK_BIT(RANK_GLOBAL), &globals);
	ranges->failed |= kept.failed || globals.failed;
	if (!ranges->failed)
		search(view, &kept, &globals, ranges);
	spans_done(&kept);
	spans_done(&globals);
}
