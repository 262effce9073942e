/* SPDX-License-Identifier: MIT */
/*
 * The stream that the kernel writes: headers in chunks of any size, then a plan of any type,
 * over a window on the core itself. Input: 12 bytes of choices, then the core.
 *
 * Whatever comes, chunks make no difference; libelf sees the same segments; and what a plan
 * makes of it is what tests/unit/planned.h promises, is what a slow copy would have, and is a
 * core for libelf, too.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/elf_peer.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/planned.h"
#include "tests/unit/table.h"

#include "filter/trust.h"
#include "handler/window_core.h"

/* Larger ones are planned, but not written: that takes its time, and tells nothing else. */
#define WRITTEN_MAX (256u << 10)

/* Of the six types an input names some, by its seed: others have the rest. */
#define TYPES_AT_ONCE 2

struct choices {
	uint32_t seed; /* of the sizes of chunks */
	bool window, hints;
	uint64_t max_memory;
	uint32_t ranks; /* of the type custom */
	uint64_t budget;
};

static struct choices choose(struct input *in)
{
	struct choices c = { .seed = (uint32_t)input_number(in, 4) | 1 };
	unsigned int flags = (unsigned int)input_number(in, 1);
	uint64_t limit = input_number(in, 2);

	c.window = flags & 1;
	c.hints = flags & 2;
	c.max_memory = flags & 4 ? limit * 64 : UINT64_MAX;
	c.ranks = (uint32_t)input_number(in, 2) & ((2u << RANK_REST) - 2);
	c.budget = input_number(in, 3);
	return c;
}

/* Return: core_feed()'s last answer; *ret_used: bytes that were taken. */
static int feed_chunks(struct input in, uint32_t seed, struct core *core,
		       size_t *ret_used)
{
	int r = 0;

	*ret_used = 0;
	while (r == 0 && in.n > 0) {
		size_t used;
		struct input chunk = input_part(
			&in, 1 + builder_random(&seed) % (seed % 2 ? 7 : 5000));
		uint8_t *p = input_copy(chunk);

		r = core_feed(core, p, chunk.n, &used);
		free(p);
		assert_true(used <= chunk.n);
		*ret_used += used;
	}
	return r;
}

static void assert_same_core(const struct core *a, const struct core *b)
{
	assert_string_equal(a->problem ? a->problem : "", b->problem ? b->problem : "");
	if (a->problem || !b->header_bytes.n)
		return;
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->size, b->size);
	assert_int_equal(a->data_start, b->data_start);
	assert_int_equal(a->notes_late, b->notes_late);
	assert_int_equal(a->notes.n, b->notes.n);
	assert_int_equal(a->header_bytes.n, b->header_bytes.n);
	assert_memory_equal(a->header_bytes.p, b->header_bytes.p, a->header_bytes.n);
	for (size_t i = 0; i < a->count; i++)
		assert_memory_equal(&a->segments[i], &b->segments[i],
				    sizeof(a->segments[i]));
}

/* Return: 1 if the core's headers are all there. */
static int read_header(struct input in, uint32_t seed, struct core *core)
{
	size_t used, whole_used = 0;
	struct core whole;
	int r, whole_r = 0;

	core_init(core);
	core_init(&whole);
	r = feed_chunks(in, seed, core, &used);
	if (in.n)
		whole_r = core_feed(&whole, in.p, in.n, &whole_used);
	assert_int_equal(r, whole_r);
	if (r >= 0)
		assert_int_equal(used, whole_used);
	assert_same_core(core, &whole);
	core_done(&whole);
	return r;
}

/* The core as long as it says it is. What did not come is made up. */
static struct built complete(struct input in, const struct core *core)
{
	struct built file = { malloc(core->size ? core->size : 1), core->size };

	assert_non_null(file.p);
	for (size_t i = 0; i < file.n; i++)
		file.p[i] = i < in.n ? in.p[i] : (uint8_t)(i * 7 + i / 256 + 1);
	return file;
}

static ssize_t read_built(void *context, void *to, size_t n, uint64_t offset)
{
	const struct built *file = context;

	if (offset >= file->n)
		return 0;
	n = n < file->n - offset ? n : (size_t)(file->n - offset);
	memcpy(to, file->p + offset, n);
	return (ssize_t)n;
}

/* The rules look at what came, and the type is one of all. */
static void plan_only(struct planned *p, const struct type *type)
{
	p->input.type = type;
	assert_int_equal(plan_make(&p->input, &p->plan), 0);
	assert_true(p->plan.verbatim || p->plan.memory <= p->input.max_memory);
	plan_done(&p->plan);
}

/* Written, compared, read by libelf, cut. */
static void plan_and_write(struct planned *p, const struct type *type, uint32_t *seed,
			   bool peer)
{
	const char *problem = NULL;
	uint64_t cut;

	p->input.type = type;
	planned_make(p);
	if (p->plan.segment_count && peer)
		problem = elf_peer_refuses(&p->output);
	if (problem)
		fail_msg("%s: %s", type->name, problem);
	cut = p->plan.header_size;
	if (p->plan.size > cut)
		cut += builder_random(seed) % (p->plan.size - cut);
	if (p->plan.segment_count)
		planned_cut(p, cut);
	plan_done(&p->plan);
	built_done(&p->output);
}

static void set_late_notes(struct planned *p)
{
	uint64_t offset, size;

	if (!p->core.notes_late)
		return;
	core_late_notes(&p->core, &offset, &size);
	if (offset > p->file.n || size > p->file.n - offset)
		return;
	assert_int_equal(core_set_notes(&p->core, p->file.p + offset, (size_t)size), 0);
	notes_done(&p->notes);
	notes_read(&p->core.header, p->core.notes, &p->notes);
}

static void plan_all(struct planned *p, const struct choices *c)
{
	static const char *const types[] = { "triage", "stacks", "mini", "heap", "full" };
	struct type custom = *type_find("custom");
	struct window_core window;
	uint32_t seed = c->seed;
	bool written = p->core.size <= WRITTEN_MAX;
	/* What libelf does not take for ELF to begin with, it need not take afterwards. */
	bool peer = written && elf_peer_takes(&p->file);

	custom.ranks = c->ranks;
	custom.budget = c->budget;
	set_late_notes(p);
	assert_int_equal(window_core_open(&p->core, read_built, &p->file, &window), 0);
	p->input.memory = c->window ? &window.memory : NULL;
	assert_int_equal(hints_read(&p->notes, NULL, p->input.memory, &p->hints), 0);
	p->input.hints = c->hints ? &p->hints : NULL;
	p->input.max_memory = c->max_memory;
	for (size_t i = 0; i < TYPES_AT_ONCE; i++) {
		size_t at = builder_random(&seed) % (ARRAY_SIZE(types) + 1);
		const struct type *type = at < ARRAY_SIZE(types) ? type_find(types[at])
								 : &custom;

		if (written)
			plan_and_write(p, type, &seed, peer);
		else
			plan_only(p, type);
	}
	hints_done(&p->hints);
	window_core_close(&window);
}

void fuzz_one(struct input in)
{
	const struct choices c = choose(&in);
	struct built file;
	struct planned p;
	struct core core;

	if (read_header(in, c.seed, &core) == 1) {
		if (core.size <= WRITTEN_MAX) {
			const char *problem;

			file = complete(in, &core);
			problem = elf_peer_differs(&file, &core);
			if (problem)
				fail_msg("%s", problem);
		} else {
			file = (struct built){ input_copy(in), in.n };
		}
		planned_take(&p, file);
		plan_all(&p, &c);
		planned_done(&p);
	}
	core_done(&core);
}
