/* SPDX-License-Identifier: MIT */
/*
 * What a limit takes away: never more stays, and never less of the crashing thread's stack.
 */
#include "tests/unit/planned.h"
#include "tests/unit/table.h"

#define ALL UINT64_MAX

/*
 * The usual program in rank order, smallest first. Everything before a limit is there, the rank
 * of what is cut is not above what is left out.
 */
struct limit {
	const char *name;
	const char *type;
	uint64_t pages; /* max_memory */
	uint64_t memory; /* pages that are kept */
	uint64_t left_out;
	uint64_t there, end; /* some memory that must be there; 0: none */
};

/*
 * stacks: 1 fault, 6 stack | 1 .bss | 1 + 1 first pages, 2 vdso | 1 TLS, 3 stack
 * | 2 .data; heap: all but 2 shared pages of 214
 */
static const struct limit limits[] = {
	{ "stacks: nothing", "stacks", 0, 0, 18, 0, 0 },
	{ "stacks: a page, of the fault", "stacks", 1, 1, 17, 0x20002000, 0x20003000 },
	{ "stacks: innermost frames", "stacks", 3, 3, 15, 0x60003000, 0x60005000 },
	{ "stacks: crashing thread", "stacks", 7, 7, 11, 0x60003000, 0x60009000 },
	{ "stacks: and the loader", "stacks", 8, 8, 10, 0x10006000, 0x10007000 },
	{ "stacks: and objects", "stacks", 12, 12, 6, 0x70000000, 0x70002000 },
	{ "stacks: globals that leave too little come late", "stacks", 11, 11, 7,
	  0x60003000, 0x60009000 },
	{ "stacks: globals before other stacks", "stacks", 16, 16, 2, 0x10004000,
	  0x10006000 },
	{ "stacks: just enough", "stacks", 18, 18, 0, 0x10004000, 0x10006000 },
	{ "heap: nothing", "heap", 0, 0, 212, 0, 0 },
	{ "heap: a page", "heap", 1, 1, 211, 0x20002000, 0x20003000 },
	{ "heap: innermost frames", "heap", 3, 3, 209, 0x60003000, 0x60005000 },
	{ "heap: crashing thread", "heap", 7, 7, 205, 0x60003000, 0x60009000 },
	{ "heap: globals before other stacks", "heap", 16, 16, 196, 0x10004000,
	  0x10006000 },
	{ "heap: all stacks", "heap", 18, 18, 194, 0x7fff1000, 0x7fff4000 },
	{ "mini: crashing thread", "mini", 7, 7, 205, 0x60003000, 0x60009000 },
	{ "full: crashing thread", "full", 7, 7, 207, 0x60003000, 0x60009000 },
	{ "full: one page less than all", "full", 213, 0, 0, 0x60003000, 0x60009000 },
	{ "full: all", "full", 214, 214, 0, 0x50000000, 0x50002000 },
};

static void test_limit(void **state)
{
	const struct limit *row = *state;
	struct planned f;

	builder_usual(&f.b, EM_X86_64);
	planned_usual(&f, row->type, row->pages * PAGE);
	if (row->memory || row->left_out) {
		assert_int_equal(f.plan.memory, row->memory * PAGE);
		assert_int_equal(f.plan.left_out, row->left_out * PAGE);
	}
	if (row->end)
		assert_true(built_has(&f.output, row->there, row->end));
	planned_done(&f);
}

/* Whatever the limit: never above it, and never less of the crashing thread's stack. */
static void test_every_limit(void **state)
{
	static const char *const types[] = { "stacks", "mini", "heap", "full" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		for (uint64_t limit = 0; limit < 230 * PAGE; limit += 3 * PAGE + 1) {
			struct planned f;

			builder_usual(&f.b, EM_X86_64);
			planned_usual(&f, types[i], limit);
			if (limit >= 7 * PAGE)
				assert_true(built_has(&f.output, 0x60003190, 0x60008800));
			planned_done(&f);
		}
	}
}

/* What a limit takes first keeps its rank in the drop map. */
static void test_ranks(void **state)
{
	struct planned f;

	(void)state;
	builder_usual(&f.b, EM_X86_64);
	planned_usual(&f, "stacks", 16 * PAGE);
	assert_fate(&f, 0x10004000, FATE_KEPT, RANK_GLOBAL);
	assert_fate(&f, 0x70000000, FATE_KEPT, RANK_OBJECT);
	assert_fate(&f, 0x60003000, FATE_KEPT, RANK_CRASH);
	planned_done(&f);
}

/* mini: what is above globals only up to 8 MiB, the smallest first. */
static void test_budget(void **state)
{
	struct planned f;

	(void)state;
	builder_usual(&f.b, EM_X86_64);
	builder_load(&f.b, 0x28000000, 8 << 20, 8 << 20, PF_R | PF_W);
	planned_usual(&f, "mini", ALL);
	assert_true(built_has(&f.output, 0x20000000, 0x20080000));
	assert_false(built_names(&f.output, 0x28000000));
	assert_int_equal(f.plan.left_out, 0); /* the type asks for no more */
	planned_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_limit),
		cmocka_unit_test(test_ranks),
		cmocka_unit_test(test_budget),
	};
	int failed = RUN_TABLE(limits, test_limit);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
