/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "filter/pieces.h"
#include "filter/rewrite.h"

/* What is not kept of ranges that are. */
struct withheld {
	const struct spans *secrets, *gaps;
	const struct spans *untouched; /* nor is it of what is not */
	const struct spans *blanks; /* both, and in triage what is scrubbed */
	bool scrubbed;
};

struct pieces {
	struct piece *pieces;
	size_t count, capacity;
	bool failed;
};

static void add(struct pieces *to, uint64_t start, uint64_t end, enum fate fate,
		enum rank rank)
{
	if (start >= end)
		return;
	if (to->count == to->capacity) {
		size_t capacity = to->capacity ? to->capacity * 2 : 64;
		struct piece *bigger =
			reallocarray(to->pieces, capacity, sizeof(*bigger));

		if (!bigger) {
			to->failed = true;
			return;
		}
		to->pieces = bigger;
		to->capacity = capacity;
	}
	to->pieces[to->count++] = (struct piece){ start, end, fate, rank };
}

/* A range without what some spans cover, which has another fate. */
static void add_around(struct pieces *to, struct piece piece, const struct spans *spans,
		       enum fate covered)
{
	for (size_t i = spans_above(spans, piece.start);
	     i < spans->count && spans->spans[i].start < piece.end; i++) {
		uint64_t from = spans->spans[i].start, end = spans->spans[i].end;

		if (from < piece.start)
			from = piece.start;
		if (end > piece.end)
			end = piece.end;
		add(to, piece.start, from, piece.fate, piece.rank);
		add(to, from, end, covered, piece.rank);
		piece.start = end;
	}
	add(to, piece.start, piece.end, piece.fate, piece.rank);
}

/* Of a file, too: its last page may have other memory behind it, or strings in it. */
static void mark_scrubbed(struct pieces *pieces, size_t first, const struct spans *blanks)
{
	for (size_t i = first; i < pieces->count; i++) {
		struct piece *piece = &pieces->pieces[i];
		size_t at = spans_above(blanks, piece->start);

		if (piece->fate == FATE_KEPT && at < blanks->count &&
		    blanks->spans[at].start < piece->end)
			piece->fate = FATE_SCRUBBED;
	}
}

/* What is kept, but for gaps, and but for the secrets in both. */
static void add_kept(struct pieces *to, const struct piece *piece,
		     const struct withheld *withheld)
{
	struct pieces parts = { 0 };
	size_t first = to->count;

	add_around(&parts, *piece, withheld->gaps, FATE_PACKED);
	for (size_t i = 0; i < parts.count; i++)
		add_around(to, parts.pieces[i], withheld->secrets, FATE_SECRET);
	to->failed |= parts.failed;
	free(parts.pieces);
	if (withheld->scrubbed)
		mark_scrubbed(to, first, withheld->blanks);
}

/* Behind its content a file's mapping goes on in the file; anonymous memory the kernel left out. */
static enum fate without_content(const struct area *area)
{
	return area->has_file ? FATE_FILE : FATE_NOT_OFFERED;
}

/* Clean parts of a file that the kernel offers and the plan leaves to the file. */
static enum fate fate_of(const struct area *area, const struct range *range)
{
	if (range->fate == FATE_TYPE && area->has_file)
		return FATE_FILE;
	return range->fate;
}

static void add_range(struct pieces *to, const struct area *area,
		      const struct range *range, const struct withheld *withheld)
{
	struct piece piece = {
		.start = range->start > area->start ? range->start : area->start,
		.end = range->end < area->content_end ? range->end : area->content_end,
		.fate = fate_of(area, range),
		.rank = range->rank,
	};

	if (range->fate != FATE_KEPT) {
		add_around(to, piece, withheld->untouched, FATE_UNTOUCHED);
		return;
	}
	if (withheld->scrubbed && area->backing != BACKING_FILE && !area->is_vdso)
		piece.fate = FATE_SCRUBBED;
	add_kept(to, &piece, withheld);
}

static void add_area(struct pieces *to, const struct area *area,
		     const struct ranges *ranges, size_t *at,
		     const struct withheld *withheld)
{
	while (*at < ranges->count && ranges->ranges[*at].end <= area->start)
		(*at)++;
	for (size_t i = *at; i < ranges->count; i++) {
		if (ranges->ranges[i].start >= area->content_end)
			break;
		add_range(to, area, &ranges->ranges[i], withheld);
	}
	if (area->content_end < area->end)
		add_around(to,
			   (struct piece){ area->content_end, area->end,
					   without_content(area), RANK_MUST },
			   withheld->untouched, FATE_UNTOUCHED);
}

int pieces_make(const struct space *space, struct ranges *ranges,
		const struct spans *secrets, const struct spans *gaps,
		const struct spans *blanks, const struct spans *untouched,
		struct plan *plan)
{
	const struct withheld withheld = { secrets, gaps, untouched, blanks,
					   plan->type->scrub };
	struct pieces pieces = { 0 };
	size_t at = 0;

	ranges_sort_by_address(ranges);
	for (size_t i = 0; i < space->count; i++)
		add_area(&pieces, &space->areas[i], ranges, &at, &withheld);
	if (pieces.failed) {
		free(pieces.pieces);
		return -ENOMEM;
	}
	plan->pieces = pieces.pieces;
	plan->piece_count = pieces.count;
	return 0;
}

static bool is_there(enum fate fate)
{
	return fate == FATE_KEPT || fate == FATE_SCRUBBED;
}

/* Memory that a program header names with content: [start, there) stays, the rest is lost. */
struct part {
	uint64_t start, there, end;
};

struct parts {
	struct part *parts; /* by address */
	size_t count;
};

static int by_start(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* The kernel's own headers may be in another order (fs/coredump.c, core_sort_vma). */
static bool find_parts(const struct plan *plan, uint64_t size, struct parts *ret)
{
	ret->count = 0;
	ret->parts = calloc(plan->segment_count + 1, sizeof(*ret->parts));
	if (!ret->parts)
		return false;
	for (size_t i = 0; i < plan->segment_count; i++) {
		const struct segment *s = &plan->segments[i];

		if (s->type == PT_LOAD && s->filesz > 0)
			ret->parts[ret->count++] = (struct part){
				.start = s->vaddr,
				.there = s->vaddr + rewrite_there(s, size),
				.end = s->vaddr + s->filesz,
			};
	}
	qsort(ret->parts, ret->count, sizeof(*ret->parts), by_start);
	return true;
}

/* Of a file that can be read no more: see data_files_lost.h. */
static enum fate fate_in_file(const struct plan *plan, const struct piece *piece)
{
	const struct area *area = space_at(&plan->data_files, piece->start);

	if (!area || !area->is_cut)
		return FATE_FILE;
	return piece->start < area->content_end ? FATE_TYPE : FATE_NOT_OFFERED;
}

static uint64_t clamp(uint64_t address, uint64_t low, uint64_t high)
{
	if (address < low)
		return low;
	return address > high ? high : address;
}

/* What is left of a piece, up to an address from where on it has another fate. */
static void add_until(struct pieces *to, struct piece *rest, uint64_t address,
		      enum fate next)
{
	if (rest->fate == next)
		return;
	add(to, rest->start, address, rest->fate, rest->rank);
	rest->start = address;
	rest->fate = next;
}

/*
 * Parts of one piece; *at moves on. What goes out last may lie before what is there. What no part has was scrubbed: it
 * counts with what is before it, or the map would have a piece for each word.
 */
static void cut_piece(struct pieces *to, const struct piece *piece,
		      const struct parts *parts, size_t *at)
{
	struct piece rest = *piece;

	while (*at < parts->count && parts->parts[*at].end <= piece->start)
		(*at)++;
	for (size_t i = *at; i < parts->count && parts->parts[i].start < piece->end;
	     i++) {
		const struct part *part = &parts->parts[i];
		uint64_t start = clamp(part->start, piece->start, piece->end);
		uint64_t there = clamp(part->there, start, piece->end);

		if (there > start)
			add_until(to, &rest, start, piece->fate);
		if (part->there < part->end && part->there < piece->end)
			add_until(to, &rest, there, FATE_LOST);
	}
	add(to, rest.start, piece->end, rest.fate, rest.rank);
}

/* Without memory for it the map is left out, rather than wrong. */
void pieces_cut(struct plan *plan, uint64_t size)
{
	struct pieces cut = { .failed = false };
	struct parts parts;
	size_t at = 0;

	cut.failed = !find_parts(plan, size, &parts);
	for (size_t i = 0; i < plan->piece_count && !cut.failed; i++) {
		const struct piece *piece = &plan->pieces[i];

		if (is_there(piece->fate))
			cut_piece(&cut, piece, &parts, &at);
		else
			add(&cut, piece->start, piece->end,
			    piece->fate == FATE_FILE ? fate_in_file(plan, piece)
						     : piece->fate,
			    piece->rank);
	}
	free(parts.parts);
	free(plan->pieces);
	plan->pieces = cut.failed ? NULL : cut.pieces;
	plan->piece_count = cut.failed ? 0 : cut.count;
	if (cut.failed)
		free(cut.pieces);
}
