/* SPDX-License-Identifier: MIT */
/*
 * Rank 1: why there is a dump.
 */
#include "filter/mapping.h"
#include "filter/rules.h"
#include "filter/stack.h"

/* `ulimit -s` of 64 MiB, eight times the default, overflown. */
#define CRASH_CAP (64u << 20)

/* gdb's generate-core-file has no program headers for text, but the map of files has it. */
static bool is_nowhere(const struct view *view, uint64_t pc)
{
	return !space_at(view->space, pc) && !notes_file_at(view->notes, pc);
}

void rule_crash(const struct view *view, struct ranges *ranges)
{
	const struct notes *notes = view->notes;
	struct stack_part parts[STACK_PARTS];
	size_t n;

	if (notes->has_siginfo) /* often nowhere */
		mapping_add(view, notes_address(notes, notes->fault_address), 1,
			    RANK_CRASH, ranges);
	if (!notes->thread_count)
		return;
	mapping_add(view, notes->threads[0].pc, 1, RANK_CRASH, ranges);
	view->findings->pc_nowhere = is_nowhere(view, notes->threads[0].pc);
	n = stack_parts(view, 0, CRASH_CAP, parts);
	for (size_t i = 0; i < n; i++)
		ranges_add(ranges, parts[i].near.start, parts[i].near.end, RANK_CRASH);
	rules_note_stack(view, 0);
}
