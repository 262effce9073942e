/* SPDX-License-Identifier: MIT */
/*
 * Where a thread's stack is when memory can be looked at: the interrupted stack under a signal
 * handler's, and the control block that ends a stack. In pages: 100-140 a thread's stack with
 * the control block, 140-200 memory merged with it; 300-304 an alternate stack; 400-404 the
 * initial stack; 500-502 another thread's; 600-601 a file; 1000-2000 a large one.
 */
#include <stdlib.h>

#include "tests/unit/rig.h"
#include "tests/unit/table.h"

#include "filter/stack.h"

#define TLS	0x13f700
#define ALT	0x301000
#define NOWHERE UINT64_C(0xdead0000)

struct row {
	const char *name;
	uint64_t sp, tls, pc;
	struct {
		uint64_t at, value;
	} words[3];
	struct span hole;
	uint64_t cap; /* 0: none */
	bool initial;
	/* a signal frame at 0x301200, or where it says: flags, link, ss_sp, ss_flags, ss_size; interrupted SP */
	uint64_t frame[6], frame_at;
	uint64_t outer[6], outer_at; /* one more, above it */
	bool low; /* there is memory at address 0 */
	const char *expected, *expected_32; /* red zone: 0x80 on x86-64, none on i386 */
	const char *far; /* on x86-64 */
	const char *far_32;
};

static const struct row rows[] = {
	{ "a stack to its control block", 0x120800, TLS, .expected = "120780-141000",
	  "120800-141000" },
	{ "a pointer that is no control block ends nothing", 0x120800, 0x130000,
	  .expected = "120780-160780", "120800-160800", "160780-200000",
	  "160800-200000" },
	{ "a control block that is not there ends nothing", 0x120800, TLS,
	  .hole = { 0x13f000, 0x140000 }, .expected = "120780-160780", "120800-160800",
	  "160780-200000", "160800-200000" },
	{ "the initial thread's control block is on no stack", 0x120800, TLS,
	  .initial = true, .expected = "120780-141000 400000-404000",
	  "120800-141000 400000-404000" },
	{ "interrupted: SP is in the frame", ALT, TLS,
	  .words = { { 0x301100, 0x120800 } }, .expected = "300f80-304000 120780-141000",
	  "301000-304000 120800-141000" },
	{ "interrupted: the lowest of them", ALT, TLS,
	  .words = { { 0x301100, 0x120800 },
		     { 0x301ff8, 0x11c000 },
		     { 0x302000, 0x130000 } },
	  .expected = "300f80-304000 11bf80-141000", "301000-304000 11c000-141000" },
	{ "interrupted: what lies below SP says nothing", ALT, TLS,
	  .words = { { 0x301100, 0x120800 }, { 0x300ff0, 0x110000 } },
	  .expected = "300f80-304000 120780-141000", "301000-304000 120800-141000" },
	{ "interrupted: SP is at the stack's beginning", ALT, TLS,
	  .words = { { 0x301100, 0x100010 } }, .expected = "300f80-304000 100000-141000",
	  "301000-304000 100010-141000" },
	{ "interrupted: SP is not aligned", 0x301103, TLS,
	  .words = { { 0x301100, 0x120800 } }, .expected = "301083-304000 120780-141000",
	  "301103-304000 120800-141000" },
	{ "interrupted: no word tells, so all", ALT, TLS,
	  .expected = "300f80-304000 100000-141000", "301000-304000 100000-141000" },
	{ "interrupted: a pointer to the control block tells nothing", ALT, TLS,
	  .words = { { 0x301100, TLS } }, .expected = "300f80-304000 100000-141000",
	  "301000-304000 100000-141000" },
	{ "interrupted: the frame is not there", ALT, TLS,
	  .words = { { 0x301100, 0x120800 } }, .hole = { 0x301000, 0x302000 },
	  .expected = "300f80-304000 100000-141000", "301000-304000 100000-141000" },
	{ "interrupted, first thread", ALT, 0x300800, .words = { { 0x303ff0, 0x401080 } },
	  .initial = true, .expected = "300f80-304000 401000-404000",
	  "301000-304000 401080-404000" },
	{ "interrupted, capped: innermost frames", ALT, TLS,
	  .words = { { 0x301100, 0x120800 } }, .cap = 0x1000,
	  .expected = "300f80-301f80 120780-121780", "301000-302000 120800-121800",
	  "301f80-304000", "302000-304000" },
	{ "interrupted, capped and not known: outermost", ALT, TLS, .cap = 0x1000,
	  .expected = "300f80-301f80 140000-141000", "301000-302000 140000-141000",
	  "301f80-304000", "302000-304000" },
	{ "the home stack is a file", ALT, 0x600800, .expected = "300f80-304000",
	  "301000-304000" },
	{ "the home stack is nowhere", ALT, NOWHERE, .expected = "300f80-304000",
	  "301000-304000" },
	{ "SP in the middle of another thread's stack", 0x120800, 0x501800,
	  .expected = "120780-160780 500000-502000", "120800-160800 500000-502000",
	  "160780-200000", "160800-200000" },
	{ "the thread pointer is into a heap", 0x301000, 0x1000800,
	  .expected = "300f80-304000", "301000-304000" },
	{ "signal frame: its stack ends in the heap", 0x1000800, TLS,
	  .frame = { 7, 0, 0x1000100, 0, 0x4000, 0x120800 }, .frame_at = 0x1001000,
	  .expected = "1000780-1004100 120780-141000", "1000800-1004100 120800-141000" },
	{ "signal frame: a fiber in the same heap", 0x1000800, TLS,
	  .frame = { 7, 0, 0x1000100, 0, 0x4000, 0x1800000 }, .frame_at = 0x1001000,
	  .expected = "1000780-1004100 17fff80-183ff80 100000-141000",
	  "1000800-1004100 1800000-1840000 100000-141000", "183ff80-2000000",
	  "1840000-2000000" },
	{ "signal frame: SP is a lie", 0x1000800, TLS,
	  .frame = { 7, 0, 0x1000100, 0, 0x4000, NOWHERE }, .frame_at = 0x1001000,
	  .expected = "1000780-1004100 100000-141000", "1000800-1004100 100000-141000" },
	{ "signal frame: no alternate stack is so large", 0x1000800, TLS,
	  .frame = { 7, 0, 0x1000100, 0, 0x200000, 0x120800 }, .frame_at = 0x1001000,
	  .expected = "1000780-1040780 120780-141000", "1000800-1040800 120800-141000",
	  "1040780-2000000", "1040800-2000000" },
	{ "signal frame: one that SP is not on", 0x1000800, TLS,
	  .frame = { 7, 0, 0x1001000, 0, 0x4000, 0x120800 }, .frame_at = 0x1001000,
	  .expected = "1000780-1040780 120780-141000", "1000800-1040800 120800-141000",
	  "1040780-2000000", "1040800-2000000" },
	{ "signal frame: one with a link", 0x1000800, TLS,
	  .frame = { 7, 8, 0x1000100, 0, 0x4000, 0x120800 }, .frame_at = 0x1001000,
	  .expected = "1000780-1040780 120780-141000", "1000800-1040800 120800-141000",
	  "1040780-2000000", "1040800-2000000" },
	{ "signal frame: a stack that is disabled", 0x1000800, TLS,
	  .frame = { 7, 0, 0x1000100, 2, 0x4000, 0x120800 }, .frame_at = 0x1001000,
	  .expected = "1000780-1040780 120780-141000", "1000800-1040800 120800-141000",
	  "1040780-2000000", "1040800-2000000" },
	{ "signal frame: a stack beyond the end", 0x1000800, TLS,
	  .frame = { 7, 0, 0x1000100, 0, UINT64_MAX, 0x120800 }, .frame_at = 0x1001000,
	  .expected = "1000780-1040780 120780-141000", "1000800-1040800 120800-141000",
	  "1040780-2000000", "1040800-2000000" },
	{ "signal frame: at the end of what is looked at", 0x1000800, TLS,
	  .frame = { 7, 0, 0x1000100, 0, 0x80000, 0x120800 }, .frame_at = 0x103ff00,
	  .expected = "1000780-1080100 120780-141000", "1000800-1080100 120800-141000" },
	{ "signal frame: behind what is looked at", 0x1000800, TLS,
	  .frame = { 7, 0, 0x1000100, 0, 0x80000, 0x120800 }, .frame_at = 0x1041000,
	  .expected = "1000780-1040780 100000-141000", "1000800-1040800 100000-141000",
	  "1040780-2000000", "1040800-2000000" },
	{ "signal frame: of a signal in a signal the outer one", 0x1000800, TLS,
	  .frame = { 7, 0, 0x1000100, 0, 0x4000, 0x1001800 }, .frame_at = 0x1001000,
	  .outer = { 7, 0, 0x1000100, 0, 0x4000, 0x1800000 }, .outer_at = 0x1002000,
	  .expected = "1000780-1004100 17fff80-183ff80 100000-141000",
	  "1000800-1004100 1800000-1840000 100000-141000", "183ff80-2000000",
	  "1840000-2000000" },
	{ "signal frame: of a signal in a signal, on a fiber next to its stack",
	  0x1000800, TLS, .frame = { 7, 0, 0x1000100, 0, 0x4000, 0x1001800 },
	  .frame_at = 0x1001000, .outer = { 7, 0, 0x1000100, 0, 0x4000, 0x1004100 },
	  .outer_at = 0x1002000,
	  .expected = "1000780-1004100 1004080-1044080 100000-141000",
	  "1000800-1044100 100000-141000", "1044080-2000000", "1044100-2000000" },
	{ "signal frame: above it an older one, of a signal in a signal", 0x1000800, TLS,
	  .frame = { 7, 0, 0x1000100, 0, 0x4000, 0x1800000 }, .frame_at = 0x1001000,
	  .outer = { 7, 0, 0x1000100, 0, 0x4000, 0x10040ff }, .outer_at = 0x1002000,
	  .expected = "1000780-1004100 17fff80-183ff80 100000-141000",
	  "1000800-1004100 1800000-1840000 100000-141000", "183ff80-2000000",
	  "1840000-2000000" },
	{ "SP nowhere, a frame's address in a register", NOWHERE, TLS, .pc = 0x123000,
	  .expected = "122f80-141000", "123000-141000" },
	{ "SP nowhere, no register tells", NOWHERE, TLS, .expected = "100000-141000",
	  "100000-141000" },
	{ "SP and pointer nowhere", NOWHERE, NOWHERE, .expected = "", "" },
	{ "all at the end of addresses", UINT64_MAX - 3, UINT64_MAX, UINT64_MAX,
	  .expected = "", "" },
	{ "SP wraps below 0", 8, TLS, .pc = 0x123000, .expected = "100000-141000",
	  "100000-141000" },
};

/* asm/ucontext.h of x86-64 and i386: SP is 160 bytes behind its beginning, or 48. */
static void poke_frame(struct core_builder *b, uint64_t at, const uint64_t frame[6])
{
	for (size_t i = 0; i < 5; i++)
		builder_poke_word(b, at + i * b->word, frame[i]);
	builder_poke_word(b, at + (b->word == 8 ? 160 : 48), frame[5]);
}

static void build(struct core_builder *b, uint16_t machine, const struct row *row)
{
	const uint64_t auxv[][2] = { { AT_RANDOM, 0x403800 } };

	builder_init(b, machine);
	builder_thread(b, row->initial ? 1 : 2, row->sp, row->pc, row->tls);
	builder_psinfo(b, 1, 0, "x", "x");
	builder_auxv(b, auxv, 1);
	builder_file(b, 0x600000, 0x601000, 0, "/usr/bin/x");
	builder_files(b);
	if (row->low)
		builder_load(b, 0, PAGE, PAGE, RW);
	builder_load(b, 0x100000, 0x100000, 0x100000, RW);
	builder_load(b, 0x300000, 0x4000, 0x4000, RW);
	builder_load(b, 0x400000, 0x4000, 0x4000, RW);
	builder_load(b, 0x500000, 0x2000, 0x2000, RW);
	builder_load(b, 0x600000, 0x1000, 0x1000, RW);
	builder_load(b, 0x1000000, 0x1000000, 0x1000000, RW);
	builder_poke_word(b, TLS, TLS);
	if (row->frame_at)
		poke_frame(b, row->frame_at, row->frame);
	if (row->outer_at)
		poke_frame(b, row->outer_at, row->outer);
	for (size_t i = 0; i < ARRAY_SIZE(row->words) && row->words[i].at; i++)
		builder_poke_word(b, row->words[i].at, row->words[i].value);
}

static void add_part(struct spans *near, struct spans *far, const struct stack_part *part)
{
	spans_add(near, part->near.start, part->near.end);
	spans_add(far, part->near.end, part->far);
}

static void check(uint16_t machine, const struct row *row, const char *expected,
		  const char *far_expected)
{
	struct spans spans = { 0 }, far = { 0 };
	struct stack_part parts[STACK_PARTS];
	struct rig rig;
	size_t n;

	build(&rig.b, machine, row);
	rig_up(&rig);
	if (row->hole.end)
		core_memory_hole(&rig.window, row->hole.start, row->hole.end);
	n = stack_parts(&rig.view, 0, row->cap ? row->cap : UINT64_MAX, parts);
	for (size_t i = 0; i < n; i++)
		add_part(&spans, &far, &parts[i]);
	assert_spans(&spans, expected);
	assert_spans(&far, far_expected ? far_expected : "");
	assert_true(rig.window.reads < 1000);
	spans_done(&spans);
	spans_done(&far);
	rig_done(&rig);
}

static void test_row(void **state)
{
	const struct row *row = *state;

	check(EM_X86_64, row, row->expected, row->far);
	check(EM_386, row, row->expected_32, row->far_32);
}

/* An alternate stack of 16 MiB is looked at for 256 KiB. */
static void test_bounded(void **state)
{
	const struct row row = { .sp = 0x1000000, .tls = TLS };
	struct stack_part parts[STACK_PARTS];
	struct rig rig;

	(void)state;
	build(&rig.b, EM_X86_64, &row);
	builder_poke_word(&rig.b, 0x1000000 + (256 << 10), 0x120800);
	rig_up(&rig);
	assert_int_equal(stack_parts(&rig.view, 0, UINT64_MAX, parts), 2);
	assert_int_equal(parts[1].near.start, 0x100000);
	assert_true(rig.window.reads <= 66);
	rig_done(&rig);
}

#define G(i)	UINT64_C(0x1600000 + (i)*0x1000)
#define M	UINT64_C(0x1610000)
#define GO_TLS	UINT64_C(0x1700000)
#define NO_NAME 1 /* as what a handler is on */
#define NO_M	2 /* it is at address 0, where memory may be, too */

struct goroutine_row {
	const char *name;
	uint64_t sp;
	struct {
		uint64_t lo, hi, flags;
	} g[3]; /* the thread's; its m's g0 and curg */
	uint64_t frame[6]; /* at 0x1001000, if there is one */
	const char *expected, *far;
};

static const struct goroutine_row goroutines[] = {
	{ "on its stack",
	  0x1000800,
	  { { 0x1000000, 0x1002000, 0 } },
	  { 0 },
	  "1000780-1002008",
	  "" },
	{ "its stack ends within a page",
	  0x1000800,
	  { { 0x1000000, 0x1001800, 0 } },
	  { 0 },
	  "1000780-1001808",
	  "" },
	{ "on that of its m's",
	  0x1004800,
	  { { 0x1000000, 0x1002000, NO_NAME },
	    { 0x1008000, 0x100a000, 0 },
	    { 0x1004000, 0x1006000, 0 } },
	  { 0 },
	  "1004780-1006008",
	  "" },
	{ "on none's",
	  0x1004800,
	  { { 0x1000000, 0x1002000, 0 },
	    { 0x1008000, 0x100a000, 0 },
	    { 0x1006000, 0x1008000, 0 } },
	  { 0 },
	  "1004780-1044780",
	  "1044780-2000000" },
	{ "on that of whom the m at address 0 names",
	  0x1004800,
	  { { 0x1000000, 0x1002000, NO_M },
	    { 0x1008000, 0x100a000, 0 },
	    { 0x1004000, 0x1006000, 0 } },
	  { 0 },
	  "1004780-1044780",
	  "1044780-2000000" },
	{ "of a thread that is none of Go's",
	  0x1000800,
	  { { 0x1000000, 0x1002000, NO_NAME } },
	  { 0 },
	  "1000780-1040780",
	  "1040780-2000000" },
	{ "its stack ends with the mapping",
	  0x1000800,
	  { { 0x1000000, 0x2000000, 0 } },
	  { 0 },
	  "1000780-2000000",
	  "" },
	{ "its stack ends behind the mapping",
	  0x1000800,
	  { { 0x1000000, 0x2000008, 0 } },
	  { 0 },
	  "1000780-1040780",
	  "1040780-2000000" },
	{ "a handler interrupted it",
	  0x1000800,
	  { { 0x1000100, 0x1004100, NO_NAME },
	    { 0x1008000, 0x100a000, 0 },
	    { 0x17ff000, 0x1802000, 0 } },
	  { 7, 0, 0x1000100, 0, 0x4000, 0x1800000 },
	  "1000780-1004100 17fff80-1802008",
	  "" },
};

static void build_goroutines(struct core_builder *b, const struct goroutine_row *row)
{
	uint64_t m = row->g[0].flags & NO_M ? 0 : M;
	struct row as_row = { .sp = row->sp,
			      .tls = GO_TLS,
			      .low = !m,
			      .frame_at = row->frame[0] ? 0x1001000 : 0 };

	memcpy(as_row.frame, row->frame, sizeof(row->frame));
	build(b, EM_X86_64, &as_row);
	builder_poke_word(b, GO_TLS - 8, G(0));
	for (uint64_t i = 0; i < 3 && row->g[i].hi; i++) {
		builder_poke_word(b, G(i), row->g[i].lo);
		builder_poke_word(b, G(i) + 8, row->g[i].hi);
		builder_poke_word(b, G(i) + 6 * 8, m);
		builder_poke_word(b, G(i) + 9 * 8, row->g[i].flags & NO_NAME ? 0 : G(i));
	}
	builder_poke_word(b, m, G(1));
	builder_poke_word(b, m + 24 * 8, G(2));
}

/* Nothing but Go's runtime tells where a stack in its heap ends. The word behind it is read by who unwinds it. */
static void test_goroutine(void **state)
{
	const struct goroutine_row *row = *state;
	struct spans spans = { 0 }, far = { 0 };
	struct stack_part parts[STACK_PARTS];
	struct rig rig;
	size_t n;

	build_goroutines(&rig.b, row);
	rig_up(&rig);
	n = stack_parts(&rig.view, 0, UINT64_MAX, parts);
	for (size_t i = 0; i < n; i++)
		add_part(&spans, &far, &parts[i]);
	assert_spans(&spans, row->expected);
	assert_spans(&far, row->far);
	spans_done(&spans);
	spans_done(&far);
	rig_done(&rig);
}

#define HEAP	  UINT64_C(0x400000)
#define GUARD	  UINT64_C(0x1000000)
#define LEFT_OUT  UINT64_C(0x3000000)
#define UNGUARDED UINT64_C(0x5000000) /* no permissions, and no stack above it */
#define REACH	  UINT64_C(0x101000) /* below a stack that grows */

static const struct place {
	const char *name;
	uint64_t sp, pc;
	bool crashed;
	enum stack_place expected;
} places[] = {
	{ "on a stack", GUARD + 2 * PAGE, HEAP, false, STACK_KNOWN },
	{ "in the guard below one", GUARD + 8, HEAP, false, STACK_KNOWN },
	{ "at the end of the gap below one", HEAP - REACH + 1, HEAP, false, STACK_KNOWN },
	{ "below the gap", HEAP - REACH, HEAP, false, STACK_NOWHERE },
	{ "on one that was left out", LEFT_OUT + PAGE, HEAP, false, STACK_NOT_OFFERED },
	{ "in a guard of nothing", UNGUARDED + 8, HEAP, false, STACK_NOWHERE },
	{ "outside of memory", NOWHERE, HEAP, false, STACK_NOWHERE },
	{ "no registers: of the kernel", 0, 0, false, STACK_NONE },
	{ "no stack pointer", 0, HEAP, false, STACK_NOWHERE },
	{ "a stack pointer alone", NOWHERE, 0, false, STACK_NOWHERE },
	{ "no registers, but it crashed", 0, 0, true, STACK_NOWHERE },
};

static void test_place(void **state)
{
	const struct place *row = *state;
	struct rig rig;

	builder_init(&rig.b, EM_X86_64);
	builder_psinfo(&rig.b, 1, 0, "x", "x");
	if (!row->crashed)
		builder_thread(&rig.b, 1, GUARD + PAGE, HEAP, 0);
	builder_thread(&rig.b, 2, row->sp, row->pc, 0);
	builder_load(&rig.b, HEAP, PAGE, PAGE, RW);
	builder_load(&rig.b, GUARD, 0, PAGE, 0);
	builder_load(&rig.b, GUARD + PAGE, 2 * PAGE, 2 * PAGE, RW);
	builder_load(&rig.b, LEFT_OUT, 0, 2 * PAGE, RW);
	builder_load(&rig.b, UNGUARDED, 0, PAGE, 0);
	rig_up(&rig);
	assert_int_equal(stack_place(&rig.view, row->crashed ? 0 : 1), row->expected);
	rig_done(&rig);
}

/* Of all threads the lowest, area by area; wild ones count for nothing. */
static void test_lowest(void **state)
{
	static const uint64_t sps[] = { 0x120880, 0x11f880, 0x130000,	0x300000,
					0x400010, 8,	    UINT64_MAX, NOWHERE,
					0x502000, 0x501080 };
	struct rig rig;
	uint64_t *lowest;

	(void)state;
	build(&rig.b, EM_X86_64, &(struct row){ .sp = 0x1ff000 });
	for (uint32_t i = 0; i < ARRAY_SIZE(sps); i++)
		builder_thread(&rig.b, 10 + i, sps[i], 0, TLS);
	rig_up(&rig);
	lowest = stack_lowest(&rig.view);
	assert_non_null(lowest);
	assert_int_equal(lowest[0], 0x11f000);
	assert_int_equal(lowest[1], 0); /* nothing is below SP */
	assert_int_equal(lowest[2], 0);
	assert_int_equal(lowest[3], 0); /* a stack that is a part of something larger */
	assert_int_equal(lowest[4], 0);
	assert_int_equal(lowest[5], 0);
	free(lowest);
	rig_done(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_bounded),
					    cmocka_unit_test(test_lowest) };
	int failed = RUN_TABLE(rows, test_row) + RUN_TABLE(goroutines, test_goroutine) +
		     RUN_TABLE(places, test_place);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
