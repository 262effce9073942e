/* SPDX-License-Identifier: MIT */
/*
 * A handler's stack with frames that say where they faulted: a stack overflow is found behind a few that are none,
 * and the search for it ends where a program has written more.
 */
#include "tests/unit/rig.h"
#include "tests/unit/table.h"

#include "filter/stack_overflow.h"

#define BELOW	  UINT64_C(0x1ff000) /* mapped: a fault there is none of the stack */
#define HOME	  UINT64_C(0x200000)
#define ALTERNATE UINT64_C(0x400000)
#define APART	  0x200

struct row {
	const char *name;
	uint64_t others; /* frames before it */
	bool found;
};

static const struct row rows[] = {
	{ "alone", 0, true },
	{ "behind three others", 3, true },
	{ "behind a hundred", 100, false },
};

/* struct ucontext: link, the alternate stack, SP, the trap's number, the address. */
static void poke_frame(struct core_builder *b, uint64_t at, uint64_t address)
{
	builder_poke_word(b, at + 8, 0);
	builder_poke_word(b, at + 16, ALTERNATE);
	builder_poke_word(b, at + 32, 0x10000);
	builder_poke_word(b, at + 160, address + 8);
	builder_poke_word(b, at + 200, 14);
	builder_poke_word(b, at + 216, address);
}

static void test_row(void **state)
{
	static const uint64_t auxv[][2] = { { AT_RANDOM, HOME + 0x3000 } };
	const struct row *row = *state;
	struct rig rig;

	builder_init(&rig.b, EM_X86_64);
	builder_psinfo(&rig.b, 1, 0, "x", "x");
	builder_thread(&rig.b, 1, ALTERNATE + 0x100, 0, 0);
	builder_auxv(&rig.b, auxv, ARRAY_SIZE(auxv));
	builder_load(&rig.b, BELOW, PAGE, PAGE, RW);
	builder_load(&rig.b, HOME, 4 * PAGE, 4 * PAGE, RW);
	builder_load(&rig.b, ALTERNATE, 16 * PAGE, 16 * PAGE, RW);
	for (uint64_t i = 0; i < row->others; i++)
		poke_frame(&rig.b, ALTERNATE + 0x100 + i * APART, BELOW + 0x800);
	poke_frame(&rig.b, ALTERNATE + 0x100 + row->others * APART, BELOW - 0x800);
	rig_up(&rig);
	assert_int_equal(
		stack_overflow_interrupted(&rig.core, &rig.notes, &rig.window.memory),
		row->found);
	rig_done(&rig);
}

int main(void)
{
	return RUN_TABLE(rows, test_row);
}
