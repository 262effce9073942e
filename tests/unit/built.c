/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "tests/unit/core_builder.h"
#include "tests/unit/table.h"

#include "filter/space.h"

void built_done(struct built *built)
{
	free(built->p);
	*built = (struct built){ NULL, 0 };
}

int built_feed(const struct built *built, size_t chunk, struct core *core)
{
	size_t at = 0;
	int r = 0;

	while (r == 0 && at < built->n) {
		size_t n = built->n - at < chunk ? built->n - at : chunk, used;

		r = core_feed(core, built->p + at, n, &used);
		assert_true(used <= n);
		at += used;
	}
	return r;
}

struct built built_output(const struct built *input, const struct plan *plan)
{
	size_t size = plan->verbatim ? input->n : plan->size;
	struct built output = { calloc(1, size ? size : 1), size };
	uint8_t *p = output.p;

	assert_non_null(p);
	memcpy(p, plan->header, plan->header_size);
	p += plan->header_size;
	if (plan->verbatim) {
		memcpy(p, input->p + plan->header_size, input->n - plan->header_size);
		plan_blank(plan, plan->header_size, p, input->n - plan->header_size);
		return output;
	}
	for (size_t i = 0; i < plan->extent_count; i++) {
		const struct extent *e = &plan->extents[i];

		assert_true(e->offset + e->size <= input->n);
		memcpy(p, input->p + e->offset, e->size);
		plan_blank(plan, e->offset, p, e->size);
		p += e->size;
	}
	memcpy(p, plan->trailer, plan->trailer_size);
	p += plan->trailer_size;
	assert_ptr_equal(p, output.p + output.n);
	return output;
}

/* Areas of both by address; each of the new core's is a part of one of the old core's. */
static const char *check_areas(const struct built *output, const struct space *new,
			       const struct built *input, const struct space *old)
{
	for (size_t i = 0; i < new->count; i++) {
		const struct area *area = &new->areas[i];
		const struct area *was = space_at(old, area->start);
		uint64_t offset = area->segment->offset, n = area->segment->filesz;

		if (offset > output->n || n > output->n - offset)
			return "a segment outside of the file";
		if (!was || area->end > was->end)
			return "memory that was not there";
		if (n && area->content_end > was->content_end)
			return "bytes that were not there";
		if (n &&
		    memcmp(output->p + offset,
			   input->p + was->segment->offset + (area->start - was->start),
			   n) != 0)
			return "a byte of memory is wrong";
	}
	return NULL;
}

static const char *read_space(const struct built *built, struct core *core,
			      struct space *ret)
{
	struct notes notes = { 0 };

	core_init(core);
	if (built_feed(built, built->n, core) != 1)
		return core->problem ? core->problem : "the header does not end";
	if (core->size > built->n)
		return "shorter than announced";
	notes.word = core->header.word; /* of notes nothing is asked */
	assert_int_equal(space_build(core, &notes, ret), 0);
	return NULL;
}

const char *built_compare(const struct built *output, const struct built *input,
			  uint64_t *ret_memory)
{
	struct space new = { NULL, 0 }, old = { NULL, 0 };
	struct core new_core, old_core;
	const char *problem = read_space(input, &old_core, &old);

	assert_null(problem);
	*ret_memory = 0;
	problem = read_space(output, &new_core, &new);
	if (!problem)
		problem = check_areas(output, &new, input, &old);
	for (size_t i = 0; i < new.count; i++)
		*ret_memory += new.areas[i].content_end - new.areas[i].start;
	space_done(&new);
	space_done(&old);
	core_done(&new_core);
	core_done(&old_core);
	return problem;
}

static const char *check_bytes(const struct built *output, const struct area *area)
{
	uint64_t offset = area->segment->offset;

	for (uint64_t at = 0; at < area->segment->filesz; at++) {
		if (offset + at >= output->n)
			return "a segment outside of the file";
		if (output->p[offset + at] != builder_byte(area->start + at))
			return "a byte of memory is wrong";
	}
	return NULL;
}

const char *built_check(const struct built *output, uint64_t *ret_memory)
{
	struct space space = { NULL, 0 };
	struct core core;
	const char *problem = read_space(output, &core, &space);

	*ret_memory = 0;
	for (size_t i = 0; i < space.count && !problem; i++) {
		problem = check_bytes(output, &space.areas[i]);
		*ret_memory += space.areas[i].content_end - space.areas[i].start;
	}
	space_done(&space);
	core_done(&core);
	return problem;
}

/* Bytes of [start, end) that PT_LOADs have, or name. */
static uint64_t covered(const struct built *output, uint64_t start, uint64_t end,
			bool bytes)
{
	uint64_t sum = 0;
	struct core core;

	core_init(&core);
	assert_int_equal(built_feed(output, output->n, &core), 1);
	for (size_t i = 0; i < core.count; i++) {
		const struct segment *s = &core.segments[i];
		uint64_t s_end = s->vaddr + (bytes ? s->filesz : s->memsz);
		uint64_t from = s->vaddr > start ? s->vaddr : start;
		uint64_t to = s_end < end ? s_end : end;

		if (s->type == PT_LOAD && from < to)
			sum += to - from;
	}
	core_done(&core);
	return sum;
}

bool built_has(const struct built *output, uint64_t start, uint64_t end)
{
	return covered(output, start, end, true) == end - start;
}

bool built_names(const struct built *output, uint64_t address)
{
	return covered(output, address, address + 1, false) == 1;
}
