/* SPDX-License-Identifier: MIT */
/*
 * Rank 5: what belongs to the threads that did not crash, and every thread's own variables.
 */
#include "filter/rules.h"
#include "filter/stack.h"
#include "filter/tls.h"

/* Deep for a thread that only waits. */
#define THREAD_CAP (1u << 20)

void rules_note_stack(const struct view *view, size_t i)
{
	enum stack_place place = stack_place(view, i);

	view->findings->sp_nowhere |= place == STACK_NOWHERE;
	view->findings->sp_not_offered |= place == STACK_NOT_OFFERED;
	view->findings->no_registers |= place == STACK_NONE;
}

static void add_stack(const struct view *view, size_t i, struct ranges *ranges)
{
	struct stack_part parts[STACK_PARTS];
	size_t n = stack_parts(view, i, THREAD_CAP, parts);

	for (size_t p = 0; p < n; p++)
		ranges_add(ranges, parts[p].near.start, parts[p].near.end, RANK_THREAD);
	rules_note_stack(view, i);
}

void rule_thread(const struct view *view, struct ranges *ranges)
{
	struct tls tls;

	tls_start(view, &tls);
	for (size_t i = 0; i < view->notes->thread_count; i++) {
		if (i > 0)
			add_stack(view, i, ranges);
		tls_add(view, &tls, i, ranges);
	}
}
