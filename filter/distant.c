/* SPDX-License-Identifier: MIT */
#include "filter/distant.h"

/*
 * How often the page map is asked for what was changed, and as often for what is there: 4 ms each, of processes that
 * have such memory alone. A program whose libraries lie there has a hundred pieces of it.
 */
#define LOOKS_MAX 4096

struct marking {
	const struct memory *memory;
	struct ranges out;
	size_t looks_changed, looks_there;
	bool absent; /* or it may be */
};

static bool next_changed(struct marking *marking, uint64_t start, uint64_t end,
			 uint64_t *ret_start, uint64_t *ret_end)
{
	const struct memory *memory = marking->memory;

	return memory && memory->next_changed && marking->looks_changed++ < LOOKS_MAX &&
	       memory->next_changed(memory->context, start, end, ret_start, ret_end);
}

static bool next_there(struct marking *marking, uint64_t start, uint64_t end,
		       uint64_t *ret_start, uint64_t *ret_end)
{
	const struct memory *memory = marking->memory;

	return memory && memory->next_there && marking->looks_there++ < LOOKS_MAX &&
	       memory->next_there(memory->context, start, end, ret_start, ret_end);
}

static void put(struct marking *marking, const struct range *from, uint64_t start,
		uint64_t end, enum rank rank)
{
	struct range range = *from;

	range.start = start;
	range.end = end;
	range.rank = rank;
	ranges_append(&marking->out, &range);
}

static void put_distant(struct marking *marking, const struct range *from, uint64_t start,
			uint64_t end)
{
	uint64_t at = start, there, there_end;

	put(marking, from, start, end, RANK_DISTANT);
	while (at < end && !marking->absent) {
		marking->absent = !next_there(marking, at, end, &there, &there_end) ||
				  there > at || there_end <= at;
		if (!marking->absent)
			at = there_end;
	}
}

/* A part of one range that lies in a span. */
static void put_part(struct marking *marking, const struct range *range, uint64_t start,
		     uint64_t end)
{
	uint64_t at = start, from, to;

	while (at < end && next_changed(marking, at, end, &from, &to) && to > at) {
		put_distant(marking, range, at, from);
		put(marking, range, from, to, range->rank);
		at = to;
	}
	put_distant(marking, range, at, end);
}

static void put_range(struct marking *marking, const struct range *range,
		      const struct spans *spans)
{
	uint64_t at = range->start;

	for (size_t i = spans_above(spans, at);
	     i < spans->count && spans->spans[i].start < range->end; i++) {
		uint64_t start = spans->spans[i].start, end = spans->spans[i].end;

		start = start > at ? start : at;
		end = end < range->end ? end : range->end;
		put(marking, range, at, start, range->rank);
		put_part(marking, range, start, end);
		at = end;
	}
	put(marking, range, at, range->end, range->rank);
}

bool distant_mark(const struct memory *memory, const struct spans *spans,
		  struct ranges *ranges)
{
	struct marking marking = { .memory = memory };

	if (!spans || !spans->count || spans->failed)
		return false;
	for (size_t i = 0; i < ranges->count; i++)
		put_range(&marking, &ranges->ranges[i], spans);
	marking.out.failed |= ranges->failed;
	ranges_done(ranges);
	*ranges = marking.out;
	return marking.absent;
}
