/* SPDX-License-Identifier: MIT */
/*
 * Rank 9: a fiber, a goroutine or a stack that malloc gave is a part of a larger mapping. What is next to
 * SP is rank 1 or 5; what is farther may be stack or anybody's, and is in the budget: what is nearest
 * to SP first.
 */
#include "filter/rules.h"
#include "filter/stack.h"

/* Ranges are taken or left whole. */
#define STEP (64u << 10)

/* To look at a range for what it costs takes 50 us. */
#define FAR_CRASH   (2u << 20)
#define FAR_THREAD  (256u << 10)
#define THREADS_MAX 64

/* Any: the part's near end is what counts here. */
#define NEAR (1u << 20)

static void add_part(const struct stack_part *part, uint64_t most, struct ranges *ranges)
{
	uint64_t start = page_up(part->near.end), end = part->far;
	uint32_t order = 0;

	if (start >= end)
		return;
	if (end - start > most)
		end = start + most;
	for (; start < end; start += STEP)
		ranges_add_ordered(ranges, start, end - start < STEP ? end : start + STEP,
				   RANK_FAR_STACK, order++);
}

void rule_far_stack(const struct view *view, struct ranges *ranges)
{
	size_t count = view->notes->thread_count;

	for (size_t i = 0; i < count && i < THREADS_MAX; i++) {
		struct stack_part parts[STACK_PARTS];
		size_t n = stack_parts(view, i, NEAR, parts);

		for (size_t p = 0; p < n; p++)
			add_part(&parts[p], i == 0 ? FAR_CRASH : FAR_THREAD, ranges);
	}
}
