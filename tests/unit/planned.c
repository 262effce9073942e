/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "tests/unit/planned.h"
#include "tests/unit/table.h"

static void read_file(struct planned *p)
{
	core_init(&p->core);
	assert_int_equal(built_feed(&p->file, p->file.n, &p->core), 1);
	notes_read(&p->core.header, p->core.notes, &p->notes);
	p->input = (struct plan_input){
		.core = &p->core,
		.notes = &p->notes,
		.type = type_find("mini"),
		.max_memory = UINT64_MAX,
	};
	p->output = (struct built){ NULL, 0 };
	p->what[0] = '\0';
}

void planned_build(struct planned *p)
{
	p->file = builder_build(&p->b);
	core_memory_open(&p->window, &p->b);
	read_file(p);
}

void planned_take(struct planned *p, struct built file)
{
	*p = (struct planned){ .file = file };
	read_file(p);
}

void planned_look(struct planned *p)
{
	p->input.memory = &p->window.memory;
}

void planned_hint(struct planned *p, struct hint *hints, size_t count)
{
	p->hints = (struct hints){ .hints = hints, .count = count, .found = true };
	p->input.hints = &p->hints;
}

void planned_done(struct planned *p)
{
	built_done(&p->output);
	plan_done(&p->plan);
	notes_done(&p->notes);
	core_done(&p->core);
	built_done(&p->file);
	builder_done(&p->b);
}

static int by_offset(const void *a, const void *b)
{
	const struct extent *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* Each byte of the input once; in its order, or by rank. */
static const char *extents_problem(const struct plan *plan, uint64_t *ret_sum)
{
	_cleanup_free_ struct extent *extents =
		calloc(plan->extent_count + 1, sizeof(*extents));
	uint64_t end = 0;

	assert_non_null(extents);
	for (size_t i = 0; i < plan->extent_count; i++) {
		extents[i] = plan->extents[i];
		if (plan->by_rank && i > 0 && extents[i].rank < extents[i - 1].rank)
			return "extents that are not by rank";
	}
	if (plan->by_rank)
		qsort(extents, plan->extent_count, sizeof(*extents), by_offset);
	for (size_t i = 0; i < plan->extent_count; i++) {
		const struct extent *e = &extents[i];

		if (e->size == 0 || e->offset < end)
			return "extents that are empty, overlap or go back";
		end = e->offset + e->size;
		*ret_sum += e->size;
	}
	return NULL;
}

/* Extents, blanks and sizes by themselves. */
static const char *sizes_problem(const struct plan *plan)
{
	uint64_t sum = 0, end = 0, blanked = 0;
	const char *problem = extents_problem(plan, &sum);

	if (problem)
		return problem;
	for (size_t i = 0; i < plan->blank_count; i++) {
		const struct blank *b = &plan->blanks[i];

		if (b->size == 0 || b->offset < end)
			return "blanks that are empty, overlap or go back";
		end = b->offset + b->size;
		blanked += b->size;
	}
	if (sum != plan->content || plan->memory != sum - blanked)
		return "extents, blanks and memory that do not add up";
	if (plan->size != plan->header_size + sum + plan->trailer_size)
		return "a size that is not what is written";
	return NULL;
}

static void headers_of(const struct plan *plan, struct spans *ret)
{
	for (size_t i = 0; i < plan->segment_count; i++) {
		const struct segment *s = &plan->segments[i];

		if (s->type == PT_LOAD)
			spans_add(ret, s->vaddr, s->vaddr + s->filesz);
	}
	spans_join(ret);
}

static uint64_t common(const struct spans *spans, uint64_t start, uint64_t end)
{
	uint64_t sum = 0;

	for (size_t i = spans_above(spans, start);
	     i < spans->count && spans->spans[i].start < end; i++) {
		const struct span *s = &spans->spans[i];

		sum += (s->end < end ? s->end : end) -
		       (s->start > start ? s->start : start);
	}
	return sum;
}

static const char *piece_problem(const struct piece *piece, const struct spans *headers)
{
	uint64_t there = common(headers, piece->start, piece->end);

	if (piece->start >= piece->end)
		return "an empty piece";
	if (piece->fate == FATE_KEPT && there != piece->end - piece->start)
		return "a piece is kept, and headers do not say so";
	if (piece->fate != FATE_KEPT && piece->fate != FATE_SCRUBBED && there)
		return "a piece is not kept, and headers say it is";
	return NULL;
}

/* Every area of the old core, once, without a gap; nothing else. */
static const char *pieces_problem(const struct planned *p, const struct spans *headers)
{
	const struct plan *plan = &p->plan;
	const char *problem = NULL;
	struct space space;
	size_t at = 0;

	assert_int_equal(space_build(&p->core, &p->notes, &space), 0);
	for (size_t i = 0; i < space.count && !problem; i++) {
		uint64_t done = space.areas[i].start;

		while (done < space.areas[i].end && !problem) {
			const struct piece *piece = &plan->pieces[at];

			if (at == plan->piece_count || piece->start != done ||
			    piece->end > space.areas[i].end)
				problem = "pieces that are not the address space";
			else
				problem = piece_problem(piece, headers);
			at++;
			done = problem ? done : piece->end;
		}
	}
	if (!problem && at != plan->piece_count)
		problem = "a piece that is in no area";
	space_done(&space);
	return problem;
}

/* Where the output has what the input has at an offset. */
static uint64_t place_of(const struct planned *p, uint64_t offset)
{
	uint64_t place = p->plan.header_size;

	if (p->plan.verbatim)
		return offset < p->output.n ? offset : 0;
	for (size_t i = 0; i < p->plan.extent_count; i++) {
		const struct extent *e = &p->plan.extents[i];

		if (offset >= e->offset && offset - e->offset < e->size) {
			place += offset - e->offset;
			return place < p->output.n ? place : 0;
		}
		place += e->size;
	}
	return 0;
}

uint64_t planned_place(const struct planned *p, uint64_t address)
{
	for (size_t i = 0; i < p->core.count; i++) {
		const struct segment *s = &p->core.segments[i];

		if (s->type == PT_LOAD && address >= s->vaddr &&
		    address - s->vaddr < s->filesz)
			return place_of(p, s->offset + (address - s->vaddr));
	}
	return 0;
}

/* What the headers do not name is zero; secrets are not named. */
static const char *secret_problem(const struct planned *p, const struct hint *hint,
				  const struct spans *headers)
{
	uint64_t end = hint->end - hint->start < 4 * PAGE ? hint->end
							  : hint->start + 4 * PAGE;

	if (common(headers, hint->start, hint->end))
		return "a header names a secret";
	for (uint64_t at = hint->start; at < end; at++) {
		uint64_t place = planned_place(p, at);

		if (place && p->output.p[place])
			return "a secret's byte is in the file";
	}
	return NULL;
}

static const char *secrets_problem(const struct planned *p, const struct spans *headers)
{
	const char *problem = NULL;

	for (size_t i = 0; p->input.hints && i < p->input.hints->count && !problem; i++) {
		if (p->input.hints->hints[i].kind == HINT_SECRET)
			problem = secret_problem(p, &p->input.hints->hints[i], headers);
	}
	return problem;
}

const char *planned_problem(struct planned *p)
{
	const struct plan *plan = &p->plan;
	struct spans headers = { 0 };
	const char *problem = NULL;

	headers_of(plan, &headers);
	p->memory = 0;
	if (plan->segment_count) /* without notes and memory it is no core at all */
		problem = built_compare(&p->output, &p->file, &p->memory);
	if (!problem && p->memory != plan->memory)
		problem = "not the memory that was planned";
	if (!problem)
		problem = pieces_problem(p, &headers);
	if (!problem)
		problem = secrets_problem(p, &headers);
	spans_done(&headers);
	return problem;
}

static void assert_no_problem(const struct planned *p, const char *problem)
{
	if (problem)
		fail_msg("%s%s", p->what, problem);
}

void planned_make(struct planned *p)
{
	assert_int_equal(plan_make(&p->input, &p->plan), 0);
	if (!p->plan.verbatim)
		assert_no_problem(p, sizes_problem(&p->plan));
	p->output = built_output(&p->file, &p->plan);
	assert_int_equal(p->output.n, p->plan.size);
	assert_no_problem(p, planned_problem(p));
	assert_true(p->plan.memory <= p->input.max_memory);
}

void planned_again(struct planned *p)
{
	plan_done(&p->plan);
	built_done(&p->output);
	planned_make(p);
}

/*
 * A cut makes pieces of pieces, of which only what was there can be lost, and a file that is no module not be read.
 */
static void check_lost(const struct plan *plan, const struct piece *was, size_t count,
		       bool whole)
{
	size_t at = 0;

	for (size_t i = 0; i < count; i++) {
		bool was_there = was[i].fate == FATE_KEPT || was[i].fate == FATE_SCRUBBED;
		bool was_in_file = was[i].fate == FATE_FILE;
		uint64_t done = was[i].start;

		for (; done < was[i].end; at++) {
			const struct piece *piece = &plan->pieces[at];

			assert_true(at < plan->piece_count && piece->start == done);
			assert_true(piece->fate == was[i].fate ||
				    (was_there && piece->fate == FATE_LOST && !whole) ||
				    (was_in_file && !whole &&
				     (piece->fate == FATE_TYPE ||
				      piece->fate == FATE_NOT_OFFERED)));
			assert_int_equal(piece->rank, was[i].rank);
			done = piece->end;
		}
	}
	assert_int_equal(at, plan->piece_count);
	assert_true(plan->piece_count <= 3 * count);
}

void planned_cut(struct planned *p, uint64_t size)
{
	size_t header = p->plan.header_size, count = p->plan.piece_count;
	bool whole = size >= p->plan.size - p->plan.trailer_size;
	_cleanup_free_ struct piece *was = calloc(count + 1, sizeof(*was));

	assert_non_null(was);
	if (count)
		memcpy(was, p->plan.pieces, count * sizeof(*was));
	plan_cut(&p->plan, size);
	check_lost(&p->plan, was, count, whole);
	assert_int_equal(p->plan.header_size, header);
	assert_int_equal(p->plan.size, size + p->plan.trailer_size);
	memcpy(p->output.p, p->plan.header, header);
	memcpy(p->output.p + size, p->plan.trailer, p->plan.trailer_size);
	p->output.n = p->plan.size;
	assert_no_problem(p, planned_problem(p));
	assert_true(p->memory + header <= page_up(size));
}

void planned_follow(struct planned *p, uint64_t size)
{
	_cleanup_free_ struct extent *rest =
		calloc(p->plan.extent_count + 1, sizeof(*rest));
	size_t count = plan_rest(&p->plan, size, rest), header = p->plan.header_size;
	uint64_t whole = p->plan.size - p->plan.trailer_size;
	uint8_t *to = p->output.p + size;

	plan_follow(&p->plan, size);
	plan_header_again(&p->plan);
	assert_int_equal(p->plan.header_size, header);
	assert_int_equal(p->plan.size - p->plan.trailer_size, whole);
	for (size_t i = 0; i < count; i++) {
		assert_true(i == 0 ||
			    rest[i].offset >= rest[i - 1].offset + rest[i - 1].size);
		memcpy(to, p->file.p + rest[i].offset, rest[i].size);
		plan_blank(&p->plan, rest[i].offset, to, rest[i].size);
		to += rest[i].size;
	}
	assert_ptr_equal(to, p->output.p + whole);
	memcpy(p->output.p, p->plan.header, header);
	assert_no_problem(p, planned_problem(p));
}

void planned_usual(struct planned *p, const char *type, uint64_t max_memory)
{
	planned_build(p);
	p->input.type = type_find(type);
	p->input.max_memory = max_memory;
	planned_make(p);
}

int planned_told(const struct planned *p, uint64_t address)
{
	struct core core;
	struct notes notes;
	int r;

	if (built_has(&p->output, address, address + 8))
		return 1;
	core_init(&core);
	assert_int_equal(built_feed(&p->output, p->output.n, &core), 1);
	notes_read(&core.header, core.notes, &notes);
	assert_false(notes.broken);
	r = notes_file_at(&notes, address) ? -1 : 0;
	notes_done(&notes);
	core_done(&core);
	return r;
}

const struct piece *planned_piece(const struct planned *p, uint64_t address)
{
	for (size_t i = 0; i < p->plan.piece_count; i++) {
		const struct piece *piece = &p->plan.pieces[i];

		if (address >= piece->start && address < piece->end)
			return piece;
	}
	fail_msg("no piece has the address %llx", (unsigned long long)address);
	return NULL;
}

void assert_fate(const struct planned *p, uint64_t address, enum fate fate,
		 enum rank rank)
{
	const struct piece *piece = planned_piece(p, address);
	char text[64], expected[64];

	(void)snprintf(text, sizeof(text), "%llx: %s %s", (unsigned long long)address,
		       fate_name(piece->fate), rank_name(piece->rank));
	(void)snprintf(expected, sizeof(expected), "%llx: %s %s",
		       (unsigned long long)address, fate_name(fate), rank_name(rank));
	assert_string_equal(text, expected);
}

bool planned_says(const struct planned *p, const char *part)
{
	for (size_t i = 0; i < p->plan.reason_count; i++) {
		if (strstr(p->plan.reasons[i], part))
			return true;
	}
	return false;
}
