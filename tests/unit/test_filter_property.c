/* SPDX-License-Identifier: MIT */
/*
 * Random cores, each planned as every type, with a random window on memory that lies and
 * random hints, or without: whatever the plan, all that planned.h promises is so.
 */
#include <stdio.h>

#include "tests/unit/planned.h"
#include "tests/unit/table.h"

enum {
	CORES = 2000,
	FILES = 32,
	HINTS = 12
};

struct sample {
	struct planned p;
	uint32_t seed;
	bool odd; /* sizes that are no whole pages */
	uint32_t span; /* most addresses are below */
	struct hint hints[HINTS];
	struct names names;
	struct spans distant;
	struct type custom;
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

	if (s->p.b.file_count < FILES && one_in(s, 3))
		builder_file(&s->p.b, start, end, below(s, 2),
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
		builder_load(&s->p.b, at, content < size ? content : size, size,
			     below(s, 8));
		add_file(s, at, at + size);
		at += size + (one_in(s, 2) ? 0 : below(s, 20) * PAGE);
	}
	return at;
}

/* Threads, and an auxiliary vector, that lead anywhere. */
static void add_notes(struct sample *s)
{
	const uint64_t auxv[][2] = { { AT_SYSINFO_EHDR, below(s, s->span) },
				     { AT_RANDOM, below(s, s->span) },
				     { AT_PHDR, below(s, s->span) & ~7u },
				     { AT_PHNUM, below(s, 20) },
				     { AT_BASE, below(s, 2) } };

	for (uint32_t n = below(s, 5), tid = 1; tid <= n; tid++)
		builder_thread(&s->p.b, tid, below(s, s->span), below(s, s->span),
			       one_in(s, 4) ? 0 : below(s, s->span));
	if (!one_in(s, 4))
		builder_psinfo(&s->p.b, 1, 0, "x", "x");
	if (!one_in(s, 4))
		builder_siginfo(&s->p.b, 11, 1, below(s, s->span));
	if (!one_in(s, 4))
		builder_auxv(&s->p.b, auxv, ARRAY_SIZE(auxv));
	if (!one_in(s, 4))
		builder_files(&s->p.b);
	if (one_in(s, 20) && s->p.b.notes.n > 4)
		s->p.b.notes.n -= 4;
}

/* Pointers to anywhere, small numbers, and what looks like program headers. */
static void add_words(struct sample *s)
{
	static const uint64_t tags[] = { PT_LOAD, PT_DYNAMIC, PT_NOTE, PT_TLS, PT_PHDR };

	for (uint32_t n = below(s, 200); n > 0; n--) {
		uint64_t at = below(s, s->span) & ~7u, value = below(s, s->span);

		if (one_in(s, 8))
			value = tags[below(s, ARRAY_SIZE(tags))];
		else if (one_in(s, 8))
			value = below(s, 5000);
		builder_poke_word(&s->p.b, at, value);
	}
}

/* Of anything, to anywhere; some over the end of all, some without an end. */
static void add_hints(struct sample *s)
{
	static const enum hint_kind kinds[] = { HINT_KEEP, HINT_DROP, HINT_SECRET,
						HINT_SECRET, HINT_TEXT };
	size_t count = below(s, HINTS);

	for (size_t i = 0; i < count; i++) {
		struct hint *h = &s->hints[i];

		h->kind = kinds[below(s, ARRAY_SIZE(kinds))];
		h->start = below(s, s->span);
		h->end = h->start + 1 + below(s, one_in(s, 3) ? 20 * PAGE : 40);
		h->priority = below(s, 4);
		if (one_in(s, 30))
			h->end = UINT64_MAX;
	}
	planned_hint(&s->p, s->hints, count);
	s->p.hints.unreadable = one_in(s, 30);
}

static void add_window(struct sample *s)
{
	static const char maps[] = "10000-20000 rw-p 00000000 00:00 0  [heap]\n"
				   "20000-60000 rw-p 00000000 00:00 0  [anon:x]\n";
	uint64_t at = below(s, s->span);

	planned_look(&s->p);
	for (uint32_t n = below(s, 3); n > 0; n--) {
		uint64_t start = below(s, s->span) & ~(PAGE - 1);

		core_memory_hole(&s->p.window, start, start + below(s, 9) * PAGE);
	}
	for (uint32_t n = below(s, 4); n > 0; n--) {
		at = page_up(at + 1 + below(s, 20) * PAGE);
		core_memory_changed(&s->p.window, at, at + PAGE + below(s, 9) * PAGE);
	}
	assert_int_equal(
		names_read((struct bytes){ (const uint8_t *)maps, sizeof(maps) - 1 },
			   &s->names),
		0);
	s->p.input.names = &s->names;
}

/* Memory that may have to be waited for, here and there. */
static void add_distant(struct sample *s)
{
	for (uint32_t n = below(s, 4); n > 0; n--) {
		uint64_t start = page_down(below(s, s->span));

		spans_add(&s->distant, start, start + (1 + below(s, 40)) * PAGE);
	}
	spans_join(&s->distant);
	s->p.input.distant = &s->distant;
}

/* A type that an administrator could have made. */
static void make_custom(struct sample *s)
{
	static const char *const globs[] = { "/usr/*", "[[]heap]", "*" };

	s->custom = (struct type){
		.name = "custom",
		.memory = true,
		.ranks = builder_random(&s->seed) & ((2u << RANK_REST) - 2),
		.budget = one_in(s, 3) ? UINT64_MAX : (uint64_t)below(s, 100) * PAGE,
		.mapping_max = one_in(s, 2) ? UINT64_MAX : below(s, 20 * PAGE),
		.keep = { &globs[below(s, 3)], below(s, 2) },
		.drop = { &globs[below(s, 3)], below(s, 2) },
	};
}

static void make(struct sample *s, uint32_t number)
{
	static const uint16_t machines[] = { EM_X86_64, EM_386, EM_AARCH64 };

	*s = (struct sample){ .seed = number * 2654435761u + 1 };
	s->odd = one_in(s, 5);
	builder_init(&s->p.b, machines[below(s, 3)]);
	s->span = (uint32_t)add_areas(s) + 0x20000;
	add_notes(s);
	add_words(s);
	s->p.b.shuffle = one_in(s, 2) ? 0 : builder_random(&s->seed);
	s->p.b.sorted = one_in(s, 3);
	s->p.b.without_notes = one_in(s, 20);
	s->p.b.notes_late = one_in(s, 20) && s->p.b.notes.n > 0;
	make_custom(s);
	planned_build(&s->p);
	if (!one_in(s, 4))
		add_window(s);
	if (!one_in(s, 3))
		add_hints(s);
	if (one_in(s, 2))
		add_distant(s);
}

static bool has_secret(const struct sample *s)
{
	for (size_t i = 0; s->p.input.hints && i < s->p.hints.count; i++) {
		if (s->hints[i].kind == HINT_SECRET)
			return true;
	}
	return s->p.hints.unreadable;
}

/* heap without a limit and without hints keeps all of what no file has. */
static void check_heap(const struct sample *s)
{
	for (size_t i = 0; i < s->p.b.load_count; i++) {
		const struct segment *load = &s->p.b.loads[i];

		if (load->memsz && !notes_file_at(&s->p.notes, load->vaddr))
			assert_true(built_has(&s->p.output, load->vaddr,
					      load->vaddr + load->filesz));
	}
}

/* Behind the header. */
static uint64_t place_in(struct sample *s)
{
	const struct plan *plan = &s->p.plan;
	uint64_t end = plan->size - plan->trailer_size;

	return plan->header_size +
	       (end > plan->header_size ? below(s, (uint32_t)(end - plan->header_size))
					: 0);
}

static void check_type(struct sample *s, const char *name)
{
	struct planned *p = &s->p;
	bool all = one_in(s, 3);
	uint64_t cut;

	(void)snprintf(p->what, sizeof(p->what), "seed %u, %s%s%s: ", s->seed, name,
		       s->odd ? ", odd sizes" : "", p->input.memory ? ", window" : "");
	p->input.type = strcmp(name, "custom") == 0 ? &s->custom : type_find(name);
	p->input.max_memory = all ? UINT64_MAX : (uint64_t)below(s, 100) * PAGE;
	p->input.by_rank = one_in(s, 2);
	planned_make(p);
	if (p->plan.segment_count == 0) /* no notes, nothing kept: no core at all */
		assert_true(s->p.b.without_notes && p->plan.memory == 0);
	if (all && strcmp(name, "full") == 0)
		assert_int_equal(p->plan.verbatim, !has_secret(s) && !p->plan.by_rank);
	if (p->plan.by_rank)
		assert_true(p->input.by_rank &&
			    (p->input.distant || !p->plan.type->verbatim));
	if (p->plan.verbatim)
		assert_memory_equal(p->output.p, p->file.p, p->file.n);
	if (all && strcmp(name, "heap") == 0 && !p->input.hints && p->notes.has_files)
		check_heap(s);
	if (p->plan.by_rank && one_in(s, 2))
		planned_follow(p, place_in(s));
	cut = place_in(s);
	if (p->plan.segment_count)
		planned_cut(p, cut);
	plan_done(&p->plan);
	built_done(&p->output);
}

static void test_cores(void **state)
{
	static const char *const types[] = { "triage", "stacks", "mini",
					     "heap",   "full",	 "custom" };

	(void)state;
	for (uint32_t number = 0; number < CORES; number++) {
		struct sample s;

		make(&s, number);
		for (size_t i = 0; i < ARRAY_SIZE(types); i++)
			check_type(&s, types[i]);
		names_done(&s.names);
		spans_done(&s.distant);
		planned_done(&s.p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cores) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
