/* SPDX-License-Identifier: MIT */
/*
 * Java: from threads to what they have, step by step; code by the block that an address is in.
 */
#include "tests/unit/rig.h"
#include "tests/unit/table.h"

#include "filter/runtime.h"

#define JVM	  UINT64_C(0x7f0000000000)
#define VTABLE	  (JVM + 8 * PAGE + 0x240)
#define ARENA	  UINT64_C(0x7f1000000000)
#define META	  UINT64_C(0x7f2000000000)
#define META_SIZE (64u << 10)
#define JAVA	  UINT64_C(0x700000000)
#define CODE	  UINT64_C(0x7f3000000000)
#define THREAD	  UINT64_C(0x7f4000000000)
#define SP	  (THREAD + PAGE)
#define TLS	  (THREAD + 3 * PAGE + 0x800)
#define A(page)	  (ARENA + (uint64_t)(page)*PAGE)
#define H(page)	  (JAVA + (uint64_t)(page)*PAGE)
#define C(page)	  (CODE + (uint64_t)(page)*PAGE)

static void zero(struct core_builder *b, uint64_t start, uint64_t pages)
{
	static const uint8_t zeros[PAGE];

	for (uint64_t i = 0; i < pages; i++)
		builder_poke(b, start + i * PAGE, zeros, PAGE);
}

static void area(struct core_builder *b, uint64_t start, uint64_t pages, uint32_t flags)
{
	builder_load(b, start, pages * PAGE, pages * PAGE, flags);
	zero(b, start, pages);
}

static void block(struct core_builder *b, uint64_t at, uint64_t segments, uint64_t used,
		  uint64_t vtable)
{
	builder_poke_word(b, at, segments);
	builder_poke_word(b, at + 8, used);
	builder_poke_word(b, at + 16, vtable);
}

/* A thread with a JavaThread in the arena and an address of code on its stack. */
static void build(struct core_builder *b, const char *library)
{
	builder_init(b, EM_X86_64);
	builder_thread(b, 1, SP, 0x401000, TLS);
	area(b, JAVA, 100, RW);
	builder_load(b, JVM, 0, 16 * PAGE, PF_R);
	area(b, ARENA, 100, RW);
	area(b, META, META_SIZE / PAGE, RW);
	area(b, CODE, 100, RW | PF_X);
	area(b, THREAD, 4, RW);
	builder_file(b, JVM, JVM + 16 * PAGE, 0, library);
	builder_files(b);
	builder_poke_word(b, TLS - 64, A(10));
}

static bool has(const struct rig *rig, uint64_t address)
{
	for (size_t i = 0; i < rig->ranges.count; i++) {
		const struct range *r = &rig->ranges.ranges[i];

		if (r->start <= address && address < r->end)
			return true;
	}
	return false;
}

static void run(struct rig *rig)
{
	rig_up(rig);
	rule_runtime(&rig->view, &rig->ranges);
	assert_false(rig->ranges.failed);
}

/* A chain: as far as there are steps, from where in a JavaThread, from where behind it. */
static void test_steps(void **state)
{
	struct rig rig;

	(void)state;
	build(&rig.b, "/usr/lib/jvm/lib/server/libjvm.so");
	builder_poke_word(&rig.b, A(10) + 2040, A(20));
	builder_poke_word(&rig.b, A(10) + 2048, A(21));
	builder_poke_word(&rig.b, A(20) + 248, A(30));
	builder_poke_word(&rig.b, A(20) + 256, A(31));
	for (uint64_t i = 30; i < 40; i++)
		builder_poke_word(&rig.b, A(i), A(i + 10));
	builder_poke_word(&rig.b, A(40), A(50));
	builder_poke_word(&rig.b, A(50), A(60));
	builder_poke_word(&rig.b, A(60), A(70));
	run(&rig);
	assert_true(has(&rig, A(10)) && has(&rig, A(20)) && has(&rig, A(30)) &&
		    has(&rig, A(40)) && has(&rig, A(50)));
	assert_false(has(&rig, A(21)));
	assert_false(has(&rig, A(31)));
	assert_false(has(&rig, A(60)));
	rig_done(&rig);
}

/* Two fields of 32 bits, and what is behind an object's first 64 bytes. */
static void test_objects(void **state)
{
	struct rig rig;

	(void)state;
	build(&rig.b, "/usr/lib/jvm/lib/server/libjvm.so");
	builder_poke_word(&rig.b, A(10) + 8, H(10));
	builder_poke_word(&rig.b, H(10) + 8, (H(20) >> 3) | (H(30) >> 3) << 32);
	builder_poke_word(&rig.b, H(10) + 64, H(40) >> 3);
	run(&rig);
	assert_true(has(&rig, H(10)) && has(&rig, H(20)) && has(&rig, H(30)));
	assert_false(has(&rig, H(40)));
	rig_done(&rig);
}

/* A small mapping is kept whole, and its names; the stack of a thread is none. */
static void test_metaspace(void **state)
{
	struct rig rig;

	(void)state;
	build(&rig.b, "/usr/lib/jvm/lib/server/libjvm.so");
	builder_poke_word(&rig.b, SP + 64, META + 3 * PAGE);
	builder_poke_word(&rig.b, META + META_SIZE - 8, A(90));
	run(&rig);
	for (uint64_t at = META; at < META + META_SIZE; at += PAGE)
		assert_true(has(&rig, at));
	assert_true(has(&rig, A(90)));
	assert_false(has(&rig, SP));
	rig_done(&rig);
}

static const struct code {
	const char *name;
	uint64_t segments, used, vtable;
	uint64_t address; /* of code, on the stack; the block begins at C(4) + 64 */
	uint64_t has, hasnt; /* pages of code */
} codes[] = {
	{ "a method", 64, 1, VTABLE, C(5), C(5), C(8) },
	{ "its last byte", 64, 1, VTABLE, C(6) + 63, C(6), C(3) },
	{ "behind its end", 64, 1, VTABLE, C(6) + 64, 0, C(4) },
	{ "the interpreter: its beginning", 1024, 1, VTABLE, C(30), C(4), C(6) },
	{ "free", 64, 0, VTABLE, C(5), 0, C(4) },
	{ "no vtable", 64, 1, ARENA, C(5), 0, C(4) },
	{ "no length", 0, 1, VTABLE, C(5), 0, C(4) },
	{ "endless", UINT64_MAX, 1, VTABLE, C(5), 0, C(4) },
};

static void test_code(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		const struct code *c = &codes[i];
		struct rig rig;

		print_message("%s\n", c->name);
		build(&rig.b, "/usr/lib/jvm/lib/server/libjvm.so");
		block(&rig.b, C(4) + 64, c->segments, c->used, c->vtable);
		builder_poke_word(&rig.b, SP + 8, c->address);
		run(&rig);
		assert_true(!c->has || has(&rig, c->has));
		assert_false(has(&rig, c->hasnt));
		rig_done(&rig);
	}
}

/* Everything points to everything: it ends, and within the budget. */
static void test_circles(void **state)
{
	struct type type = *type_find("mini");
	uint64_t sum = 0;
	struct rig rig;

	(void)state;
	type.budget = 64 * PAGE;
	build(&rig.b, "/usr/lib/jvm/lib/server/libjvm.so");
	for (uint64_t i = 0; i < 100; i++) {
		for (uint64_t k = 0; k < 100; k++)
			builder_poke_word(&rig.b, A(i) + 8 * k, A(k));
	}
	rig_up(&rig);
	rig.view.type = &type;
	rule_runtime(&rig.view, &rig.ranges);
	for (size_t i = 0; i < rig.ranges.count; i++)
		sum += range_size(&rig.ranges.ranges[i]);
	assert_in_range(sum, 16 * PAGE, 100 * PAGE);
	rig_done(&rig);
}

/* Bytes of a JavaThread, and of what it has. */
#define OF_THREAD 2048
#define OF_NEXT	  256

static const struct budget {
	const char *name;
	uint64_t left, left_then;
	const char *parts[RUNTIME_PARTS];
} budgets[] = {
	{ "too little for a thread", OF_THREAD - 1, OF_THREAD - 1, { "", "", "" } },
	{ "too little for what it has",
	  OF_THREAD + OF_NEXT - 1,
	  OF_NEXT - 1,
	  { "7f100000a000-7f100000b000", "", "" } },
	{ "too little for what that leads to",
	  OF_THREAD + OF_NEXT + 64 + OF_NEXT - 1,
	  OF_NEXT - 1,
	  { "7f100000a000-7f100000b000", "70000a000-70000b000 7f1000014000-7f1000015000",
	    "" } },
	{ "for all",
	  OF_THREAD + OF_NEXT + 64 + 2 * OF_NEXT + 64,
	  0,
	  { "7f100000a000-7f100000b000", "70000a000-70000b000 7f1000014000-7f1000015000",
	    "7f100001e000-7f100001f000 7f1000028000-7f1000029000 "
	    "7f1000032000-7f1000033000" } },
};

/* Nearest first: it ends with what there is no room for, though an object behind that is smaller. */
static void test_left(void **state)
{
	const struct budget *row = *state;
	struct runtime runtime = { .left = row->left };
	struct rig rig;

	build(&rig.b, "/usr/lib/jvm/lib/server/libjvm.so");
	builder_poke_word(&rig.b, A(10), A(20));
	builder_poke_word(&rig.b, A(10) + 8, H(10));
	for (uint64_t i = 20; i < 50; i += 10)
		builder_poke_word(&rig.b, A(i), A(i + 10));
	rig_up(&rig);
	runtime.view = &rig.view;
	runtime_jvm(&runtime);
	assert_int_equal(runtime.left, row->left_then);
	for (size_t i = 0; i < RUNTIME_PARTS; i++) {
		assert_false(runtime.parts[i].failed);
		spans_join(&runtime.parts[i]);
		assert_spans(&runtime.parts[i], row->parts[i]);
		spans_done(&runtime.parts[i]);
	}
	rig_done(&rig);
}

static void test_no_jvm(void **state)
{
	static const char *const libraries[] = { "/usr/lib/libjvm.so.1",
						 "/usr/lib/notlibjvm.so", "libjvm.so" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(libraries); i++) {
		struct rig rig;

		build(&rig.b, libraries[i]);
		run(&rig);
		assert_int_equal(rig.ranges.count, 0);
		rig_done(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),	  cmocka_unit_test(test_objects),
		cmocka_unit_test(test_metaspace), cmocka_unit_test(test_code),
		cmocka_unit_test(test_circles),	  cmocka_unit_test(test_no_jvm),
	};

	return RUN_TABLE(budgets, test_left) + cmocka_run_group_tests(tests, NULL, NULL);
}
