/* SPDX-License-Identifier: MIT */
/*
 * What the lists of a runtime may cost: whole ranges within the budget, and, once compressed, half of what the file
 * should come to. Of 256 pages that are 25.6.
 */
#include "filter/budget.h"
#include "tests/unit/core_builder.h"
#include "tests/unit/table.h"

#define BASE   UINT64_C(0x10000000)
#define BUDGET (256 * PAGE)
#define RANGES 4

enum content {
	UNKNOWN,
	ZEROS,
	NOISE
};

struct row {
	const char *name;
	enum content content;
	/* By rank, each behind the one before. */
	struct {
		enum rank rank;
		uint64_t pages; /* 0: no more */
		enum fate fate;
	} ranges[RANGES];
};

static const struct row rows[] = {
	{ "as much as the budget", UNKNOWN, { { RANK_RUNTIME, 256, FATE_KEPT } } },
	{ "a page more: not even its beginning",
	  UNKNOWN,
	  { { RANK_RUNTIME, 257, FATE_BUDGET } } },
	{ "what does not fit leaves room for what does",
	  UNKNOWN,
	  { { RANK_RUNTIME, 200, FATE_KEPT },
	    { RANK_RUNTIME, 57, FATE_BUDGET },
	    { RANK_RUNTIME, 56, FATE_KEPT },
	    { RANK_RUNTIME, 1, FATE_BUDGET } } },
	{ "hints are first",
	  UNKNOWN,
	  { { RANK_HINT, 100, FATE_KEPT },
	    { RANK_RUNTIME, 157, FATE_BUDGET },
	    { RANK_RUNTIME, 156, FATE_KEPT } } },
	{ "zeros cost little", ZEROS, { { RANK_RUNTIME, 256, FATE_KEPT } } },
	{ "but not nothing of the budget",
	  ZEROS,
	  { { RANK_RUNTIME, 257, FATE_BUDGET } } },
	{ "noise, in its half", NOISE, { { RANK_RUNTIME, 25, FATE_KEPT } } },
	{ "and beyond it", NOISE, { { RANK_RUNTIME, 26, FATE_PACKED } } },
	{ "of all of them",
	  NOISE,
	  { { RANK_RUNTIME, 15, FATE_KEPT },
	    { RANK_RUNTIME, 11, FATE_PACKED },
	    { RANK_RUNTIME, 10, FATE_KEPT } } },
};

static size_t read_content(void *context, uint64_t address, void *to, size_t n)
{
	uint32_t seed = (uint32_t)(address / PAGE);
	uint8_t *p = to;

	for (size_t i = 0; i < n; i++)
		p[i] = *(enum content *)context == NOISE ? (uint8_t)builder_random(&seed)
							 : 0;
	return n;
}

static void test_row(void **state)
{
	const struct row *row = *state;
	enum content content = row->content;
	const struct memory memory = { .read = read_content, .context = &content };
	struct type type = *type_find("mini");
	struct area area = { .start = BASE, .end = BASE + 4 * BUDGET };
	struct space space = { .areas = &area, .count = 1 };
	struct findings findings = { 0 };
	struct ranges ranges = { 0 };
	const struct view view = { .space = &space,
				   .memory = content == UNKNOWN ? NULL : &memory,
				   .type = &type,
				   .findings = &findings };
	uint64_t at = BASE;
	size_t count = 0;

	type.budget = BUDGET;
	area.content_end = area.end;
	for (; count < RANGES && row->ranges[count].pages; count++) {
		uint64_t end = at + row->ranges[count].pages * PAGE;

		ranges_add(&ranges, at, end, row->ranges[count].rank);
		at = end;
	}
	budget_spend(&view, &ranges);
	assert_int_equal(ranges.count, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(ranges.ranges[i].fate, row->ranges[i].fate);
		assert_int_equal(range_size(&ranges.ranges[i]),
				 row->ranges[i].pages * PAGE);
	}
	ranges_done(&ranges);
}

int main(void)
{
	return RUN_TABLE(rows, test_row);
}
