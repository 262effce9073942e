/* SPDX-License-Identifier: MIT */
/*
 * Random cores, each planned as every type: whatever the plan, the new core can be read
 * back, and each byte in it is the one that the old core has at that address.
 */
#include "tests/unit/core_builder.h"
#include "tests/unit/table.h"

enum {
	CORES = 2000
};

struct sample {
	struct core_builder b;
	uint32_t seed;
	bool odd; /* sizes that are no whole pages */
};

static uint32_t below(struct sample *s, uint32_t n)
{
	return builder_random(&s->seed) % n;
}

static bool one_in(struct sample *s, uint32_t n)
{
	return below(s, n) == 0;
}

static void add_file(struct sample *s, uint64_t start, uint64_t end)
{
	static const char *const paths[] = { "/usr/bin/x", "/usr/lib/y.so", "/dev/zero",
					     "/memfd:z (deleted)", "" };

	if (s->b.file_count < ARRAY_SIZE(s->b.files) && one_in(s, 3))
		builder_file(&s->b, start, end, below(s, 2),
			     paths[below(s, ARRAY_SIZE(paths))]);
}

/* Areas upwards, touching or with gaps. Return: the end of the last. */
static uint64_t add_areas(struct sample *s)
{
	uint64_t at = 0x10000;

	for (uint32_t n = 1 + below(s, 30); n > 0; n--) {
		uint64_t size = (uint64_t)below(s, 9) * PAGE;
		uint64_t content = one_in(s, 3) ? below(s, 9) * PAGE : size;

		if (s->odd && one_in(s, 2)) {
			size += below(s, PAGE);
			content += below(s, PAGE);
		}
		if (one_in(s, 40))
			size += 90 * PAGE;
		builder_load(&s->b, at, content < size ? content : size, size,
			     below(s, 8));
		add_file(s, at, at + size);
		at += size + (one_in(s, 2) ? 0 : below(s, 20) * PAGE);
	}
	return at;
}

static void add_notes(struct sample *s, uint64_t end)
{
	const uint32_t span = (uint32_t)end + 0x20000;
	const uint64_t auxv[][2] = { { AT_SYSINFO_EHDR, below(s, span) },
				     { AT_RANDOM, below(s, span) } };

	for (uint32_t n = below(s, 5), tid = 1; tid <= n; tid++)
		builder_thread(&s->b, tid, below(s, span), below(s, span),
			       one_in(s, 4) ? 0 : below(s, span));
	if (!one_in(s, 4))
		builder_psinfo(&s->b, 1, 0, "x", "x");
	if (!one_in(s, 4))
		builder_siginfo(&s->b, 11, 1, below(s, span));
	if (!one_in(s, 4))
		builder_auxv(&s->b, auxv, 2);
	if (!one_in(s, 4))
		builder_files(&s->b);
	if (one_in(s, 20) && s->b.notes.n > 4)
		s->b.notes.n -= 4;
}

static void make(struct sample *s, uint32_t number)
{
	static const uint16_t machines[] = { EM_X86_64, EM_386, EM_AARCH64 };

	*s = (struct sample){ .seed = number * 2654435761u + 1 };
	s->odd = one_in(s, 5);
	builder_init(&s->b, machines[below(s, 3)]);
	add_notes(s, add_areas(s));
	s->b.shuffle = one_in(s, 2) ? 0 : builder_random(&s->seed);
	s->b.without_notes = one_in(s, 20);
	s->b.notes_late = one_in(s, 20) && s->b.notes.n > 0;
}

/* heap without a limit keeps all of what no file has. */
static void check_heap(const struct sample *s, const struct notes *notes,
		       const struct built *output)
{
	for (size_t i = 0; i < s->b.load_count; i++) {
		const struct segment *load = &s->b.loads[i];

		if (notes->has_files && load->memsz && !notes_file_at(notes, load->vaddr))
			assert_true(built_has(output, load->vaddr,
					      load->vaddr + load->filesz));
	}
}

/* What is wrong comes with what reproduces it. */
static void assert_good(const struct sample *s, const struct built *output,
			uint64_t *ret_memory)
{
	const char *problem = built_check(output, ret_memory);

	if (problem)
		fail_msg("seed %u, %s%s: %s", s->seed,
			 s->odd ? "odd sizes" : "whole pages",
			 s->b.notes_late ? ", notes late" : "", problem);
}

static void check_cut(struct sample *s, struct plan *plan, struct built *output)
{
	uint64_t size = plan->header_size, memory;

	if (output->n > size)
		size += below(s, (uint32_t)(output->n - size));
	plan_cut(plan, size);
	memcpy(output->p, plan->header, plan->header_size);
	output->n = size;
	assert_good(s, output, &memory);
	assert_int_equal(memory, plan->memory);
}

static void check_plan(struct sample *s, const struct built *file,
		       const struct core *core, const struct notes *notes,
		       const char *type)
{
	uint64_t limit = one_in(s, 3) ? (uint64_t)below(s, 100) * PAGE : UINT64_MAX;
	struct built output;
	struct plan plan;
	uint64_t memory;

	assert_int_equal(plan_make(&(struct plan_input){ .core = core,
							 .notes = notes,
							 .type = type_find(type),
							 .max_memory = limit },
				   &plan),
			 0);
	output = built_output(file, &plan);
	assert_int_equal(output.n, plan.size);
	if (plan.segment_count == 0) { /* no notes, nothing kept: no core at all */
		assert_true(s->b.without_notes && plan.memory == 0);
		goto out;
	}
	assert_good(s, &output, &memory);
	assert_int_equal(memory, plan.memory);
	assert_true(memory <= limit);
	if (plan.verbatim)
		assert_memory_equal(output.p, file->p, file->n);
	if (strcmp(type, "heap") == 0 && limit == UINT64_MAX)
		check_heap(s, notes, &output);
	check_cut(s, &plan, &output);
out:
	built_done(&output);
	plan_done(&plan);
}

static void test_cores(void **state)
{
	static const char *const types[] = { "stacks", "mini", "heap", "full" };

	(void)state;
	for (uint32_t number = 0; number < CORES; number++) {
		struct sample s;
		struct built file;
		struct core core;
		struct notes notes;

		make(&s, number);
		file = builder_build(&s.b);
		core_init(&core);
		assert_int_equal(built_feed(&file, 1 + below(&s, 5000), &core), 1);
		notes_read(&core.header, core.notes, &notes);
		for (size_t i = 0; i < ARRAY_SIZE(types); i++)
			check_plan(&s, &file, &core, &notes, types[i]);
		notes_done(&notes);
		core_done(&core);
		built_done(&file);
		builder_done(&s.b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cores) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
