/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "filter/rewrite.h"
#include "filter/rules.h"

/*
 * Every area may be cut into as many pieces as there are ranges in it, plus its file's rest; and
 * plan_follow() cuts one more.
 */
static int make_room(const struct space *space, const struct ranges *ranges,
		     const struct spans *untouched, struct plan *plan)
{
	size_t most = 2 * space->count + ranges->count + untouched->count + 2;

	plan->segments = calloc(most, sizeof(*plan->segments));
	plan->extents = calloc(most, sizeof(*plan->extents));
	if (!plan->segments || !plan->extents)
		return -ENOMEM;
	if (!plan->by_rank)
		return 0;
	plan->places = calloc(most, sizeof(*plan->places));
	plan->new_places = calloc(most, sizeof(*plan->new_places));
	plan->moved = calloc(most, sizeof(*plan->moved));
	return plan->places && plan->new_places && plan->moved ? 0 : -ENOMEM;
}

static void add_segment(struct plan *plan, const struct area *area, uint64_t start,
			uint64_t content_end, uint64_t end, enum rank rank)
{
	struct segment *s = &plan->segments[plan->segment_count];

	*s = *area->segment;
	s->vaddr = start;
	s->filesz = content_end - start;
	s->memsz = end - start;
	s->offset = 0;
	if (s->filesz > 0)
		plan->extents[plan->extent_count++] = (struct extent){
			.offset = area->segment->offset + (start - area->start),
			.size = s->filesz,
			.segment = (uint32_t)plan->segment_count,
			.rank = rank,
		};
	plan->memory += s->filesz;
	plan->content += s->filesz;
	plan->segment_count++;
}

/* Those of the area that are below an address. */
static void add_untouched(struct plan *plan, const struct area *area,
			  const struct spans *untouched, size_t *next, uint64_t below)
{
	for (; *next < untouched->count && untouched->spans[*next].start < below;
	     (*next)++) {
		const struct span *span = &untouched->spans[*next];

		add_segment(plan, area, span->start, span->start, span->end, RANK_MUST);
	}
}

/*
 * Pieces of one area. Behind its content a file mapping goes on in the file: the last piece
 * says so by its p_memsz, or a segment without content does.
 */
static void cut_area(struct plan *plan, const struct area *area,
		     const struct ranges *ranges, size_t *at,
		     const struct spans *untouched, size_t *next)
{
	uint64_t done = area->start;
	bool file = area_is_file(area);

	while (*at < ranges->count && ranges->ranges[*at].end <= area->start)
		(*at)++;
	for (size_t i = *at; i < ranges->count; i++) {
		uint64_t start = ranges->ranges[i].start, end = ranges->ranges[i].end;

		if (start >= area->content_end)
			break;
		if (start < area->start)
			start = area->start;
		if (end > area->content_end)
			end = area->content_end;
		add_untouched(plan, area, untouched, next, start);
		done = file && end == area->content_end ? area->end : end;
		add_segment(plan, area, start, end, done,
			    plan->by_rank ? ranges->ranges[i].rank : RANK_MUST);
	}
	add_untouched(plan, area, untouched, next, area->end);
	if (file && done < area->end && area->content_end < area->end)
		add_segment(plan, area, area->content_end, area->content_end, area->end,
			    RANK_MUST);
}

/* Of one rank by address, as segments are: see filter/order.h. */
static int by_place(const void *a, const void *b)
{
	const struct extent *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	if (x->rank != RANK_MUST)
		return x->segment < y->segment ? -1 : x->segment > y->segment;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/*
 * Where nothing is, the kernel's headers name the end of what came before. elfutils joins
 * the segments of one object by that, and finds no static program without it.
 */
void rewrite_place_empty(struct plan *plan, uint64_t start)
{
	uint64_t end = start;

	for (size_t i = 0; i < plan->segment_count; i++) {
		struct segment *s = &plan->segments[i];

		if (s->type != PT_LOAD)
			continue;
		if (s->filesz == 0)
			s->offset = end;
		else
			end = s->offset + s->filesz;
	}
}

/* Memory goes out in the order in which it comes in, or by rank. */
static void place(struct plan *plan)
{
	uint64_t offset = 0;

	if (plan->extent_count)
		qsort(plan->extents, plan->extent_count, sizeof(*plan->extents),
		      by_place);
	for (size_t i = 0; i < plan->extent_count; i++) {
		plan->segments[plan->extents[i].segment].offset = offset;
		if (plan->by_rank)
			plan->places[i] = offset;
		offset += plan->extents[i].size;
	}
	rewrite_place_empty(plan, 0);
}

/*
 * The first PT_NOTE, by itself in front as the kernel has it. An empty one too: with PN_XNUM
 * it tells where the program headers end (see core.c).
 */
static void add_notes(const struct core *core, struct plan *plan)
{
	if (!core->note_segment)
		return;
	plan->segments[0] = *core->note_segment;
	plan->segments[0].filesz = core->notes.n;
	plan->segment_count = 1;
}

int rewrite_segments(const struct core *core, const struct space *space,
		     const struct ranges *ranges, const struct spans *untouched,
		     struct plan *plan)
{
	size_t at = 0, next = 0;
	int r = make_room(space, ranges, untouched, plan);

	if (r < 0)
		return r;
	add_notes(core, plan);
	for (size_t i = 0; i < space->count; i++)
		cut_area(plan, &space->areas[i], ranges, &at, untouched, &next);
	place(plan);
	return 0;
}

/*
 * Offsets in the new core: notes behind the program headers, memory on the next page. One program
 * header more has room where plan_follow() may need it.
 */
static void place_header(size_t notes, struct plan *plan, uint64_t *ret_notes)
{
	uint64_t table = plan->segment_count * elf_segment_size(plan->word);

	plan->phoff = elf_header_size(plan->word);
	*ret_notes = plan->phoff + table;
	plan->header_size = (size_t)page_up(
		*ret_notes + notes + (plan->by_rank ? elf_segment_size(plan->word) : 0));
	for (size_t i = 0; i < plan->segment_count; i++) {
		struct segment *s = &plan->segments[i];

		s->offset = s->type == PT_NOTE ? *ret_notes
					       : s->offset + plan->header_size;
		if (s->type == PT_NOTE)
			s->filesz = notes;
	}
	for (size_t i = 0; plan->by_rank && i < plan->extent_count; i++)
		plan->places[i] += plan->header_size;
}

/* The table has become longer by what plan_follow() cut. */
static void move_notes(struct plan *plan)
{
	uint64_t at = plan->phoff + plan->segment_count * elf_segment_size(plan->word);
	struct segment *notes = plan->segment_count ? &plan->segments[0] : NULL;

	if (!plan->by_rank || !notes || notes->type != PT_NOTE || notes->offset >= at)
		return;
	memmove(plan->header + at, plan->header + notes->offset, (size_t)notes->filesz);
	notes->offset = at;
}

/* Program headers into plan->header; e_phnum, and the trailer where it cannot hold them. */
static void write_segments(struct plan *plan, uint64_t memory_end)
{
	size_t size = elf_segment_size(plan->word);
	bool xnum = plan->segment_count >= PN_XNUM;

	move_notes(plan);
	for (size_t i = 0; i < plan->segment_count; i++)
		elf_segment_write(plan->word, &plan->segments[i],
				  plan->header + plan->phoff + i * size);
	plan->trailer_size = 0;
	if (xnum) {
		elf_xnum_write(plan->word, (uint32_t)plan->segment_count, plan->trailer);
		plan->trailer_size = elf_section_size(plan->word);
	}
	elf_header_patch(plan->word, plan->header, plan->phoff,
			 xnum ? PN_XNUM : (uint16_t)plan->segment_count,
			 xnum ? memory_end : 0);
	plan->size = memory_end + plan->trailer_size;
}

int rewrite_header(const struct core *core, struct bytes notes, struct plan *plan)
{
	uint64_t at;

	place_header(notes.n, plan, &at);
	plan->header = calloc(1, plan->header_size);
	if (!plan->header)
		return -ENOMEM;
	memcpy(plan->header, core->header_bytes.p, elf_header_size(plan->word));
	if (notes.n)
		memcpy(plan->header + at, notes.p, notes.n);
	write_segments(plan, plan->header_size + plan->content);
	return 0;
}

int rewrite_nothing(const struct core *core, struct plan *plan)
{
	plan->verbatim = true;
	plan->header_size = core->header_bytes.n;
	plan->header = malloc(plan->header_size);
	plan->segments = calloc(core->count, sizeof(*plan->segments));
	if (!plan->header || !plan->segments)
		return -ENOMEM;
	memcpy(plan->header, core->header_bytes.p, plan->header_size);
	memcpy(plan->segments, core->segments, core->count * sizeof(*plan->segments));
	plan->segment_count = core->count;
	plan->phoff = core->header.phoff;
	plan->size = core->size;
	for (size_t i = 0; i < core->count; i++) {
		if (core->segments[i].type == PT_LOAD)
			plan->memory += core->segments[i].filesz;
	}
	return 0;
}

void plan_header_again(struct plan *plan)
{
	write_segments(plan, plan->header_size + plan->content);
}

/* Whole pages, unless the segment itself ends in one. */
uint64_t rewrite_there(const struct segment *s, uint64_t size)
{
	if (s->filesz == 0 || s->offset + s->filesz <= size)
		return s->filesz;
	return s->offset < page_down(size) ? page_down(size) - s->offset : 0;
}

static void cut_segment(struct segment *s, uint64_t size)
{
	uint64_t there = rewrite_there(s, size);

	if (s->filesz == 0 && s->offset > size)
		s->offset = page_down(size); /* names memory, has none in the file */
	if (there == s->filesz)
		return;
	if (there == 0 || s->type != PT_LOAD) {
		*s = (struct segment){ .type = PT_NULL };
		return;
	}
	s->filesz = there;
	s->memsz = there;
}

void rewrite_cut(struct plan *plan, uint64_t size)
{
	plan->memory = 0;
	for (size_t i = 0; i < plan->segment_count; i++) {
		cut_segment(&plan->segments[i], size);
		if (plan->segments[i].type == PT_LOAD)
			plan->memory += plan->segments[i].filesz;
	}
	write_segments(plan, size);
}
