/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "filter/rewrite.h"

#define UNIT 4u

/* Parts of one segment's content that are blanked: input offsets for who copies. */
static void add_blanks(const struct extent *extent, const struct segment *s,
		       const struct spans *blanks, struct plan *plan)
{
	uint64_t end = s->vaddr + extent->size;

	for (size_t i = spans_above(blanks, s->vaddr);
	     i < blanks->count && blanks->spans[i].start < end; i++) {
		uint64_t from = blanks->spans[i].start, to = blanks->spans[i].end;

		if (from < s->vaddr)
			from = s->vaddr;
		if (to > end)
			to = end;
		plan->blanks[plan->blank_count++] = (struct blank){
			.offset = extent->offset + (from - s->vaddr),
			.size = to - from,
		};
		plan->memory -= to - from;
	}
}

static int by_offset(const void *a, const void *b)
{
	const struct blank *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* A span may lie across as many segments as there are. */
static int find_blanks(const struct spans *blanks, struct plan *plan)
{
	plan->blanks = calloc(blanks->count + plan->extent_count, sizeof(*plan->blanks));
	if (!plan->blanks)
		return -ENOMEM;
	for (size_t i = 0; i < plan->extent_count; i++)
		add_blanks(&plan->extents[i], &plan->segments[plan->extents[i].segment],
			   blanks, plan);
	if (plan->blank_count)
		qsort(plan->blanks, plan->blank_count, sizeof(*plan->blanks), by_offset);
	return 0;
}

/* start is below end. */
static void add_part(struct plan *plan, const struct segment *whole, uint64_t start,
		     uint64_t content_end, uint64_t end)
{
	struct segment *s = &plan->segments[plan->segment_count];

	*s = *whole;
	s->vaddr = start;
	s->offset += start - whole->vaddr;
	s->filesz = content_end - start;
	s->memsz = end - start;
	s->align = UNIT;
	plan->segment_count++;
}

/* A file goes on behind the content; that part keeps its header. */
static void split_segment(struct plan *plan, const struct segment *s,
			  const struct spans *blanks)
{
	uint64_t at = s->vaddr, content_end = s->vaddr + s->filesz;
	uint64_t end = s->vaddr + s->memsz;

	for (size_t i = spans_above(blanks, at);
	     i < blanks->count && blanks->spans[i].start < content_end; i++) {
		uint64_t start = blanks->spans[i].start;

		if (start > at)
			add_part(plan, s, at, start, start);
		at = blanks->spans[i].end;
	}
	if (at < content_end)
		add_part(plan, s, at, content_end, end);
	else if (end > content_end)
		add_part(plan, s, content_end, content_end, end);
}

static bool is_blanked(const struct segment *s, const struct spans *blanks)
{
	size_t i = spans_above(blanks, s->vaddr);

	return s->type == PT_LOAD && s->filesz > 0 && i < blanks->count &&
	       blanks->spans[i].start < s->vaddr + s->filesz;
}

int rewrite_blanks(const struct spans *blanks, struct plan *plan)
{
	struct segment *whole = plan->segments;
	size_t count = plan->segment_count, most;
	int r;

	if (!blanks->count)
		return 0;
	r = find_blanks(blanks, plan);
	if (r < 0)
		return r;
	most = 2 * count + plan->blank_count;
	plan->segments = calloc(most + 1, sizeof(*plan->segments));
	plan->segment_count = 0;
	for (size_t i = 0; plan->segments && i < count; i++) {
		if (is_blanked(&whole[i], blanks))
			split_segment(plan, &whole[i], blanks);
		else
			plan->segments[plan->segment_count++] = whole[i];
	}
	free(whole);
	return plan->segments ? 0 : -ENOMEM;
}
