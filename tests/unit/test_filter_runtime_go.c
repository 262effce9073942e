/* SPDX-License-Identifier: MIT */
/*
 * Goroutines: found by what runtime.allgs is, and by nothing that only looks like it.
 */
#include "tests/unit/rig.h"
#include "tests/unit/table.h"

#include "filter/runtime.h"

#define DATA   UINT64_C(0x500000)
#define BSS    (DATA + 4 * PAGE)
#define HEAP   UINT64_C(0xc000000000)
#define STACKS UINT64_C(0xc000400000)
#define THREAD UINT64_C(0x7fffff000000)
#define PAGES  64
#define TLS    (THREAD + 0x800)
#define G(i)   (HEAP + 8 * PAGE + (uint64_t)(i)*512)
#define ARRAY  (HEAP + 2 * PAGE)
#define LO(i)  (STACKS + (uint64_t)(i)*4 * PAGE)
#define SP(i)  (LO(i) + 2 * PAGE + 0x100)
#define COUNT  10

enum {
	SELF = 9,
	SCHED_SP = 7,
	M = 6,
};

static void goroutine(struct core_builder *b, int i)
{
	static const uint8_t zeros[512];

	builder_poke(b, G(i), zeros, sizeof(zeros));
	builder_poke_word(b, G(i), LO(i));
	builder_poke_word(b, G(i) + 8, LO(i) + 4 * PAGE);
	builder_poke_word(b, G(i) + 8 * SCHED_SP, SP(i));
	builder_poke_word(b, G(i) + 8 * SELF, G(i));
	builder_poke_word(b, ARRAY + 8 * (uint64_t)i, G(i));
}

static void slice(struct core_builder *b, uint64_t at, uint64_t array, uint64_t n,
		  uint64_t capacity)
{
	builder_poke_word(b, at, array);
	builder_poke_word(b, at + 8, n);
	builder_poke_word(b, at + 16, capacity);
}

/* A static executable with variables in two mappings, goroutines in the heap, a thread. */
static void build(struct core_builder *b)
{
	static const uint8_t zeros[PAGE];

	builder_init(b, EM_X86_64);
	builder_thread(b, 1, THREAD + 0x400, 0x401000, TLS);
	builder_load(b, 0x400000, PAGE, 4 * PAGE, PF_R | PF_X);
	builder_load(b, DATA, 4 * PAGE, 4 * PAGE, RW);
	builder_load(b, BSS, 4 * PAGE, 4 * PAGE, RW);
	builder_load(b, HEAP, PAGES * PAGE, PAGES * PAGE, RW);
	builder_load(b, STACKS, PAGES * PAGE, PAGES * PAGE, RW);
	builder_load(b, THREAD, PAGE, PAGE, RW);
	builder_file(b, 0x400000, 0x404000, 0, "/usr/bin/goes");
	builder_file(b, DATA, BSS, 4, "/usr/bin/goes");
	builder_files(b);
	for (uint64_t i = 0; i < 8; i++)
		builder_poke(b, DATA + i * PAGE, zeros, PAGE);
	for (int i = 0; i < COUNT; i++)
		goroutine(b, i);
	builder_poke_word(b, TLS - 8, G(0));
}

/* What a stack of one goroutine is from SP up; the last page is the next tier. */
static bool has(const struct rig *rig, uint64_t address)
{
	for (size_t i = 0; i < rig->ranges.count; i++) {
		const struct range *r = &rig->ranges.ranges[i];

		assert_int_equal(r->rank, RANK_RUNTIME);
		if (r->start <= address && address < r->end)
			return true;
	}
	return false;
}

static void check_found(struct rig *rig, bool found)
{
	rule_runtime(&rig->view, &rig->ranges);
	assert_false(rig->ranges.failed);
	assert_int_equal(has(rig, ARRAY), found);
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(has(rig, G(i)), found);
		assert_int_equal(has(rig, SP(i)), found);
		assert_int_equal(has(rig, LO(i) + 3 * PAGE), found);
		assert_false(has(rig, LO(i) + PAGE));
	}
}

/* In .data, in .bss, and over the end of a page. */
static void test_places(void **state)
{
	static const uint64_t places[] = { DATA + 24, BSS + PAGE + 64, BSS + 2 * PAGE - 8,
					   BSS + 2 * PAGE - 16 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		struct rig rig;

		build(&rig.b);
		slice(&rig.b, places[i], ARRAY, COUNT, COUNT + 6);
		rig_up(&rig);
		check_found(&rig, true);
		rig_done(&rig);
	}
}

static const struct wrong {
	const char *name;
	uint64_t array, n, capacity;
	uint64_t at, value; /* a word that differs; 0: none */
} wrongs[] = {
	{ "longer than its capacity", ARRAY, COUNT, COUNT - 1, 0, 0 },
	{ "capacity of no array", ARRAY, COUNT, UINT64_MAX, 0, 0 },
	{ "one goroutine", ARRAY, 1, 8, 0, 0 },
	{ "not aligned", ARRAY + 4, COUNT, COUNT, 0, 0 },
	{ "outside of memory", 0x1000, COUNT, COUNT, 0, 0 },
	{ "end of memory", HEAP + (PAGES - 1) * PAGE, 1 << 20, 1 << 20, 0, 0 },
	{ "first is none", ARRAY, COUNT, COUNT, ARRAY, HEAP + 64 },
	{ "middle is none", ARRAY, COUNT, COUNT, ARRAY + 8 * (COUNT / 2), 0x1000 },
	{ "last is none", ARRAY, COUNT, COUNT, ARRAY + 8 * (COUNT - 1), 0 },
	{ "last names another", ARRAY, COUNT, COUNT, G(COUNT - 1) + 8 * SELF, G(0) },
	{ "stack ends before it begins", ARRAY, COUNT, COUNT, G(0) + 8, LO(0) - 8 },
	{ "no thread of Go", ARRAY, COUNT, COUNT, TLS - 8, HEAP },
};

static void test_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrongs); i++) {
		const struct wrong *w = &wrongs[i];
		struct rig rig;

		print_message("%s\n", w->name);
		build(&rig.b);
		slice(&rig.b, BSS, w->array, w->n, w->capacity);
		if (w->at)
			builder_poke_word(&rig.b, w->at, w->value);
		rig_up(&rig);
		rule_runtime(&rig.view, &rig.ranges);
		assert_int_equal(rig.ranges.count, 0);
		rig_done(&rig);
	}
}

/* A thread in a handler: its g has no frames of its own, its m leads to g0. */
static void test_handler(void **state)
{
	const uint64_t gsignal = G(20), m = HEAP + 40 * PAGE;
	struct rig rig;

	(void)state;
	build(&rig.b);
	builder_poke_word(&rig.b, TLS - 8, gsignal);
	builder_poke_word(&rig.b, gsignal, LO(12));
	builder_poke_word(&rig.b, gsignal + 8, LO(13));
	builder_poke_word(&rig.b, gsignal + 8 * M, m);
	builder_poke_word(&rig.b, gsignal + 8 * SELF, 0);
	builder_poke_word(&rig.b, m, G(0));
	slice(&rig.b, BSS, ARRAY, COUNT, COUNT);
	rig_up(&rig);
	check_found(&rig, true);
	assert_true(has(&rig, gsignal));
	assert_true(has(&rig, m));
	rig_done(&rig);
}

#define PROCESSORS (HEAP + PAGE)
#define MACHINE	   (HEAP + 3 * PAGE)
#define CACHE(i)   (HEAP + (uint64_t)(50 + (i)) * PAGE)
#define SPAN(i)	   (HEAP + (uint64_t)(55 + (i)) * PAGE)
#define P(i)	   (HEAP + (uint64_t)(20 + 5 * (i)) * PAGE + 0x500)

/* A struct p: what it points to is in its last words, too. */
static void processor(struct core_builder *b, uint64_t i)
{
	static const uint8_t zeros[9472];

	builder_poke(b, P(i), zeros, sizeof(zeros));
	builder_poke_word(b, P(i), UINT64_C(3) << 32 | i);
	builder_poke_word(b, P(i) + 7 * 8, i == 0 ? MACHINE : 0);
	builder_poke_word(b, P(i) + 8 * 8, CACHE(i));
	builder_poke_word(b, P(i) + 8904, SPAN(i));
	builder_poke_word(b, PROCESSORS + 8 * i, P(i));
}

static const struct no_processor {
	const char *name;
	uint64_t at, value; /* a word that differs; 0: none */
	bool found;
} no_processors[] = {
	{ "as they are", 0, 0, true },
	{ "number", P(1), UINT64_C(3) << 32 | 2, false },
	{ "state", P(1), UINT64_C(5) << 32 | 1, false },
	{ "machine", P(0) + 7 * 8, HEAP, false },
	{ "cache", P(1) + 8 * 8, 0x1000, false },
	{ "cache is not aligned", P(1) + 8 * 8, CACHE(1) + 4, false },
	{ "length", BSS + 8, 0, false },
};

/* runtime.allp: each has its place for a number. What they point to is kept, too. */
static void test_processors(void **state)
{
	const struct no_processor *row = *state;
	struct rig rig;

	build(&rig.b);
	builder_poke_word(&rig.b, MACHINE, G(0));
	for (uint64_t i = 0; i < 2; i++)
		processor(&rig.b, i);
	slice(&rig.b, DATA, ARRAY, COUNT, COUNT);
	slice(&rig.b, BSS, PROCESSORS, 2, 2);
	if (row->at)
		builder_poke_word(&rig.b, row->at, row->value);
	rig_up(&rig);
	check_found(&rig, true);
	for (uint64_t i = 0; i < 2; i++) {
		assert_int_equal(has(&rig, P(i)), row->found);
		assert_int_equal(has(&rig, P(i) + 8911), row->found);
		assert_int_equal(has(&rig, CACHE(i)), row->found);
		assert_int_equal(has(&rig, SPAN(i)), row->found);
	}
	rig_done(&rig);
}

/* runtime.allgs may change while it is read: what is no goroutine is left out, and no other. */
static const struct skipped {
	const char *name;
	uint64_t at, value;
} skips[] = {
	{ "names another", G(3) + 8 * SELF, G(4) },
	{ "is outside of memory", ARRAY + 8 * 3, 0x1000 },
	{ "is none", ARRAY + 8 * 3, 0 },
};

static void test_skipped(void **state)
{
	const struct skipped *row = *state;
	struct rig rig;

	build(&rig.b);
	slice(&rig.b, BSS, ARRAY, COUNT, COUNT);
	builder_poke_word(&rig.b, row->at, row->value);
	rig_up(&rig);
	rule_runtime(&rig.view, &rig.ranges);
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(has(&rig, SP(i)), i != 3);
		assert_int_equal(has(&rig, LO(i) + 3 * PAGE), i != 3);
	}
	rig_done(&rig);
}

/* For each part what was found, by address. */
static void find(struct rig *rig, struct runtime *runtime)
{
	rig_up(rig);
	runtime->view = &rig->view;
	runtime_go(runtime);
	for (size_t i = 0; i < RUNTIME_PARTS; i++) {
		assert_false(runtime->parts[i].failed);
		spans_join(&runtime->parts[i]);
	}
}

static void find_done(struct rig *rig, struct runtime *runtime)
{
	for (size_t i = 0; i < RUNTIME_PARTS; i++)
		spans_done(&runtime->parts[i]);
	rig_done(rig);
}

static void assert_span(const struct spans *spans, struct span expected)
{
	assert_int_equal(spans->count, expected.end > 0);
	if (!spans->count)
		return;
	assert_int_equal(spans->spans[0].start, expected.start);
	assert_int_equal(spans->spans[0].end, expected.end);
}

#define S(page) (STACKS + (uint64_t)(page)*PAGE)

static const struct stack {
	const char *name;
	uint64_t lo, hi, sp, m;
	struct span frames, rest;
} stacks[] = {
	{ "waits on its first page",
	  S(0),
	  S(4),
	  S(0) + 8,
	  0,
	  { S(0), S(1) },
	  { S(1), S(4) } },
	{ "waits on its last page", S(0), S(4), S(3) + 8, 0, { S(3), S(4) }, { 0, 0 } },
	{ "64 KiB behind its frames",
	  S(0),
	  S(17),
	  S(0) + 8,
	  0,
	  { S(0), S(1) },
	  { S(1), S(17) } },
	{ "more than 64 KiB",
	  S(0),
	  S(17) + 8,
	  S(0) + 8,
	  0,
	  { S(0), S(1) },
	  { S(1), S(17) } },
	{ "all of 200 KiB", S(0), S(50), S(1), 0, { S(1), S(2) }, { S(2), S(18) } },
	{ "has ended", 0, 0, 0, 0, { 0, 0 }, { 0, 0 } },
	{ "SP below it", S(2), S(4), S(1), 0, { 0, 0 }, { 0, 0 } },
	{ "SP is its end", S(2), S(4) + 8, S(4) + 8, 0, { 0, 0 }, { 0, 0 } },
	{ "SP behind it", S(2), S(4), S(5), 0, { 0, 0 }, { 0, 0 } },
	{ "runs there",
	  THREAD,
	  THREAD + PAGE,
	  0,
	  HEAP,
	  { THREAD, THREAD + PAGE },
	  { 0, 0 } },
	{ "runs elsewhere", S(0), S(8), S(1), HEAP, { S(4), S(5) }, { S(5), S(8) } },
	{ "runs elsewhere, 16 KiB",
	  S(0),
	  S(4),
	  S(9),
	  HEAP,
	  { S(0), S(1) },
	  { S(1), S(4) } },
};

/* Where a goroutine is, and what is behind; all of it is the program's word. */
static void test_stack(void **state)
{
	struct runtime runtime = { .left = 1 << 20 };
	const struct stack *row = *state;
	struct rig rig;

	build(&rig.b);
	slice(&rig.b, BSS, ARRAY, 2, 2);
	for (uint64_t at = G(0); at <= G(0) + 8; at += 8)
		builder_poke_word(&rig.b, at, 0); /* it has ended */
	builder_poke_word(&rig.b, G(1), row->lo);
	builder_poke_word(&rig.b, G(1) + 8, row->hi);
	builder_poke_word(&rig.b, G(1) + 8 * SCHED_SP, row->sp);
	builder_poke_word(&rig.b, G(1) + 8 * M, row->m);
	find(&rig, &runtime);
	assert_spans(&runtime.parts[RUNTIME_LISTS],
		     row->m ? "c000000000-c000001000 c000002000-c000003000 "
			      "c000008000-c000009000"
			    : "c000002000-c000003000 c000008000-c000009000");
	assert_span(&runtime.parts[RUNTIME_FRAMES], row->frames);
	assert_span(&runtime.parts[RUNTIME_REST], row->rest);
	find_done(&rig, &runtime);
}

/* A list that names all memory is followed as far as the budget goes. */
static void test_budget(void **state)
{
	struct type type = *type_find("mini");
	uint64_t sum = 0;
	struct rig rig;

	(void)state;
	type.budget = 16 * PAGE;
	build(&rig.b);
	slice(&rig.b, BSS, ARRAY, COUNT, COUNT);
	rig_up(&rig);
	rig.view.type = &type;
	rule_runtime(&rig.view, &rig.ranges);
	for (size_t i = 0; i < rig.ranges.count; i++)
		sum += range_size(&rig.ranges.ranges[i]);
	assert_in_range(sum, 2 * PAGE, 24 * PAGE);
	assert_true(has(&rig, ARRAY));
	rig_done(&rig);
}

/* Bytes of a struct g, of a struct m, of the list, of a goroutine with its stack. */
#define OF_G	512
#define OF_M	2048
#define OF_LIST (8 * COUNT)
#define OF_ALL	(OF_G + 2 * PAGE - 0x100)

static const struct budget {
	const char *name;
	uint64_t m; /* of the first thread's goroutine */
	uint64_t left, left_then;
	const char *lists, *frames;
} budgets[] = {
	{ "too little for a thread's", 0, OF_G - 1, OF_G - 1 - OF_LIST,
	  "c000002000-c000003000", "" },
	{ "too little for its m", MACHINE, OF_G + OF_M - 1, OF_M - 1 - OF_LIST - OF_G,
	  "c000002000-c000003000 c000008000-c000009000", "" },
	{ "too little for a second thread's", MACHINE, OF_G + OF_M + OF_G - 1,
	  OF_G - 1 - OF_LIST, "c000002000-c000004000 c000008000-c000009000", "" },
	{ "too little for a goroutine", MACHINE, 2 * OF_G + OF_M + OF_LIST + OF_G - 1,
	  OF_G - 1, "c000002000-c000004000 c000008000-c000009000", "" },
	{ "too little for a second one", 0, 2 * OF_G + OF_LIST + OF_ALL + OF_G - 1,
	  OF_G - 1, "c000002000-c000003000 c000008000-c000009000",
	  "c000402000-c000403000" },
	{ "for two", 0, 2 * OF_G + OF_LIST + 2 * OF_ALL, 0,
	  "c000002000-c000003000 c000008000-c000009000",
	  "c000402000-c000403000 c000406000-c000407000" },
};

/* It ends with what there is no room for: what is smaller and behind it is not added. */
static void test_left(void **state)
{
	const struct budget *row = *state;
	struct runtime runtime = { .left = row->left };
	struct rig rig;

	build(&rig.b);
	slice(&rig.b, BSS, ARRAY, COUNT, COUNT);
	builder_thread(&rig.b, 2, THREAD + 0x400, 0x401000, TLS + 0x100);
	builder_poke_word(&rig.b, TLS + 0x100 - 8, G(1));
	builder_poke_word(&rig.b, G(0) + 8 * M, row->m);
	find(&rig, &runtime);
	assert_int_equal(runtime.left, row->left_then);
	assert_spans(&runtime.parts[RUNTIME_LISTS], row->lists);
	assert_spans(&runtime.parts[RUNTIME_FRAMES], row->frames);
	find_done(&rig, &runtime);
}

/* Types without the rank, and without a look at memory. */
static void test_none(void **state)
{
	struct rig rig;

	(void)state;
	build(&rig.b);
	slice(&rig.b, BSS, ARRAY, COUNT, COUNT);
	rig_up(&rig);
	rig.view.type = type_find("stacks");
	rule_runtime(&rig.view, &rig.ranges);
	rig.view.type = type_find("full");
	rule_runtime(&rig.view, &rig.ranges);
	rig.view.type = type_find("mini");
	rig.view.memory = NULL;
	rule_runtime(&rig.view, &rig.ranges);
	assert_int_equal(rig.ranges.count, 0);
	rig_done(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),	cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_handler), cmocka_unit_test(test_budget),
		cmocka_unit_test(test_none),
	};

	return RUN_TABLE(no_processors, test_processors) +
	       RUN_TABLE(skips, test_skipped) + RUN_TABLE(stacks, test_stack) +
	       RUN_TABLE(budgets, test_left) + cmocka_run_group_tests(tests, NULL, NULL);
}
