/* SPDX-License-Identifier: MIT */
/*
 * Rank 1: why there is a dump.
 */
#include "filter/rules.h"
#include "filter/stack.h"

/* `ulimit -s` of 64 MiB, eight times the default, overflown. */
#define CRASH_CAP (64u << 20)

static bool add_page(const struct view *view, uint64_t address, struct ranges *ranges)
{
	const struct area *area = space_at(view->space, address);

	if (area && address < area->content_end)
		ranges_add(ranges, page_down(address), page_down(address) + PAGE,
			   RANK_CRASH);
	return area != NULL;
}

void rule_crash(const struct view *view, struct ranges *ranges)
{
	const struct notes *notes = view->notes;
	struct span parts[STACK_PARTS];
	size_t n;

	if (notes->has_siginfo)
		(void)add_page(view, notes_address(notes, notes->fault_address),
			       ranges); /* often nowhere */
	if (!notes->thread_count)
		return;
	view->findings->pc_nowhere = !add_page(view, notes->threads[0].pc, ranges);
	n = stack_parts(view, 0, CRASH_CAP, parts);
	for (size_t i = 0; i < n; i++)
		ranges_add(ranges, parts[i].start, parts[i].end, RANK_CRASH);
	if (!stack_is_known(view, &notes->threads[0]))
		view->findings->sp_nowhere = true;
}
