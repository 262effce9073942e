/* SPDX-License-Identifier: MIT */
/*
 * Each rule by itself: which addresses it names, and how high, without a window on memory.
 */
#include "tests/unit/rig.h"
#include "tests/unit/table.h"

#include "filter/stack.h"
#include "filter/tls.h"

/* The rules as they are where memory cannot be looked at. */
static void check_rule(struct rig *rig, rule run, const char *expected)
{
	rig_up(rig);
	rig->view.memory = NULL;
	rig_check(rig, run, expected);
	rig_done(rig);
}

/*
 * Memory of the stack tests, in pages: 100-140 a thread's stack, 140-200 merged with it;
 * 300-302 a small area; 400-404 the initial stack with AT_RANDOM; 500-540 guard (nothing in
 * the file) and stack; 1000-12000 larger than all caps; 20000-20002 a file.
 */
struct stack {
	const char *name;
	uint64_t sp, tls, pc; /* of the crashing thread */
	uint64_t fault; /* 0: no signal information */
	bool initial; /* it is the process' first */
	const char *expected;
	uint64_t sp2, tls2; /* of another thread; 0: there is none */
};

static const struct stack stacks[] = {
	{ "256 KiB of the area", 0x120800, 0, 0, 0, false, "120-161:1", 0, 0 },
	{ "to the TCB", 0x120800, 0x13f700, 0, 0, false, "120-141:1", 0, 0 },
	{ "TCB at a page's beginning", 0x120800, 0x13f000, 0, 0, false, "120-140:1", 0,
	  0 },
	{ "red zone from the page below", 0x120040, 0x13f700, 0, 0, false, "11f-141:1", 0,
	  0 },
	{ "red zone below the area", 0x100040, 0x13f700, 0, 0, false, "100-141:1", 0, 0 },
	{ "SP at the area's beginning", 0x100000, 0x13f700, 0, 0, false, "100-141:1", 0,
	  0 },
	{ "SP in the last word", 0x1ffff8, 0, 0, 0, false, "1ff-200:1", 0, 0 },
	{ "TCB below SP: the home stack's end, too", 0x120800, 0x110000, 0, 0, false,
	  "120-161:1", 0, 0 },
	{ "TCB in the area's last page", 0x120800, 0x1ff800, 0, 0, false, "120-200:1", 0,
	  0 },
	{ "TCB in another area", 0x120800, 0x300800, 0, 0, false, "300-302:1 120-161:1",
	  0, 0 },
	{ "SP in the guard", 0x501ff8, 0, 0, 0, false, "510-540:1", 0, 0 },
	{ "SP in a guard that is no area", 0xfff00, 0x13f700, 0, 0, false, "100-141:1", 0,
	  0 },
	{ "TCB between the guard's SP and the stack", 0xf0000, 0xff000, 0, 0, false,
	  "100-140:1", 0, 0 },
	{ "SP a MiB below a stack", 0x400000, 0, 0, 0, true, "400-404:1", 0, 0 },
	{ "SP far below all", 0x1000, 0, 0, 0, false, "100-140:1", 0, 0 },
	{ "SP outside everything", UINT64_C(0x7fffffffffff), 0, 0, 0, false, "", 0, 0 },
	{ "SP at the end of addresses", UINT64_MAX, 0, 0, 0, false, "", 0, 0 },
	{ "SP 0", 0, 0, 0, 0, false, "100-140:1", 0, 0 },
	{ "cap of the crashing thread", 0x1000800, 0x11fff000, 0, 0, false, "1000-5001:1",
	  0, 0 },
	{ "alternate stack, first thread", 0x301000, 0, 0, 0, true, "300-302:1 400-404:1",
	  0, 0 },
	{ "alternate stack keeps the home stack", 0x301000, 0x13f700, 0, 0, false,
	  "300-302:1 100-141:1", 0, 0 },
	{ "alternate stack, home above the cap", 0x301000, 0x11fff000, 0, 0, false,
	  "300-302:1 e000-12000:1", 0, 0 },
	{ "alternate stack, home nowhere", 0x301000, 0xdead0000, 0, 0, false, "300-302:1",
	  0, 0 },
	{ "alternate stack, home is a file", 0x301000, 0x20000800, 0, 0, false,
	  "300-302:1", 0, 0 },
	{ "page of PC", 0x401080, 0, 0x20000fff, 0, true, "20000-20001:1 401-404:1", 0,
	  0 },
	{ "PC where the file has nothing", 0x401080, 0, 0x20001000, 0, true, "401-404:1",
	  0, 0 },
	{ "PC nowhere", 0x401080, 0, 0xdead0000, 0, true, "401-404:1", 0, 0 },
	{ "page of the fault", 0x401080, 0, 0, 0x100008, true, "100-101:1 401-404:1", 0,
	  0 },
	{ "fault nowhere", 0x401080, 0, 0, 8, true, "401-404:1", 0, 0 },
	{ "fault at the largest", 0x401080, 0, 0, UINT64_MAX, true, "401-404:1", 0, 0 },
	{ "another thread", 0x401080, 0, 0, 0, true, "401-404:1 120-141:5", 0x120800,
	  0x13f700 },
	{ "cap of another thread", 0x401080, 0, 0, 0, true, "401-404:1 1000-1101:5",
	  0x1000800, 0x11fff000 },
	{ "another thread on a part of an area", 0x401080, 0, 0, 0, true,
	  "401-404:1 1000-1011:5", 0x1000800, 0 },
};

static void build_stacks(struct rig *f, const struct stack *row)
{
	const uint64_t auxv[][2] = { { AT_RANDOM, 0x403800 } };

	builder_init(&f->b, EM_X86_64);
	builder_thread(&f->b, row->initial ? 1 : 2, row->sp, row->pc, row->tls);
	builder_psinfo(&f->b, 1, 0, "x", "x");
	if (row->fault)
		builder_siginfo(&f->b, 11, 1, row->fault);
	builder_auxv(&f->b, auxv, 1);
	builder_file(&f->b, 0x20000000, 0x20002000, 0, "/usr/bin/x");
	builder_files(&f->b);
	if (row->sp2)
		builder_thread(&f->b, 3, row->sp2, 0, row->tls2);
	builder_load(&f->b, 0x100000, 0x100000, 0x100000, RW);
	builder_load(&f->b, 0x300000, 0x2000, 0x2000, RW);
	builder_load(&f->b, 0x400000, 0x4000, 0x4000, RW);
	builder_load(&f->b, 0x500000, 0, 0x10000, 0);
	builder_load(&f->b, 0x510000, 0x30000, 0x30000, RW);
	builder_load(&f->b, 0x1000000, 0x11000000, 0x11000000, RW);
	builder_load(&f->b, 0x20000000, 0x1000, 0x2000, PF_R);
}

/* The crashing thread's rule, and of the others' only the stacks. */
static void stacks_only(const struct view *view, struct ranges *ranges)
{
	rule_crash(view, ranges);
	for (size_t i = 1; i < view->notes->thread_count; i++) {
		struct stack_part parts[STACK_PARTS];
		size_t n = stack_parts(view, i, 1 << 20, parts);

		for (size_t p = 0; p < n; p++)
			ranges_add(ranges, parts[p].near.start, parts[p].near.end,
				   RANK_THREAD);
	}
}

static void tls_only(const struct view *view, struct ranges *ranges)
{
	struct tls tls;

	tls_start(view, &tls);
	tls_add(view, &tls, 0, ranges);
}

static void objects_and_globals(const struct view *view, struct ranges *ranges)
{
	rule_object(view, ranges);
	rule_global(view, ranges);
	ranges_split(ranges, 0);
}

/* What is left over when no other rule has it. */
static void all_the_rest(const struct view *view, struct ranges *ranges)
{
	rule_private(view, ranges);
	rule_dead_stack(view, ranges);
	rule_shared(view, ranges);
	rule_rest(view, ranges);
	ranges_split(ranges, 0);
}

static void test_stacks(void **state)
{
	struct rig f;

	build_stacks(&f, *state);
	check_rule(&f, stacks_only, ((const struct stack *)*state)->expected);
}

struct block {
	const char *name;
	uint64_t tls;
	const char *expected;
};

static const struct block blocks[] = {
	{ "small area whole", 0x300800, "300-302:5" },
	{ "large area: 64 KiB below, TCB above", 0x1f0000, "1e0-1f1:5" },
	{ "large area, near its beginning", 0x108000, "100-109:5" },
	{ "large area, near its end", 0x1ff800, "1ef-200:5" },
	{ "unknown", 0, "" },
	{ "nowhere", 0xdead0000, "" },
	{ "where the file has nothing", 0x20001000, "" },
	{ "at the end of addresses", UINT64_MAX, "" },
};

static void test_tls(void **state)
{
	const struct block *row = *state;
	const struct stack stack = { .sp = 0x401080, .tls = row->tls };
	struct rig f;

	build_stacks(&f, &stack);
	check_rule(&f, tls_only, row->expected);
}

/* Areas for the rules that look at backing, each a letter and pages. */
struct areas {
	const char *name;
	struct {
		uint64_t page, content, pages;
		uint64_t file_page; /* 0xf00 and above: no file at all */
	} areas[5];
	uint64_t vdso; /* page; 0: none */
	const char *expected;
};

#define NO_FILE 0xf00

static const struct areas loaders[] = {
	{ "nothing beside a file", { { 0x10, 0, 2, 0 } }, 0, "" },
	{ ".bss behind a file",
	  { { 0x10, 0, 2, 0 }, { 0x12, 1, 1, NO_FILE } },
	  0,
	  "12-13:2" },
	{ "pool before a file",
	  { { 0x10, 2, 2, NO_FILE }, { 0x12, 0, 2, 0 } },
	  0,
	  "10-12:2" },
	{ "through another area",
	  { { 0x10, 1, 1, NO_FILE }, { 0x11, 1, 1, NO_FILE }, { 0x12, 0, 2, 0 } },
	  0,
	  "10-11:2 11-12:2" },
	{ "a gap between", { { 0x10, 0, 2, 0 }, { 0x13, 1, 1, NO_FILE } }, 0, "" },
	{ "two rows, one with a file",
	  { { 0x10, 1, 1, NO_FILE }, { 0x12, 0, 1, 0 }, { 0x13, 1, 1, NO_FILE } },
	  0,
	  "13-14:2" },
	{ "beside the vdso",
	  { { 0x10, 2, 2, NO_FILE }, { 0x12, 1, 1, NO_FILE } },
	  0x10,
	  "12-13:2" },
	{ "a row of many, near and far",
	  { { 0x10, 0, 2, 0 },
	    { 0x12, 60, 60, NO_FILE },
	    { 0x4e, 0, 0xc0, NO_FILE },
	    { 0x10e, 4, 4, NO_FILE },
	    { 0x112, 1, 1, NO_FILE } },
	  0,
	  "10e-112:2 12-4e:2" },
	{ "at the limit",
	  { { 0x10, 0, 2, 0 }, { 0x12, 64, 64, NO_FILE } },
	  0,
	  "12-52:2" },
	{ "above the limit", { { 0x10, 0, 2, 0 }, { 0x12, 65, 65, NO_FILE } }, 0, "" },
	{ "no content", { { 0x10, 0, 2, 0 }, { 0x12, 0, 9, NO_FILE } }, 0, "" },
	{ "nothing at all", { { 0 } }, 0, "" },
};

static const struct areas objects[] = {
	{ "first page of a file", { { 0x10, 1, 4, 0 } }, 0, "10-11:3" },
	{ "a file without content", { { 0x10, 0, 4, 0 } }, 0, "" },
	{ "first page and changed ones", { { 0x10, 4, 4, 0 } }, 0, "10-11:3 11-14:6" },
	{ "a later part of a file", { { 0x10, 2, 4, 3 } }, 0, "10-12:6" },
	{ "anonymous", { { 0x10, 2, 4, NO_FILE } }, 0, "" },
	{ "the vdso", { { 0x10, 2, 2, NO_FILE } }, 0x10, "10-12:3" },
	{ "two files", { { 0x10, 1, 1, 0 }, { 0x20, 1, 1, 0 } }, 0, "10-11:3 20-21:3" },
};

static const struct areas rests[] = {
	{ "anonymous", { { 0x10, 2, 4, NO_FILE } }, 0, "10-12:10" },
	{ "a file", { { 0x10, 2, 4, 0 } }, 0, "10-12:13" },
	{ "no content", { { 0x10, 0, 4, NO_FILE } }, 0, "" },
	{ "the vdso", { { 0x10, 2, 2, NO_FILE } }, 0x10, "10-12:10" },
};

static void build_areas(struct rig *f, const struct areas *row)
{
	const uint64_t auxv[][2] = { { AT_SYSINFO_EHDR, row->vdso * PAGE } };

	builder_init(&f->b, EM_X86_64);
	builder_auxv(&f->b, auxv, 1);
	for (size_t i = 0; i < ARRAY_SIZE(row->areas) && row->areas[i].page; i++) {
		uint64_t start = row->areas[i].page * PAGE;

		builder_load(&f->b, start, row->areas[i].content * PAGE,
			     row->areas[i].pages * PAGE, RW);
		if (row->areas[i].file_page < NO_FILE)
			builder_file(&f->b, start, start + row->areas[i].pages * PAGE,
				     row->areas[i].file_page, "/usr/lib/x.so");
	}
	builder_files(&f->b);
}

static void test_loader(void **state)
{
	struct rig f;

	build_areas(&f, *state);
	check_rule(&f, rule_loader, ((const struct areas *)*state)->expected);
}

static void test_objects(void **state)
{
	struct rig f;

	build_areas(&f, *state);
	check_rule(&f, objects_and_globals, ((const struct areas *)*state)->expected);
}

static void test_rest(void **state)
{
	struct rig f;

	build_areas(&f, *state);
	check_rule(&f, all_the_rest, ((const struct areas *)*state)->expected);
}

static void test_shared(void **state)
{
	struct rig f;

	(void)state;
	builder_init(&f.b, EM_X86_64);
	builder_load(&f.b, 0x10000, 0x2000, 0x2000, RW);
	builder_file(&f.b, 0x10000, 0x12000, 0, "/memfd:x (deleted)");
	builder_files(&f.b);
	check_rule(&f, all_the_rest, "10-12:12");
	builder_init(&f.b, EM_X86_64);
	builder_load(&f.b, 0x10000, 0x2000, 0x2000, RW);
	builder_file(&f.b, 0x10000, 0x12000, 0, "/memfd:x (deleted)");
	builder_files(&f.b);
	check_rule(&f, objects_and_globals, "");
}

/* Two threads on one area, and one whose pointer is in a file: only below the lowest. */
static void test_dead_stack(void **state)
{
	struct rig f;

	(void)state;
	builder_init(&f.b, EM_X86_64);
	builder_load(&f.b, 0x100000, 0x40000, 0x40000, RW);
	builder_load(&f.b, 0x200000, 0x10000, 0x10000, RW);
	builder_load(&f.b, 0x300000, 0x2000, 0x2000, RW);
	builder_file(&f.b, 0x300000, 0x302000, 0, "/usr/lib/x.so");
	builder_files(&f.b);
	builder_thread(&f.b, 1, 0x130800, 0, 0);
	builder_thread(&f.b, 2, 0x120040, 0, 0);
	builder_thread(&f.b, 3, 0x301800, 0, 0);
	check_rule(&f, all_the_rest, "200-210:10 100-140:10 300-302:13");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_shared),
					    cmocka_unit_test(test_dead_stack) };
	int failed = RUN_TABLE(stacks, test_stacks);

	failed += RUN_TABLE(blocks, test_tls);
	failed += RUN_TABLE(loaders, test_loader);
	failed += RUN_TABLE(objects, test_objects);
	failed += RUN_TABLE(rests, test_rest);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
