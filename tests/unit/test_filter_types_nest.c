/* SPDX-License-Identifier: MIT */
/*
 * A type with more has all that a type with less has: every byte of mini is in heap, every byte of heap in full,
 * planned from one core. In pages: 1000-3000 the heap, full of pointers to all the rest; 4000-4200 shared memory;
 * 5000-5200 a file without a name; 6000-6200 a database; 7000-7010 a stack.
 */
#include "tests/unit/planned.h"
#include "tests/unit/rig.h"
#include "tests/unit/table.h"

#define HEAP   UINT64_C(0x1000000)
#define SHARED UINT64_C(0x4000000)
#define GONE   UINT64_C(0x5000000)
#define DATA   UINT64_C(0x6000000)
#define STACK  UINT64_C(0x7000000)
#define PAGES  512

struct row {
	const char *name;
	size_t pointers; /* on the stack */
	size_t chained; /* words of each page of the heap that point on */
};

static const struct row rows[] = {
	{ "few pointers, pages", 8, 0 },
	{ "pages, and what these point to", 64, 4 },
	{ "so many that only windows fit", 2000, 16 },
	{ "every word", 8000, 512 },
};

/* One of three in the heap, the others elsewhere. */
static uint64_t somewhere(uint32_t *seed)
{
	static const uint64_t areas[] = { HEAP, HEAP, SHARED, GONE, DATA };
	uint32_t r = builder_random(seed);

	return areas[r % ARRAY_SIZE(areas)] + (r >> 8) % PAGES * PAGE +
	       (r >> 20) % 256 * 8;
}

static void build(struct core_builder *b, const struct row *row)
{
	uint32_t seed = 4711;

	builder_init(b, EM_X86_64);
	builder_thread(b, 1, STACK, 0, 0);
	builder_file(b, SHARED, SHARED + PAGES * PAGE, 0, "/memfd:x (deleted)");
	builder_file(b, GONE, GONE + PAGES * PAGE, 0, "/srv/gone (deleted)");
	builder_file(b, DATA, DATA + PAGES * PAGE, 0, "/srv/data");
	builder_files(b);
	builder_load(b, HEAP, 2 * PAGES * PAGE, 2 * PAGES * PAGE, RW);
	builder_load(b, SHARED, PAGES * PAGE, PAGES * PAGE, RW);
	builder_load(b, GONE, PAGES * PAGE, PAGES * PAGE, RW);
	builder_load(b, DATA, PAGES * PAGE, PAGES * PAGE, RW);
	builder_load(b, STACK, 16 * PAGE, 16 * PAGE, RW);
	for (size_t i = 0; i < row->pointers; i++)
		builder_poke_word(b, STACK + i * 8, somewhere(&seed));
	for (size_t page = 0; page < PAGES; page++) {
		for (size_t i = 0; i < row->chained; i++)
			builder_poke_word(b, HEAP + page * PAGE + i * 8,
					  somewhere(&seed));
	}
}

static void kept_by(struct planned *p, const char *type, struct spans *ret)
{
	p->input.type = type_find(type);
	planned_make(p);
	for (size_t i = 0; i < p->plan.piece_count; i++) {
		if (p->plan.pieces[i].fate == FATE_KEPT)
			spans_add(ret, p->plan.pieces[i].start, p->plan.pieces[i].end);
	}
	spans_join(ret);
	plan_done(&p->plan);
	built_done(&p->output);
}

static void assert_in(struct spans *less, const struct spans *more)
{
	assert_true(less->count > 0);
	spans_subtract(less, more);
	assert_int_equal(less->count, 0);
}

static void test_row(void **state)
{
	struct spans mini = { 0 }, heap = { 0 }, full = { 0 };
	struct planned p;

	build(&p.b, *state);
	planned_build(&p);
	planned_look(&p);
	core_memory_changed(&p.window, DATA + 3 * PAGE, DATA + 200 * PAGE);
	kept_by(&p, "mini", &mini);
	kept_by(&p, "heap", &heap);
	kept_by(&p, "full", &full);
	assert_in(&mini, &heap);
	assert_in(&heap, &full);
	spans_done(&mini);
	spans_done(&heap);
	spans_done(&full);
	p.plan = (struct plan){ .header = NULL };
	p.output = (struct built){ NULL, 0 };
	planned_done(&p);
}

int main(void)
{
	return RUN_TABLE(rows, test_row);
}
