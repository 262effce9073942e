/* SPDX-License-Identifier: MIT */
/*
 * The plan: what each type keeps of a usual program, and that what comes out is a core that
 * says nothing untrue (planned.h).
 */
#include "tests/unit/planned.h"
#include "tests/unit/table.h"

#define ALL UINT64_MAX

/* What of the usual program is there. Pages: 10000-10006 program, 10006 .bss, ... */
struct kept {
	const char *name;
	uint64_t start, end;
	bool stacks, mini, heap; /* has all its bytes */
};

static const struct kept usual[] = {
	{ "first page", 0x10000000, 0x10001000, true, true, true },
	{ ".data", 0x10004000, 0x10006000, true, true, true },
	{ ".bss", 0x10006000, 0x10007000, true, true, true },
	{ "page of the fault", 0x20002000, 0x20003000, true, true, true },
	{ "heap", 0x20000000, 0x20080000, false, true, true },
	{ "library's first page", 0x30000000, 0x30001000, true, true, true },
	{ "initial thread's TLS", 0x30009000, 0x3000a000, true, true, true },
	{ "shared memory", 0x50000000, 0x50002000, false, false, false },
	{ "crashing thread's stack", 0x60003000, 0x60009000, true, true, true },
	{ "heap behind it", 0x60009000, 0x60048000, false, true, true },
	{ "vdso", 0x70000000, 0x70002000, true, true, true },
	{ "initial stack", 0x7fff1000, 0x7fff4000, true, true, true },
	{ "initial stack below SP", 0x7fff0000, 0x7fff1000, false, true, true },
};

static const uint16_t machines[] = { EM_X86_64, EM_386, EM_AARCH64 };

static void check_kept(const struct kept *row, const char *type, bool has)
{
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		struct planned f;

		builder_usual(&f.b, machines[i]);
		planned_usual(&f, type, ALL);
		assert_false(f.plan.verbatim);
		assert_int_equal(f.plan.reason_count, 0);
		assert_int_equal(f.plan.left_out, 0);
		assert_string_equal(f.plan.type->name, type);
		/* aarch64 keeps more above the thread pointer */
		if (machines[i] != EM_AARCH64 || row->start != 0x60009000)
			assert_int_equal(built_has(&f.output, row->start, row->end), has);
		planned_done(&f);
	}
}

static void test_usual(void **state)
{
	const struct kept *row = *state;

	check_kept(row, "stacks", row->stacks);
	check_kept(row, "mini", row->mini);
	check_kept(row, "heap", row->heap);
}

/* Clean parts of a file have a header without bytes; dropped memory has none. */
static void test_names(void **state)
{
	static const struct {
		uint64_t address;
		bool named, bytes;
	} rows[] = {
		{ 0x10001000, true, false },  { 0x10003fff, true, false }, /* text */
		{ 0x30001000, true, false },  { 0x30003fff, true, false }, /* library */
		{ 0x30000000, true, true },   { 0x20002000, true, true },
		{ 0x20000000, false, false }, /* heap */
		{ 0x50000000, false, false }, /* shared */
		{ 0x7fff0000, false, false }, /* unused stack */
	};
	struct planned f;

	(void)state;
	builder_usual(&f.b, EM_X86_64);
	planned_usual(&f, "stacks", ALL);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(built_names(&f.output, rows[i].address), rows[i].named);
		assert_int_equal(
			built_has(&f.output, rows[i].address, rows[i].address + 1),
			rows[i].bytes);
	}
	planned_done(&f);
}

/* Notes stay as they are, and offsets and addresses agree modulo a page. */
static void test_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		struct planned f;
		struct core read;

		builder_usual(&f.b, machines[i]);
		f.b.shuffle = 77;
		planned_usual(&f, "mini", ALL);
		core_init(&read);
		assert_int_equal(built_feed(&f.output, 1, &read), 1);
		assert_int_equal(read.header.machine, machines[i]);
		assert_int_equal(read.notes.n, f.core.notes.n);
		assert_memory_equal(read.notes.p, f.core.notes.p, read.notes.n);
		assert_int_equal(read.size, f.plan.size);
		assert_int_equal(f.plan.header_size % PAGE, 0);
		for (size_t s = 0; s < read.count; s++) {
			assert_int_equal(read.segments[s].type, s ? PT_LOAD : PT_NOTE);
			assert_true(s == 0 || read.segments[s].offset % PAGE == 0);
		}
		core_done(&read);
		planned_done(&f);
	}
}

static void test_full(void **state)
{
	(void)state;
	for (uint32_t shuffle = 0; shuffle < 5; shuffle++) {
		struct planned f;

		builder_usual(&f.b, EM_X86_64);
		f.b.shuffle = shuffle;
		planned_usual(&f, "full", ALL);
		assert_true(f.plan.verbatim);
		assert_int_equal(f.output.n, f.file.n);
		assert_memory_equal(f.output.p, f.file.p, f.file.n);
		planned_done(&f);
	}
}

/* Each area whole if asked for, cut by none of its neighbours' ranks; odd sizes too. */
static void test_odd_sizes(void **state)
{
	struct planned f;

	(void)state;
	builder_init(&f.b, EM_X86_64);
	builder_thread(&f.b, 1, 0x10180, 0x10180, 0x10200);
	builder_load(&f.b, 0x10100, 0x123, 0x123, PF_R | PF_W);
	builder_load(&f.b, 0x10300, 0x10, 0x400, PF_R | PF_W);
	builder_load(&f.b, 0x11ff0, 0x20, 0x20, PF_R | PF_W);
	planned_usual(&f, "heap", ALL);
	assert_int_equal(f.memory, 0x123 + 0x10 + 0x20);
	planned_done(&f);
}

/*
 * A hint may be cut and dropped; globals and stacks that it names may not: a debugger would show
 * what the executable has on disk.
 */
struct named_too {
	const char *name, *type;
	uint64_t budget;
	uint32_t ranks; /* 0: the type's */
	enum hint_kind also; /* of the same memory */
	enum fate fate;
	enum rank rank;
};

static const struct named_too named_too[] = {
	{ "mini", "mini", 8 << 20, 0, HINT_KEEP, FATE_KEPT, RANK_GLOBAL },
	{ "no budget", "mini", 0, 0, HINT_KEEP, FATE_KEPT, RANK_GLOBAL },
	{ "no budget, stacks", "stacks", 0, 0, HINT_KEEP, FATE_KEPT, RANK_GLOBAL },
	{ "dropped, too", "mini", 8 << 20, 0, HINT_DROP, FATE_KEPT, RANK_GLOBAL },
	{ "a type without hints", "triage", 4 << 20, 0, HINT_KEEP, FATE_KEPT,
	  RANK_GLOBAL },
	{ "hints alone", "custom", 8 << 20, RANK_BIT(RANK_HINT), HINT_KEEP, FATE_KEPT,
	  RANK_HINT },
	{ "neither", "custom", 8 << 20, RANK_BIT(RANK_CRASH), HINT_KEEP, FATE_FILE,
	  RANK_HINT },
};

static void test_named_too(void **state)
{
	const struct named_too *row = *state;
	struct type type = *type_find(row->type);
	struct hint hints[] = {
		{ .kind = HINT_KEEP, .start = 0x10004000, .end = 0x10006000 },
		{ .kind = row->also, .start = 0x10004000, .end = 0x10006000 },
	};
	struct planned f;

	builder_usual(&f.b, EM_X86_64);
	builder_poke(&f.b, 0x10000000, ELFMAG, SELFMAG);
	planned_build(&f);
	planned_look(&f);
	planned_hint(&f, hints, ARRAY_SIZE(hints));
	type.budget = row->budget;
	type.ranks = row->ranks ? row->ranks : type.ranks;
	f.input.type = &type;
	planned_make(&f);
	assert_fate(&f, 0x10004000, row->fate, row->rank);
	assert_int_equal(built_has(&f.output, 0x10004000, 0x10006000),
			 row->fate == FATE_KEPT);
	planned_done(&f);
}

/* More than 65,534 program headers come out: the number stands in the trailer. */
static void build_many(struct core_builder *b, size_t count)
{
	builder_init(b, EM_X86_64);
	builder_thread(b, 1, 0x10000, 0x10000, 0);
	for (size_t i = 0; i < count; i++)
		builder_load(b, 0x10000 + i * 0x2000, i % 16 ? 16 : PAGE, PAGE,
			     PF_R | PF_W);
}

static void test_many(void **state)
{
	static const char *const types[] = { "heap", "full" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		struct planned f;

		build_many(&f.b, 70000);
		planned_usual(&f, types[i], ALL);
		assert_int_equal(f.plan.segment_count, 70001);
		assert_int_equal(f.plan.trailer_size, f.plan.verbatim ? 0 : 64);
		planned_cut(&f, f.plan.header_size + 1000 * PAGE);
		assert_int_equal(f.plan.trailer_size, 64);
		planned_done(&f);
	}
}

/* PN_XNUM with a PT_NOTE that says where the table ends and holds nothing. */
static void test_many_empty_note(void **state)
{
	struct planned f;

	(void)state;
	build_many(&f.b, 70000);
	f.b.notes.n = 0;
	planned_usual(&f, "heap", ALL);
	assert_true(f.plan.segment_count >= 70000);
	planned_done(&f);
}

/* Each of many hints names all of many mappings: 20,000 times 1,000 ranges are 1 GiB. */
static void test_many_hints(void **state)
{
	static struct hint hints[20000];
	struct planned f;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hints); i++)
		hints[i] = (struct hint){ HINT_KEEP, i, UINT64_C(1) << 47, 0, "" };
	build_many(&f.b, 1000);
	planned_build(&f);
	planned_hint(&f, hints, ARRAY_SIZE(hints));
	planned_make(&f);
	assert_true(planned_says(&f, "too many ranges to keep"));
	assert_true(built_has(&f.output, 0x10000, 0x10000 + PAGE));
	planned_done(&f);
}

/* What is wrong with the program's hints is said with the plan. */
static void test_hints_problem(void **state)
{
	struct planned f;

	(void)state;
	builder_usual(&f.b, EM_X86_64);
	planned_build(&f);
	planned_hint(&f, NULL, 0);
	f.hints.problem = "an entry that makes no sense";
	planned_make(&f);
	assert_int_equal(f.plan.reason_count, 1);
	assert_string_equal(f.plan.reasons[0], "an entry that makes no sense");
	planned_done(&f);
}

/* What is scrubbed has a budget, whatever its rank; changed pages of files have none. */
static void test_triage_budget(void **state)
{
	struct planned f;

	(void)state;
	builder_init(&f.b, EM_X86_64);
	builder_thread(&f.b, 1, 0x1000, 0x1000, 0);
	builder_load(&f.b, 0xf00000, PAGE, PAGE, PF_R);
	builder_file(&f.b, 0xf00000, 0xf01000, 0, "/usr/bin/x");
	builder_poke(&f.b, 0xf00000, ELFMAG, SELFMAG);
	for (uint64_t at = 0x1000000; at < 0x9000000; at += 0x1000000) {
		builder_load(&f.b, at, PAGE, PAGE, PF_R | PF_W);
		builder_file(&f.b, at, at + PAGE, 1, "/usr/bin/x");
		builder_load(&f.b, at + PAGE, 0x300000, 0x300000, PF_R | PF_W);
	}
	builder_files(&f.b);
	planned_build(&f);
	planned_look(&f);
	f.input.type = type_find("triage");
	planned_make(&f);
	assert_int_equal(f.plan.content, f.input.type->budget + 9 * PAGE);
	for (uint64_t at = 0x1000000; at < 0x9000000; at += 0x1000000)
		assert_true(built_has(&f.output, at, at + PAGE));
	planned_done(&f);
}

#define STACK_AT   UINT64_C(0x1001000)
#define STACK_SIZE UINT64_C(0x800000)

/* The first page and the last 16 of a stack. Of all else, all. */
static bool ends_of_stack(void *context, uint64_t start, uint64_t end,
			  uint64_t *ret_start, uint64_t *ret_end)
{
	uint64_t low = STACK_AT + PAGE, high = STACK_AT + STACK_SIZE - 16 * PAGE;

	(void)context;
	*ret_start = start >= low && start < high ? high : start;
	*ret_end = start < low && end > low ? low : end;
	return *ret_start < end;
}

/* A stack of which little was touched leaves the budget to what is behind it. */
static void test_triage_untouched(void **state)
{
	struct planned f;

	(void)state;
	builder_init(&f.b, EM_X86_64);
	builder_thread(&f.b, 1, STACK_AT + 0x80, 0x1000, STACK_AT + STACK_SIZE - PAGE);
	builder_files(&f.b);
	builder_load(&f.b, STACK_AT, STACK_SIZE, STACK_SIZE, PF_R | PF_W);
	planned_build(&f);
	planned_look(&f);
	f.window.memory.next_there = ends_of_stack;
	f.input.type = type_find("triage");
	planned_make(&f);
	assert_int_equal(f.plan.content, 17 * PAGE);
	assert_fate(&f, STACK_AT + PAGE, FATE_UNTOUCHED, RANK_CRASH);
	planned_done(&f);
}

/* A thread that has no stack to look at: which it is, is said. */
struct lost_thread {
	const char *name;
	uint64_t sp, pc;
	const char *said;
};

static const struct lost_thread lost_threads[] = {
	{ "a worker of io_uring", 0, 0, "a thread is the kernel's own" },
	{ "it runs", 0, 0x10001000, "a thread's stack pointer is outside all memory" },
	{ "it has a stack, nowhere", 0x1000, 0,
	  "a thread's stack pointer is outside all memory" },
	{ "it has one that is not there", 0x90001000, 0x10001000,
	  "the kernel did not offer the memory that a thread's stack pointer leads to" },
};

static void test_lost_thread(void **state)
{
	const struct lost_thread *row = *state;
	struct planned f;

	builder_usual(&f.b, EM_X86_64);
	builder_load(&f.b, 0x90000000, 0, 0x4000, PF_R | PF_W);
	builder_thread(&f.b, 4444, row->sp, row->pc, 0);
	planned_usual(&f, "mini", ALL);
	assert_int_equal(f.plan.reason_count, 1);
	assert_true(planned_says(&f, row->said));
	assert_true(built_has(&f.output, 0x60003000, 0x60009000)); /* as ever */
	planned_done(&f);
}

/* Memory that was touched page by page, every other one: so many pieces have a header. */
#define UNTOUCHED_AT UINT64_C(0x1000000)

struct untouched {
	const char *name;
	uint64_t pages;
	size_t headers;
	bool said;
};

static const struct untouched untoucheds[] = {
	{ "few", 16, 8, false },
	{ "as many as have one", 8192, 4096, false },
	{ "one more", 8194, 4096, true },
};

static bool every_other(void *context, uint64_t start, uint64_t end, uint64_t *ret_start,
			uint64_t *ret_end)
{
	uint64_t page = start / PAGE % 2 ? start : start + PAGE;

	(void)context;
	*ret_start = page;
	*ret_end = page + PAGE;
	return page < end;
}

static size_t empty_headers(const struct plan *plan)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->segment_count; i++)
		count += plan->segments[i].type == PT_LOAD &&
			 plan->segments[i].filesz == 0 && plan->segments[i].memsz == PAGE;
	return count;
}

static void test_untouched(void **state)
{
	const struct untouched *row = *state;
	uint64_t end = UNTOUCHED_AT + row->pages * PAGE;
	struct planned f;

	builder_init(&f.b, EM_X86_64);
	builder_thread(&f.b, 1, 0x70000100, 0x70000100, 0);
	builder_files(&f.b);
	builder_load(&f.b, UNTOUCHED_AT, 0, row->pages * PAGE, PF_R | PF_W);
	builder_load(&f.b, 0x70000000, PAGE, PAGE, PF_R | PF_W);
	planned_build(&f);
	planned_look(&f);
	f.window.memory.next_there = every_other;
	planned_make(&f);
	assert_int_equal(empty_headers(&f.plan), row->headers);
	assert_int_equal(planned_says(&f, "in more than 4096 pieces"), row->said);
	assert_fate(&f, UNTOUCHED_AT, FATE_UNTOUCHED, RANK_MUST);
	assert_fate(&f, UNTOUCHED_AT + PAGE, FATE_NOT_OFFERED, RANK_MUST);
	assert_fate(&f, end - 2 * PAGE, row->said ? FATE_NOT_OFFERED : FATE_UNTOUCHED,
		    RANK_MUST);
	planned_done(&f);
}

static void test_types(void **state)
{
	static const char *const names[] = { "none", "triage", "stacks", "mini",
					     "heap", "full",   "custom" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct type *type = type_find(names[i]);

		assert_string_equal(type->name, names[i]);
		assert_int_equal(type->memory, i > 0);
	}
	assert_null(type_find("fulll"));
	assert_null(type_find(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_odd_sizes),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_many_empty_note),
		cmocka_unit_test(test_many_hints),
		cmocka_unit_test(test_triage_budget),
		cmocka_unit_test(test_triage_untouched),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_hints_problem),
	};
	int failed = RUN_TABLE(usual, test_usual);

	failed += RUN_TABLE(named_too, test_named_too);
	failed += RUN_TABLE(lost_threads, test_lost_thread);
	failed += RUN_TABLE(untoucheds, test_untouched);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
