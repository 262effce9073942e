/* SPDX-License-Identifier: MIT */
/*
 * What triage leaves of a stack: addresses and small numbers, and no text of any width.
 */
#include "tests/unit/planned.h"
#include "tests/unit/rig.h"
#include "tests/unit/table.h"

#include "filter/scrub.h"

/* In the middle of the crashing thread's stack, and where a page of it ends. */
#define AT	 0x60004100u
#define PAGE_END 0x60005000u

/* The page of the fault address, with thread-local data on both sides: another rank. */
#define SEAM 0x20002000u

#define HEAP_TEXT 0x61626364u /* "dcba", and an area of anonymous memory */

struct scrubbed {
	const char *name;
	uint64_t at;
	uint32_t words[10]; /* of 4 bytes */
	size_t n;
	uint64_t kept; /* bits: words that stay */
};

static const struct scrubbed rows[] = {
	{ "small numbers", AT, { 1, 0, -4095u, -1u }, 4, 0xf },
	{ "a large number", AT, { 4096, 0, 0x12345678, 0x9abcdef0 }, 4, 2 },
	{ "code", AT, { 0x10001234, 0 }, 2, 3 },
	{ "stack", AT, { 0x60004000, 0 }, 2, 3 },
	{ "text", AT, { 0x6b636168, 0x74656d65 }, 2, 0 },
	{ "text that is an address", AT, { HEAP_TEXT, 0 }, 2, 2 },
	{ "beside text", AT, { HEAP_TEXT + 0x80, 0 }, 2, 3 },
	{ "three wide letters", AT, { 'a', 'b', 'c', 0 }, 4, 0xf },
	{ "four", AT, { 'a', 'b', 'c', 'd', 0, 0 }, 6, 0x30 },
	{ "other letters", AT, { 0x41f, 0x430, 0x440, 0x43e, 0x43b, 0x44c }, 6, 0 },
	{ "in words", AT, { 'a', 0, 'b', 0, 'c', 0, 'd', 0, -1u, -1u }, 10, 0x300 },
	{ "over a page's end",
	  PAGE_END - 8,
	  { 'p', 'a', 's', 's', 'w', 'o', 'r', 'd' },
	  8,
	  0 },
	{ "over the beginning of another rank",
	  SEAM - 12,
	  { 'p', 'a', 's', 's', 'w', 'o' },
	  6,
	  0 },
	{ "and over its end",
	  SEAM + 0x1000 - 8,
	  { 'w', 0, 'o', 0, 'r', 0, 'd', 0, -1u, -1u },
	  10,
	  0x300 },
	{ "more before it than behind",
	  SEAM - 20,
	  { 'p', 'a', 's', 's', 'w', 'o', 1, 2 },
	  8,
	  0xc0 },
	{ "three over it", SEAM - 8, { 'k', 'e', 'y', 1, 2, 3 }, 6, 0x3f },
	{ "no row: something between",
	  AT,
	  { 'a', 'b', 3, 4, 'c', 'd', 'e', 5 },
	  8,
	  0xff },
};

/* aarch64: what is above an address. Without a mask from the kernel there are no signatures. */
static const struct scrubbed tags[] = {
	{ "a tag", AT, { 0x10001234, 0x5a000000 }, 2, 3 },
	{ "a signature without a mask", AT, { 0x10001234, 0x00130000 }, 2, 0 },
	{ "text that is an address with a tag", AT, { HEAP_TEXT, 0x65000000 }, 2, 0 },
	{ "a small number with a tag", AT, { 0x12, 0x5a000000 }, 2, 1 },
};

static void check(const struct scrubbed *row, uint16_t machine)
{
	struct planned f;

	builder_usual(&f.b, machine);
	builder_thread(&f.b, 1002, 0x7fff1100, 0x30001000, SEAM + 0x1040);
	builder_load(&f.b, 0x61600000, 0x100000, 0x100000, PF_R | PF_W);
	for (size_t i = 0; i < row->n; i++) {
		uint8_t raw[4];

		builder_put(raw, row->words[i], sizeof(raw));
		builder_poke(&f.b, row->at + 4 * i, raw, sizeof(raw));
	}
	planned_build(&f);
	planned_look(&f);
	f.input.type = type_find("triage");
	planned_make(&f);
	for (size_t i = 0; i < row->n; i++) {
		uint64_t at = row->at + 4 * i;

		assert_int_equal(built_has(&f.output, at, at + 4), row->kept >> i & 1);
	}
	planned_done(&f);
}

static void test_row(void **state)
{
	check(*state, EM_X86_64);
	check(*state, EM_AARCH64);
}

static void test_tag(void **state)
{
	check(*state, EM_AARCH64);
}

/* Elsewhere such a number is no address. */
static void test_no_tag(void **state)
{
	const struct scrubbed *row = *state;
	struct scrubbed other = *row;

	other.kept &= ~UINT64_C(3);
	if (row->words[0] < PAGE)
		other.kept |= 1; /* half of it is a small number */
	check(&other, EM_X86_64);
}

static size_t read_zeros(void *context, uint64_t address, void *to, size_t n)
{
	(void)context, (void)address;
	memset(to, 0, n);
	return n;
}

/* 16,384 pages are looked at; of what is left nothing stays, whatever is in it. */
static void test_bound(void **state)
{
	const struct memory zeros = { .read = read_zeros };
	struct spans blanks = { 0 };
	struct rig rig;

	(void)state;
	builder_init(&rig.b, EM_X86_64);
	builder_load(&rig.b, 0x10000 * PAGE, 20000 * PAGE, 20000 * PAGE, RW);
	rig_up(&rig);
	rig.view.memory = &zeros;
	ranges_add(&rig.ranges, 0x10000 * PAGE, (0x10000 + 16394) * PAGE, RANK_PRIVATE);
	scrub_add(&rig.view, &rig.ranges, &blanks);
	assert_int_equal(blanks.count, 1);
	assert_int_equal(blanks.spans[0].start, (0x10000 + 16384) * PAGE);
	assert_int_equal(blanks.spans[0].end, (0x10000 + 16394) * PAGE);
	spans_done(&blanks);
	rig_done(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_bound) };
	int failed = RUN_TABLE(rows, test_row);

	failed += cmocka_run_group_tests(tests, NULL, NULL);
	failed += RUN_TABLE(tags, test_tag);
	return failed + RUN_TABLE(tags, test_no_tag);
}
