/* SPDX-License-Identifier: MIT */
/*
 * A plan by rank whose input becomes a pipe: what is left goes out in the order in which it comes in.
 */
#include <stdlib.h>

#include "filter/plan.h"
#include "filter/rewrite.h"

/* The first extent that ends behind a place; count: none. */
static size_t extent_above(const struct plan *plan, uint64_t place)
{
	size_t low = 0, high = plan->extent_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (plan->places[middle] + plan->extents[middle].size <= place)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int by_input(const void *a, const void *b)
{
	const struct extent *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

size_t plan_rest(const struct plan *plan, uint64_t size, struct extent *ret)
{
	size_t first = extent_above(plan, size), count = plan->extent_count - first;

	if (count == 0)
		return 0;
	memcpy(ret, plan->extents + first, count * sizeof(*ret));
	if (plan->places[first] < size) {
		ret[0].offset += size - plan->places[first];
		ret[0].size -= size - plan->places[first];
	}
	qsort(ret, count, sizeof(*ret), by_input);
	for (size_t i = 0; i < count; i++)
		ret[i].rank = RANK_MUST;
	return count;
}

/* One that lies across becomes two; there is room for one more. Of what is cut, pages are whole. */
static void cut_extent(struct plan *plan, uint64_t size)
{
	size_t i = extent_above(plan, size);
	struct extent *e = &plan->extents[i];
	uint64_t *place = &plan->places[i];

	if (i == plan->extent_count || *place >= size)
		return;
	memmove(e + 1, e, (plan->extent_count - i) * sizeof(*e));
	memmove(place + 1, place, (plan->extent_count - i) * sizeof(*place));
	plan->extent_count++;
	e[0].size = size - *place;
	e[1].offset += e->size;
	e[1].size -= e->size;
	place[1] = size;
}

static void cut_segment(struct plan *plan, uint64_t size)
{
	for (size_t i = 0; i < plan->segment_count; i++) {
		struct segment *s = &plan->segments[i];
		uint64_t before = size - s->offset;

		if (s->type != PT_LOAD || s->offset >= size || before >= s->filesz)
			continue;
		memmove(s + 1, s, (plan->segment_count - i) * sizeof(*s));
		plan->segment_count++;
		s[0].filesz = s[0].memsz = before;
		s[1].vaddr += before;
		s[1].offset += before;
		s[1].filesz -= before;
		s[1].memsz -= before;
		return;
	}
}

/* Of what has an offset in the input: moved is in that order. */
static uint64_t new_place(const struct plan *plan, size_t count, uint64_t offset)
{
	const struct extent *moved = plan->moved;
	size_t low = 0, high = count - 1;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (moved[middle].offset + moved[middle].size <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return plan->new_places[low];
}

static void move_segments(struct plan *plan, size_t count, uint64_t size)
{
	for (size_t i = 0; i < plan->segment_count; i++) {
		struct segment *s = &plan->segments[i];
		size_t extent;

		if (s->type != PT_LOAD || s->filesz == 0 || s->offset < size)
			continue;
		extent = extent_above(plan, s->offset);
		s->offset += new_place(plan, count, plan->extents[extent].offset) -
			     plan->places[extent];
	}
}

void plan_follow(struct plan *plan, uint64_t size)
{
	size_t first, count = plan_rest(plan, size, plan->moved);
	uint64_t place = size;

	if (count == 0)
		return;
	cut_extent(plan, size);
	cut_segment(plan, size);
	for (size_t i = 0; i < count; i++) {
		plan->new_places[i] = place;
		place += plan->moved[i].size;
	}
	move_segments(plan, count, size);
	first = plan->extent_count - count;
	memcpy(plan->extents + first, plan->moved, count * sizeof(*plan->moved));
	memcpy(plan->places + first, plan->new_places, count * sizeof(*plan->places));
	rewrite_place_empty(plan, plan->header_size);
}
