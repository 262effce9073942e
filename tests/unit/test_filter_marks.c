/* SPDX-License-Identifier: MIT */
/*
 * Ranges that get a fate, are cut, or are sorted by an order. Ranges are written as text, in
 * pages: "start-end:rank" before, "start-end:fate" after.
 */
#include "tests/unit/core_builder.h"
#include "tests/unit/pages.h"
#include "tests/unit/table.h"

struct row {
	const char *name, *input;
	struct span spans[3]; /* bytes */
	const char *expected; /* of ranks 5 and above, by FATE_HINT */
};

#define P(page) ((uint64_t)(page)*PAGE)

static const struct row rows[] = {
	{ "no spans", "1-9:5", { { 0, 0 } }, "1-9:kept" },
	{ "no ranges", "", { { P(1), P(2) } }, "" },
	{ "apart", "1-9:5", { { P(9), P(10) } }, "1-9:kept" },
	{ "all of it", "1-9:5", { { 0, P(20) } }, "1-9:hint" },
	{ "exactly", "1-9:5", { { P(1), P(9) } }, "1-9:hint" },
	{ "the beginning", "1-9:5", { { P(1), P(3) } }, "1-3:hint 3-9:kept" },
	{ "the end", "1-9:5", { { P(7), P(12) } }, "1-7:kept 7-9:hint" },
	{ "the middle", "1-9:5", { { P(3), P(4) } }, "1-3:kept 3-4:hint 4-9:kept" },
	{ "widened to pages",
	  "1-9:5",
	  { { P(3) + 1, P(3) + 2 } },
	  "1-3:kept 3-4:hint 4-9:kept" },
	{ "three spans",
	  "1-9:5",
	  { { P(1), P(2) }, { P(4), P(5) }, { P(8), P(9) } },
	  "1-2:hint 2-4:kept 4-5:hint 5-8:kept 8-9:hint" },
	{ "two spans in one page",
	  "1-9:5",
	  { { P(3), P(3) + 8 }, { P(3) + 64, P(5) } },
	  "1-3:kept 3-4:hint 4-5:hint 5-9:kept" },
	{ "over several ranges",
	  "1-3:5 3-6:7 8-9:8",
	  { { P(2), P(9) } },
	  "1-2:kept 2-3:hint 3-6:hint 8-9:hint" },
	{ "a rank that is not asked for",
	  "1-3:1 3-6:7",
	  { { P(1), P(9) } },
	  "1-3:kept 3-6:hint" },
	{ "everything there is", "1-3:5", { { 0, UINT64_MAX } }, "1-3:hint" },
};

static void test_mark(void **state)
{
	const struct row *row = *state;
	struct ranges ranges = { 0 };
	struct spans spans = { 0 };

	pages_add(&ranges, row->input);
	for (size_t i = 0; i < ARRAY_SIZE(row->spans); i++)
		spans_add(&spans, row->spans[i].start, row->spans[i].end);
	ranges_mark(&ranges, &spans, ~0x1fu, FATE_HINT);
	assert_page_fates(&ranges, row->expected);
	/* who has a fate keeps it */
	ranges_mark(&ranges, &spans, ~0x1fu, FATE_CONFIG);
	assert_page_fates(&ranges, row->expected);
	ranges_done(&ranges);
	spans_done(&spans);
}

struct cut {
	const char *name;
	uint64_t size; /* bytes of a range of pages 4-8 */
	const char *expected;
};

static const struct cut cuts[] = {
	{ "nothing away", 4 * PAGE, "4-8:kept" },
	{ "more than there is", UINT64_MAX, "4-8:kept" },
	{ "a page away", 3 * PAGE, "4-7:kept 7-8:limit" },
	{ "whole pages only", 3 * PAGE - 1, "4-6:kept 6-8:limit" },
	{ "less than a page", PAGE - 1, "4-4:kept 4-8:limit" },
};

static void test_cut(void **state)
{
	const struct cut *row = *state;
	struct ranges ranges = { 0 };

	ranges_add(&ranges, P(4), P(8), RANK_HINT);
	ranges_cut(&ranges, 0, row->size, FATE_LIMIT);
	assert_page_fates(&ranges, row->expected);
	ranges_done(&ranges);
}

/* By rank, then by order, then the smallest first; a better rank's order says nothing. */
static void test_order(void **state)
{
	static const struct {
		uint64_t start, end;
		enum rank rank;
		uint32_t order;
	} added[] = {
		{ 50, 60, RANK_HINT, UINT32_MAX }, { 1, 9, RANK_HINT, 1 },
		{ 20, 21, RANK_HINT, 2 },	   { 30, 34, RANK_HINT, 1 },
		{ 40, 41, RANK_CRASH, 9 },	   { 10, 14, RANK_HINT, 1 },
	};
	static const uint64_t expected[] = { 40, 10, 30, 1, 20, 50 };
	struct ranges ranges = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(added); i++)
		ranges_add_ordered(&ranges, P(added[i].start), P(added[i].end),
				   added[i].rank, added[i].order);
	ranges_split(&ranges, 0);
	ranges_sort_by_rank(&ranges);
	assert_int_equal(ranges.count, ARRAY_SIZE(expected));
	for (size_t i = 0; i < ranges.count; i++)
		assert_int_equal(ranges.ranges[i].start, P(expected[i]));
	ranges_done(&ranges);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_order) };
	int failed = RUN_TABLE(rows, test_mark);

	failed += RUN_TABLE(cuts, test_cut);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
