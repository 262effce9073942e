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

#define SPREAD UINT64_C(0x10000)

/* All threads' SPs are at the beginning of one area, which is full of signal frames that name it. */
static uint64_t word_of_context(uint64_t i)
{
	const uint64_t words[] = { 1, 0, HEAP, 0, 1 << 20 };

	return words[i % ARRAY_SIZE(words)];
}

/* The same, but none of them is one. */
static uint64_t word_of_no_context(uint64_t i)
{
	return i % 2 ? HEAP : 0;
}

static void build_contexts(struct core_builder *b, uint64_t (*word)(uint64_t i))
{
	builder_init(b, EM_X86_64);
	builder_thread(b, 1, STACK + 0x1100, STACK, 0);
	builder_load(b, HEAP, 8192 * PAGE, 8192 * PAGE, RW);
	builder_load(b, STACK, 4 * PAGE, 4 * PAGE, RW);
	for (uint32_t i = 0; i < THREADS; i++)
		builder_thread(b, 2 + i, HEAP + 0x100 + i % 8 * 5 * 8, 0, 0);
	poke_words(b, HEAP, 512 * PAGE / 8, word);
}

static void build_frames(struct core_builder *b)
{
	build_contexts(b, word_of_context);
}

static void build_no_frames(struct core_builder *b)
{
	build_contexts(b, word_of_no_context);
}

static void poke_header(struct core_builder *b, uint64_t at, uint64_t type,
			uint64_t address)
{
	builder_poke_word(b, at, type);
	builder_poke_word(b, at + 16, address);
	builder_poke_word(b, at + 40, PAGE);
}

/* A list of modules in a circle, whose hash table has the name of JIT's descriptor for every symbol. */
static void build_jit(struct core_builder *b)
{
	const uint64_t auxv[][2] = { { AT_PHDR, HEAP },
				     { AT_PHNUM, 2 },
				     { AT_BASE, HEAP } };
	const uint64_t r_debug = HEAP + 0x2000, node = HEAP + 0x3000;
	const uint64_t dynamic = HEAP + 0x4000, hash = HEAP + 0x5000;
	const uint64_t tables[] = { DT_GNU_HASH, DT_SYMTAB,	DT_STRTAB,
				    hash,	 HEAP + 0x6000, HEAP + 0x7000 };

	usual_stack(b);
	builder_auxv(b, auxv, ARRAY_SIZE(auxv));
	builder_load(b, HEAP, 64 * PAGE, 64 * PAGE, RW);
	builder_load(b, STACK, 4 * PAGE, 4 * PAGE, RW);
	poke_header(b, HEAP, PT_PHDR, HEAP);
	poke_header(b, HEAP + sizeof(Elf64_Phdr), PT_DYNAMIC, HEAP + 0x1000);
	builder_poke_word(b, HEAP + 0x1000, DT_DEBUG);
	builder_poke_word(b, HEAP + 0x1008, r_debug);
	builder_poke_word(b, r_debug, 1);
	builder_poke_word(b, r_debug + 8, node);
	builder_poke_word(b, node, 0);
	builder_poke_word(b, node + 8, HEAP + 0x8000);
	builder_poke_word(b, node + 16, dynamic);
	builder_poke_word(b, node + 24, node);
	for (uint64_t i = 0; i < 64; i++) {
		builder_poke_word(b, dynamic + 16 * i,
				  i < 61 ? DT_NEEDED : tables[i - 61]);
		builder_poke_word(b, dynamic + 16 * i + 8, i < 61 ? 0 : tables[i - 58]);
	}
	builder_poke_word(b, hash, 1); /* buckets, the first symbol */
	builder_poke_word(b, hash + 8, 1); /* words of the filter, shift */
	builder_poke_word(b, hash + 16, UINT64_MAX);
	builder_poke_word(b, hash + 24, UINT64_C(0x38f3578e) << 32);
	for (uint64_t i = 0; i < 64; i++)
		builder_poke_word(b, hash + 32 + 8 * i, UINT64_C(0x38f3578e38f3578e));
}

/* Each word is the address of an area of its own, as far as there are some. */
static uint64_t any_area(uint64_t i)
{
	return HEAP + i * 7919 % 4096 * SPREAD + 0x100 + i % 64 * 64;
}

/* Threads with deep stacks, and a file of the runtime's name. */
static void build_java(struct core_builder *b)
{
	const uint64_t stacks = UINT64_C(0x60000000), end = stacks + 4096 * PAGE;

	usual_stack(b);
	builder_file(b, UINT64_C(0x50000000), UINT64_C(0x50010000), 0, "/tmp/libjvm.so");
	builder_files(b);
	for (uint64_t i = 0; i < 4096; i++)
		builder_load(b, HEAP + i * SPREAD, PAGE, PAGE, RW);
	builder_load(b, UINT64_C(0x50000000), 0, 0x10000, PF_R | PF_X);
	builder_load(b, stacks, 4096 * PAGE, 4096 * PAGE, RW);
	builder_load(b, STACK, 4 * PAGE, 4 * PAGE, RW);
	for (uint32_t i = 0; i < THREADS; i++)
		builder_thread(b, 2 + i, stacks + i * PAGE / 2, 0, end - PAGE);
	poke_words(b, stacks, 4096 * PAGE / 8, any_area);
	builder_poke_word(b, end - PAGE, end - PAGE);
}

/* Of three words in a row each is a list of goroutines, but for the last one. */
static uint64_t here(uint64_t i)
{
	(void)i;
	return HEAP;
}

static void build_go(struct core_builder *b)
{
	const uint64_t g = HEAP + 0x100, data = UINT64_C(0x50000000);

	usual_stack(b);
	builder_thread(b, 2, STACK + 0x1100, 0, HEAP + 0x808);
	builder_file(b, data, data + 1024 * PAGE, 0, "/tmp/go");
	builder_files(b);
	builder_load(b, HEAP, 4 * PAGE, 4 * PAGE, RW);
	builder_load(b, data, 1024 * PAGE, 1024 * PAGE, RW);
	builder_load(b, STACK, 4 * PAGE, 4 * PAGE, RW);
	poke_words(b, data, 1024 * PAGE / 8, here);
	builder_poke_word(b, HEAP + 0x800, g);
	builder_poke_word(b, HEAP, g + 8);
	builder_poke_word(b, g, STACK);
	builder_poke_word(b, g + 8, STACK + PAGE);
	builder_poke_word(b, g + 72, g);
}

/* All threads have a goroutine whose m names it in every word, and are on none of its stack. */
static void build_goroutines(struct core_builder *b)
{
	const uint64_t g = HEAP + 0x100, m = HEAP + 0x1000;

	usual_stack(b);
	builder_load(b, HEAP, 64 * PAGE, 64 * PAGE, RW);
	builder_load(b, STACK, 64 * PAGE, 64 * PAGE, RW);
	for (uint32_t i = 0; i < THREADS; i++)
		builder_thread(b, 2 + i, STACK + 0x1100, 0, HEAP + 0x808);
	builder_poke_word(b, HEAP + 0x800, g);
	builder_poke_word(b, g, HEAP);
	builder_poke_word(b, g + 8, HEAP + 8);
	builder_poke_word(b, g + 48, m);
	builder_poke_word(b, g + 72, g);
	for (uint64_t i = 0; i < 64; i++)
		builder_poke_word(b, m + 8 * i, g);
}

/* {begin, end, end of capacity} in objects of malloc's that are too small for them. */
static uint64_t word_of_array(uint64_t i)
{
	uint64_t page = HEAP + i / 4 * 7919 % 8192 * PAGE;
	const uint64_t words[] = { 0x21, page + 0x108 + 8, page + 0xe00, page + 0xf00 };

	return words[i % ARRAY_SIZE(words)];
}

static void build_arrays(struct core_builder *b)
{
	usual_stack(b);
	builder_load(b, HEAP, 8192 * PAGE, 8192 * PAGE, RW);
	builder_load(b, STACK, 4 * PAGE, 4 * PAGE, RW);
	poke_words(b, HEAP + 8, 8192 * PAGE / 8 - 1, word_of_array);
	poke_words(b, STACK + 0x1108, 0x2e00 / 8, word_of_array);
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
	{ "signal frames everywhere", build_frames, MINI + 512 * PAGE, 0 },
	{ "almost signal frames", build_no_frames, MINI + 512 * PAGE, 0 },
	{ "modules in a circle with JIT's symbols", build_jit, MINI + 64 * PAGE, 0 },
	{ "4,000 threads of a JVM", build_java, MINI + 4096 * PAGE, 0 },
	{ "lists of goroutines", build_go, MINI + 1024 * PAGE, 0 },
	{ "4,000 threads of Go", build_goroutines, MINI + 64 * PAGE, 0 },
	{ "arrays everywhere", build_arrays, MINI + 8 * PAGE, 0 },
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
