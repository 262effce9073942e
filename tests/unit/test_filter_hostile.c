/* SPDX-License-Identifier: MIT */
/*
 * Processes that lie everywhere: whatever they say, there is a plan, it has the crashing thread's stack,
 * and it is made with less than 150,000 reads and in 32 MiB of memory. How long that takes is no test's
 * business (some 0.2 s); tests/fuzz looks for what takes longer. Linked with --wrap (tests.mk).
 */
#include <malloc.h>
#include <stdlib.h>

#include "tests/unit/planned.h"
#include "tests/unit/rig.h"
#include "tests/unit/table.h"

#define STACK	UINT64_C(0x70000000)
#define HEAP	UINT64_C(0x10000000)
#define THREADS 4000

/* Pages of stacks, twice each, and a control block of each thread some times. */
#define MOST_READS 150000

/* Of what is allocated by this program's own objects. */
static size_t allocated, peak;

static void *count(void *p)
{
	if (p)
		allocated += malloc_usable_size(p);
	if (allocated > peak)
		peak = allocated;
	return p;
}

static void uncount(void *p)
{
	allocated -= p ? malloc_usable_size(p) : 0;
}

#define WRAPPED(name, parameters, arguments, before)   \
	void *__real_##name parameters;                \
	void *__wrap_##name parameters;                \
	void *__wrap_##name parameters                 \
	{                                              \
		before;                                \
		return count(__real_##name arguments); \
	}

WRAPPED(malloc, (size_t n), (n), )
WRAPPED(calloc, (size_t n, size_t size), (n, size), )
WRAPPED(realloc, (void *p, size_t n), (p, n), uncount(p))
WRAPPED(reallocarray, (void *p, size_t n, size_t size), (p, n, size), uncount(p))

void __real_free(void *p);
void __wrap_free(void *p);
void __wrap_free(void *p)
{
	uncount(p);
	__real_free(p);
}

struct row {
	const char *name;
	void (*build)(struct core_builder *b);
	uint64_t most; /* bytes that mini keeps at most */
	size_t hints;
};

static void usual_stack(struct core_builder *b)
{
	builder_init(b, EM_X86_64);
	builder_thread(b, 1, STACK + 0x1100, STACK, 0);
}

/* Words from start on, each what a function makes of its number. */
static void poke_words(struct core_builder *b, uint64_t start, size_t count,
		       uint64_t (*word)(uint64_t i))
{
	for (size_t i = 0; i < count; i++)
		builder_poke_word(b, start + i * b->word, word(i));
}

static uint64_t page_of_heap(uint64_t i)
{
	return HEAP + (i * 7919 % 8192) * PAGE + 0x100;
}

/* Every thread has a dtv of its own, all of it pointers. */
static void build_dtvs(struct core_builder *b)
{
	usual_stack(b);
	builder_load(b, HEAP, 8192 * PAGE, 8192 * PAGE, RW);
	builder_load(b, STACK, 4 * PAGE, 4 * PAGE, RW);
	for (uint32_t i = 0; i < THREADS; i++)
		builder_thread(b, 2 + i, STACK + 0x2000, 0, HEAP + i * PAGE);
	poke_words(b, HEAP, THREADS * PAGE / 8, page_of_heap);
	for (uint64_t i = 0; i < THREADS; i++) /* how many entries it has */
		builder_poke_word(b, HEAP + i * PAGE + 0x100 - 16, 256);
}

static void build_areas(struct core_builder *b)
{
	usual_stack(b);
	for (uint64_t i = 0; i < 100000; i++)
		builder_load(b, HEAP + i * PAGE, PAGE, PAGE, i % 2 ? RW : RW | PF_X);
	builder_load(b, STACK, 4 * PAGE, 4 * PAGE, RW);
}

/* All threads are in one stack, their pointers in another. */
static void build_stacks(struct core_builder *b)
{
	usual_stack(b);
	builder_load(b, HEAP, 8192 * PAGE, 8192 * PAGE, RW);
	builder_load(b, STACK, 512 * PAGE, 512 * PAGE, RW);
	for (uint32_t i = 0; i < THREADS; i++)
		builder_thread(b, 2 + i, STACK + 0x2000 + 16 * i, 0, HEAP + 8000 * PAGE);
}

static void build_web(struct core_builder *b)
{
	usual_stack(b);
	builder_load(b, HEAP, 8192 * PAGE, 8192 * PAGE, RW);
	builder_load(b, STACK, 4 * PAGE, 4 * PAGE, RW);
	poke_words(b, HEAP, 8192 * PAGE / 8, page_of_heap);
	poke_words(b, STACK + 0x1000, 0x3000 / 8, page_of_heap);
}

static void build_wild(struct core_builder *b)
{
	const uint64_t auxv[][2] = {
		{ AT_PHDR, UINT64_MAX }, { AT_PHNUM, UINT64_MAX },
		{ AT_BASE, UINT64_MAX }, { AT_RANDOM, UINT64_MAX },
		{ AT_PLATFORM, 1 },	 { AT_SYSINFO_EHDR, UINT64_MAX }
	};

	usual_stack(b);
	for (uint32_t i = 0; i < THREADS; i++)
		builder_thread(b, 2 + i, UINT64_MAX - i, UINT64_MAX, UINT64_MAX - i);
	builder_siginfo(b, 11, 1, UINT64_MAX);
	builder_auxv(b, auxv, ARRAY_SIZE(auxv));
	builder_load(b, STACK, 4 * PAGE, 4 * PAGE, RW);
	builder_load(b, page_down(UINT64_MAX) - 4 * PAGE, 4 * PAGE, 4 * PAGE, RW);
}

/* 1 TiB, of which the window has nothing. */
static void build_reserved(struct core_builder *b)
{
	usual_stack(b);
	builder_load(b, STACK, 4 * PAGE, 4 * PAGE, RW);
	builder_load(b, UINT64_C(0x100000000000), UINT64_C(1) << 40, UINT64_C(1) << 40,
		     RW);
	poke_words(b, STACK + 0x1000, 0x3000 / 8, page_of_heap);
}

#define MINI (8 << 20)
#define TLS  (32 << 20)

static const struct row rows[] = {
	{ "4,000 dtvs of garbage", build_dtvs, TLS + MINI, 0 },
	{ "100,000 areas of a page", build_areas, MINI + 8 * PAGE, 0 },
	{ "4,000 threads in one stack", build_stacks, MINI + 512 * PAGE, 0 },
	{ "every word a pointer", build_web, MINI + 8 * PAGE, 0 },
	{ "nothing but the last address", build_wild, 16 * PAGE, 0 },
	{ "1 TiB reserved", build_reserved, MINI + 8 * PAGE, 0 },
	{ "100,000 hints", build_web, MINI + 8 * PAGE, 100000 },
};

static struct hint *make_hints(size_t count)
{
	struct hint *hints = calloc(count + 1, sizeof(*hints));
	uint32_t seed = 5;

	assert_non_null(hints);
	for (size_t i = 0; i < count; i++) {
		uint64_t start = HEAP + builder_random(&seed) % (8192 * PAGE);

		hints[i] = (struct hint){
			.kind = builder_random(&seed) % HINT_TEXT,
			.start = start,
			.end = start + 1 +
			       builder_random(&seed) % (i % 10 ? 60 : 1 << 30),
			.priority = builder_random(&seed) % 100,
		};
	}
	return hints;
}

static void check_type(struct planned *p, const struct row *row, const char *type)
{
	enum fate fate;
	size_t before = allocated;

	p->window.reads = 0;
	p->input.type = type_find(type);
	peak = allocated;
	assert_int_equal(plan_make(&p->input, &p->plan), 0);
	assert_true(p->window.reads < MOST_READS);
	assert_true(peak - before < 32 << 20);
	if (strcmp(type, "mini") == 0)
		assert_true(p->plan.memory <= row->most);
	fate = planned_piece(p, STACK + 0x1100)->fate;
	assert_true(fate == FATE_KEPT || fate == FATE_SCRUBBED);
	plan_done(&p->plan);
}

static void test_row(void **state)
{
	static const char *const types[] = { "triage", "stacks", "mini", "heap", "full" };
	const struct row *row = *state;
	struct hint *hints = make_hints(row->hints);
	struct planned p;

	row->build(&p.b);
	p.b.headers_only = true;
	planned_build(&p);
	planned_look(&p);
	if (row->hints)
		planned_hint(&p, hints, row->hints);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		check_type(&p, row, types[i]);
	planned_done(&p);
	free(hints);
}

int main(void)
{
	return RUN_TABLE(rows, test_row);
}
