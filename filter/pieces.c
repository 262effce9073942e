/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "filter/pieces.h"

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

/* What is kept, but for the secrets in it. */
static void add_kept(struct pieces *to, uint64_t start, uint64_t end, enum fate fate,
		     enum rank rank, const struct spans *secrets)
{
	for (size_t i = spans_above(secrets, start);
	     i < secrets->count && secrets->spans[i].start < end; i++) {
		uint64_t from = secrets->spans[i].start, to_end = secrets->spans[i].end;

		if (from < start)
			from = start;
		if (to_end > end)
			to_end = end;
		add(to, start, from, fate, rank);
		add(to, from, to_end, FATE_SECRET, rank);
		start = to_end;
	}
	add(to, start, end, fate, rank);
}

/* Behind its content a file's mapping goes on in the file; anonymous memory the kernel left out. */
static enum fate without_content(const struct area *area)
{
	return area->backing == BACKING_FILE ? FATE_FILE : FATE_NOT_OFFERED;
}

/* Clean parts of a file that the kernel offers and the plan leaves to the file. */
static enum fate fate_of(const struct area *area, const struct range *range)
{
	if (range->fate == FATE_TYPE && area->backing == BACKING_FILE)
		return FATE_FILE;
	return range->fate;
}

static void add_area(struct pieces *to, const struct area *area,
		     const struct ranges *ranges, size_t *at, const struct spans *secrets,
		     bool scrubbed)
{
	while (*at < ranges->count && ranges->ranges[*at].end <= area->start)
		(*at)++;
	for (size_t i = *at; i < ranges->count; i++) {
		const struct range *r = &ranges->ranges[i];
		uint64_t start = r->start > area->start ? r->start : area->start;
		uint64_t end = r->end < area->content_end ? r->end : area->content_end;
		enum fate fate = fate_of(area, r);

		if (r->start >= area->content_end)
			break;
		if (fate == FATE_KEPT && scrubbed && area->backing != BACKING_FILE &&
		    !area->is_vdso)
			fate = FATE_SCRUBBED;
		if (r->fate == FATE_KEPT)
			add_kept(to, start, end, fate, r->rank, secrets);
		else
			add(to, start, end, fate, r->rank);
	}
	add(to, area->content_end, area->end, without_content(area), RANK_MUST);
}

int pieces_make(const struct space *space, struct ranges *ranges,
		const struct spans *secrets, bool scrubbed, struct plan *plan)
{
	struct pieces pieces = { 0 };
	size_t at = 0;

	ranges_sort_by_address(ranges);
	for (size_t i = 0; i < space->count; i++)
		add_area(&pieces, &space->areas[i], ranges, &at, secrets, scrubbed);
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

/* What segments (by address) have of a piece; *at moves on. */
static void cut_piece(struct pieces *to, const struct piece *piece,
		      const struct plan *plan, size_t *at)
{
	uint64_t start = piece->start;

	for (; *at < plan->segment_count; (*at)++) {
		const struct segment *s = &plan->segments[*at];
		uint64_t from = s->vaddr > start ? s->vaddr : start;
		uint64_t end = s->vaddr + s->filesz;

		if (s->type != PT_LOAD || s->filesz == 0 || end <= start)
			continue;
		if (from >= piece->end)
			break;
		if (end > piece->end)
			end = piece->end;
		add(to, start, from, FATE_LOST, piece->rank);
		add(to, from, end, piece->fate, piece->rank);
		start = end;
		if (start == piece->end)
			break;
	}
	add(to, start, piece->end, FATE_LOST, piece->rank);
}

/* Without memory for it the map is left out, rather than wrong. */
void pieces_cut(struct plan *plan)
{
	struct pieces cut = { 0 };
	size_t at = 0;

	for (size_t i = 0; i < plan->piece_count; i++) {
		const struct piece *piece = &plan->pieces[i];

		if (is_there(piece->fate))
			cut_piece(&cut, piece, plan, &at);
		else
			add(&cut, piece->start, piece->end, piece->fate, piece->rank);
	}
	free(plan->pieces);
	plan->pieces = cut.failed ? NULL : cut.pieces;
	plan->piece_count = cut.failed ? 0 : cut.count;
	if (cut.failed)
		free(cut.pieces);
}
