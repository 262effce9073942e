/* SPDX-License-Identifier: MIT */
/*
 * Thread control blocks and static TLS around each thread pointer, in whole pages: 64 bytes
 * missing from struct pthread make libthread_db refuse all threads.
 */
#include "filter/rules.h"

/* The initial thread's block is an area of its own with the loader's first allocations. */
#define SMALL_AREA (256u << 10)
/* Below the pointer: static TLS of a program with much of it (x86 puts it there). */
#define BELOW (64u << 10)

/* On the thread's own stack, TLS lies between its frames and the pointer. */
static bool on_own_stack(const struct area *area, const struct thread *t)
{
	return t->sp >= area->start && t->sp < t->tls;
}

static void add_block(const struct view *view, const struct thread *t,
		      struct ranges *ranges)
{
	const struct area *area = space_at(view->space, t->tls);
	uint64_t start, end;

	if (!area || t->tls >= area->content_end)
		return;
	start = area->start;
	end = area->content_end;
	if (end - start > SMALL_AREA || on_own_stack(area, t)) {
		if (t->tls - start > BELOW)
			start = t->tls - BELOW;
		if (on_own_stack(area, t) && t->sp > start)
			start = t->sp;
		if (end - t->tls > view->notes->machine->above_tls)
			end = t->tls + view->notes->machine->above_tls;
	}
	ranges_add(ranges, start, end, RANK_THREAD);
}

void rule_tls(const struct view *view, struct ranges *ranges)
{
	for (size_t i = 0; i < view->notes->thread_count; i++) {
		if (view->notes->threads[i].tls)
			add_block(view, &view->notes->threads[i], ranges);
	}
}
