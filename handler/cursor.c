/* SPDX-License-Identifier: MIT */
#include "handler/cursor.h"

/* A copy of a cursor has its own whole. */
static const struct extent *extent_of(const struct cursor *cursor)
{
	return cursor->is_whole ? &cursor->whole : &cursor->extents[cursor->index];
}

/* Nothing is left of an extent that the place is in only at the end of the plan. */
static void pass_ended(struct cursor *cursor)
{
	while (cursor->index < cursor->count && cursor->done >= extent_of(cursor)->size) {
		cursor->done -= extent_of(cursor)->size;
		cursor->index++;
	}
}

void cursor_open(const struct plan *plan, struct cursor *ret)
{
	*ret = (struct cursor){
		.extents = plan->extents,
		.count = plan->verbatim ? 1 : plan->extent_count,
		.is_whole = plan->verbatim,
	};
	if (plan->verbatim && plan->size > plan->header_size)
		ret->whole = (struct extent){ .offset = plan->header_size,
					      .size = plan->size - plan->header_size };
	pass_ended(ret);
}

void cursor_open_rest(const struct extent *extents, size_t count, struct cursor *ret)
{
	*ret = (struct cursor){ .extents = extents, .count = count };
	pass_ended(ret);
}

uint64_t cursor_left(const struct cursor *cursor)
{
	return cursor->index < cursor->count ? extent_of(cursor)->size - cursor->done : 0;
}

uint64_t cursor_offset(const struct cursor *cursor)
{
	return extent_of(cursor)->offset + cursor->done;
}

/* Stacks of the crash; what else a debugger needs for frames and globals; the rest; what may never be had. */
static unsigned int part_of(enum rank rank)
{
	return (rank > RANK_CRASH) + (rank > RANK_GLOBAL) + (rank > RANK_REST);
}

bool cursor_at_border(const struct cursor *cursor)
{
	const struct extent *next;

	/* A verbatim plan has no extents, and behind the last one there is none. */
	if (cursor->is_whole || cursor->done > 0 || cursor->index == 0 ||
	    cursor->index >= cursor->count)
		return false;
	next = &cursor->extents[cursor->index];
	return part_of(next->rank) != part_of(next[-1].rank);
}

void cursor_move(struct cursor *cursor, uint64_t n)
{
	cursor->done += n;
	pass_ended(cursor);
}
