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
#define SP	  (ALTERNATE + 0x100)
#define LOOK	  UINT64_C(0x40000) /* what is looked at */

struct row {
	const char *name;
	uint64_t others; /* frames before it */
	uint64_t at; /* above SP */
	uint64_t size; /* of the handler's stack */
	bool found;
	uint64_t address; /* 0: BELOW - 0x800, nothing is there */
	uint64_t error; /* of the fault */
	bool constant; /* nobody can write to the stack */
};

static const struct row rows[] = {
	{ "alone", 0, 0, 16 * PAGE, true, 0, 0, false },
	{ "behind three others", 3, 3 * APART, 16 * PAGE, true, 0, 0, false },
	{ "behind a hundred", 100, 100 * APART, 16 * PAGE, false, 0, 0, false },
	{ "at the end of what is looked at", 0, LOOK - 8, 2 * LOOK, true, 0, 0, false },
	{ "behind what is looked at", 0, LOOK, 2 * LOOK, false, 0, 0, false },
	{ "in a guard of its own mapping", 0, 0, 16 * PAGE, true, HOME + 0x800, 6,
	  false },
	{ "of a page there that forbids it", 0, 0, 16 * PAGE, false, HOME + 0x800, 7,
	  false },
	{ "no stack, as nobody can write to it", 0, 0, 16 * PAGE, false, HOME + 0x800, 6,
	  true },
};

/* struct ucontext: link, the alternate stack, SP, the error, the trap's number, the address. */
static void poke_frame(struct core_builder *b, uint64_t at, uint64_t size,
		       uint64_t address, uint64_t error)
{
	builder_poke_word(b, at + 8, 0);
	builder_poke_word(b, at + 16, ALTERNATE);
	builder_poke_word(b, at + 32, size);
	builder_poke_word(b, at + 160, address + 8);
	builder_poke_word(b, at + 192, error);
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
	builder_thread(&rig.b, 1, SP, 0, 0);
	builder_auxv(&rig.b, auxv, ARRAY_SIZE(auxv));
	builder_load(&rig.b, BELOW, PAGE, PAGE, RW);
	builder_load(&rig.b, HOME, 4 * PAGE, 4 * PAGE, row->constant ? PF_R : RW);
	builder_load(&rig.b, ALTERNATE, row->size, row->size, RW);
	for (uint64_t i = 0; i < row->others; i++)
		poke_frame(&rig.b, SP + i * APART, row->size, BELOW + 0x800, 0);
	poke_frame(&rig.b, SP + row->at, row->size,
		   row->address ? row->address : BELOW - 0x800, row->error);
	rig_up(&rig);
	assert_int_equal(
		stack_overflow_interrupted(&rig.core, &rig.notes, &rig.window.memory),
		row->found);
	assert_in_range(rig.window.reads, 1,
			(row->size < LOOK ? row->size : LOOK) / PAGE);
	rig_done(&rig);
}

int main(void)
{
	return RUN_TABLE(rows, test_row);
}
