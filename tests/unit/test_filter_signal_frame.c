/* SPDX-License-Identifier: MIT */
/*
 * What may be a signal frame, and what only looks like one: the program can write the same words. One area in pages
 * 300-310, and nothing behind it; SP is a page below the frame.
 */
#include "tests/unit/rig.h"
#include "tests/unit/table.h"

#include "filter/signal_frame.h"

#define AREA	    UINT64_C(0x300000)
#define AREA_END    UINT64_C(0x310000)
#define FRAME	    UINT64_C(0x308400)
#define INTERRUPTED UINT64_C(0x7fff1230)
#define LAST	    UINT64_C(0xffffff00) /* of 32 bits */

enum {
	FLAGS = 0,
	LINK = 1,
	STACK = 2,
	STACK_FLAGS = 3,
	STACK_SIZE = 4,
	WORDS = 5
};

struct row {
	const char *name;
	struct {
		unsigned int word;
		uint64_t value;
	} lies[2]; /* word FLAGS with 0: none */
	uint64_t below; /* the frame is so far below the area's end; 0: it is at FRAME */
	struct span expected; /* the stack; empty: it is no frame */
	bool wide; /* of 64 bits alone */
};

static const struct row rows[] = {
	{ "as it should be", .expected = { 0x306000, 0x30a000 } },
	{ "all flags", .lies = { { FLAGS, 7 } }, .expected = { 0x306000, 0x30a000 } },
	{ "flags that are none", .lies = { { FLAGS, 8 } } },
	{ "a link", .lies = { { LINK, 1 } } },
	{ "SS_AUTODISARM", .lies = { { STACK_FLAGS, UINT64_C(1) << 31 } },
	  .expected = { 0x306000, 0x30a000 } },
	{ "SS_ONSTACK", .lies = { { STACK_FLAGS, 1 } } },
	{ "SS_DISABLE", .lies = { { STACK_FLAGS, 2 } } },
	{ "padding behind the stack's flags",
	  .lies = { { STACK_FLAGS, UINT64_C(1) << 32 } },
	  .expected = { 0x306000, 0x30a000 }, .wide = true },
	{ "no size", .lies = { { STACK_SIZE, 0 } } },
	{ "the smallest", .lies = { { STACK, FRAME - 1024 }, { STACK_SIZE, 2048 } },
	  .expected = { FRAME - 1024, FRAME + 1024 } },
	{ "smaller", .lies = { { STACK, FRAME - 1024 }, { STACK_SIZE, 2047 } } },
	{ "the largest, to the area's end", .lies = { { STACK_SIZE, 1 << 20 } },
	  .expected = { 0x306000, AREA_END } },
	{ "larger", .lies = { { STACK_SIZE, (1 << 20) + 1 } } },
	{ "over the area's end", .lies = { { STACK_SIZE, 0xa001 } },
	  .expected = { 0x306000, AREA_END } },
	{ "to the area's end", .lies = { { STACK_SIZE, 0xa000 } },
	  .expected = { 0x306000, AREA_END } },
	{ "from the area's start", .lies = { { STACK, AREA }, { STACK_SIZE, 0x9000 } },
	  .expected = { AREA, 0x309000 } },
	{ "from before the area",
	  .lies = { { STACK, AREA - 1 }, { STACK_SIZE, 0x9000 } } },
	{ "begins at SP", .lies = { { STACK, FRAME - 512 } },
	  .expected = { FRAME - 512, FRAME - 512 + 0x4000 } },
	{ "begins behind SP", .lies = { { STACK, FRAME - 511 } } },
	{ "begins behind the frame", .lies = { { STACK, FRAME + 1 } } },
	{ "ends behind the frame's first byte", .lies = { { STACK, FRAME + 1 - 0x4000 } },
	  .expected = { FRAME + 1 - 0x4000, FRAME + 1 } },
	{ "ends at the frame", .lies = { { STACK, FRAME - 0x4000 } } },
	{ "behind the area", .lies = { { STACK, LAST } } },
	{ "over the end of addresses", .lies = { { STACK, UINT64_MAX - 0xff } } },
	{ "context over the end of memory", .below = 8 },
	{ "registers over the end of memory", .lies = { { STACK, 0x30d000 } },
	  .below = 40 },
};

static uint64_t at_of(const struct row *row)
{
	return row->below ? AREA_END - row->below : FRAME;
}

static void build(struct core_builder *b, uint16_t machine, const struct row *row)
{
	uint64_t words[WORDS] = { [STACK] = 0x306000, [STACK_SIZE] = 0x4000 };
	uint64_t at = at_of(row), sp_at;

	builder_init(b, machine);
	builder_thread(b, 1, at - 512, 0, 0);
	builder_load(b, AREA, AREA_END - AREA, AREA_END - AREA, RW);
	sp_at = at + machine_find(machine, b->word)->context_sp;
	for (size_t i = 0; i < ARRAY_SIZE(row->lies); i++) {
		if (row->lies[i].word != FLAGS || row->lies[i].value)
			words[row->lies[i].word] = row->lies[i].value;
	}
	for (uint64_t i = 0; i < WORDS && at + (i + 1) * b->word <= AREA_END; i++)
		builder_poke_word(b, at + i * b->word, words[i]);
	if (sp_at < AREA_END)
		builder_poke_word(b, sp_at, INTERRUPTED);
}

/* What is read as one was not left out before, by the words of its page. */
static void check_may_be(const struct rig *rig, uint64_t at)
{
	uint8_t page[PAGE];
	uint64_t start = page_down(at);
	size_t word = rig->notes.word;

	builder_peek(&rig->b, start, page, sizeof(page));
	assert_true(signal_frame_may_be((struct bytes){ page, sizeof(page) },
					(size_t)(at - start) / word + STACK, word));
}

static void check(uint16_t machine, const struct row *row)
{
	const uint64_t at = at_of(row);
	struct signal_frame frame = { { 1, 2 }, 3 };
	struct rig rig;
	bool found;

	build(&rig.b, machine, row);
	rig_up(&rig);
	found = signal_frame_read(&rig.view, &rig.space.areas[0], at - 512, at, &frame);
	assert_int_equal(found, row->expected.end != 0);
	assert_int_equal(frame.stack.start, found ? row->expected.start : 1);
	assert_int_equal(frame.stack.end, found ? row->expected.end : 2);
	assert_int_equal(frame.sp, found ? INTERRUPTED : 3);
	if (found)
		check_may_be(&rig, at);
	rig_done(&rig);
}

static void test_row(void **state)
{
	const struct row *row = *state;

	check(EM_X86_64, row);
	check(EM_AARCH64, row);
	if (!row->wide)
		check(EM_386, row);
}

/* A machine whose struct ucontext is not known, and memory that cannot be had. */
static void test_unknown(void **state)
{
	struct signal_frame frame = { { 1, 2 }, 3 };
	struct machine machine;
	struct rig rig;

	(void)state;
	build(&rig.b, EM_X86_64, &rows[0]);
	rig_up(&rig);
	machine = *rig.notes.machine;
	machine.context_sp = 0;
	rig.notes.machine = &machine;
	assert_false(signal_frame_read(&rig.view, &rig.space.areas[0], FRAME - 512, FRAME,
				       &frame));
	rig.notes.machine = machine_find(EM_X86_64, 8);
	assert_true(signal_frame_read(&rig.view, &rig.space.areas[0], FRAME - 512, FRAME,
				      &frame));
	rig.view.memory = NULL;
	assert_false(signal_frame_read(&rig.view, &rig.space.areas[0], FRAME - 512, FRAME,
				       &frame));
	rig_done(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_unknown) };
	int failed = RUN_TABLE(rows, test_row);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
