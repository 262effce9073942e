/* SPDX-License-Identifier: MIT */
/*
 * Ranges: pages, order, joining. Ranges are written as text, in pages:
 * "start-end:rank start-end:rank ...".
 */
#include "tests/unit/core_builder.h"
#include "tests/unit/pages.h"
#include "tests/unit/table.h"

struct row {
	const char *name, *input, *expected;
};

static const struct row joins[] = {
	{ "none", "", "" },
	{ "one", "1-2:5", "1-2:5" },
	{ "apart", "1-2:5 3-4:5", "1-2:5 3-4:5" },
	{ "touching", "1-2:5 2-4:5", "1-4:5" },
	{ "overlapping", "1-3:5 2-4:5", "1-4:5" },
	{ "same", "1-3:5 1-3:5", "1-3:5" },
	{ "inside", "1-9:5 2-4:5", "1-9:5" },
	{ "inside, then behind", "1-9:5 2-4:5 9-10:5", "1-10:5" },
	{ "from last to first", "8-9:1 5-6:1 1-2:1", "1-2:1 5-6:1 8-9:1" },
	{ "chain", "4-5:1 3-4:1 1-2:1 2-3:1", "1-5:1" },
	{ "lowest rank of two", "1-3:8 2-4:1", "1-4:1" },
	{ "lowest rank, first", "1-3:1 2-4:8", "1-4:1" },
	{ "ranks apart", "1-2:1 3-4:8", "1-2:1 3-4:8" },
	{ "empty is left out", "5-5:1 6-7:1", "6-7:1" },
	{ "backwards is left out", "7-6:1 6-7:1", "6-7:1" },
};

static void test_join(void **state)
{
	const struct row *row = *state;
	struct ranges ranges = { 0 };

	pages_add(&ranges, row->input);
	ranges_join(&ranges);
	assert_page_ranks(&ranges, row->expected);
	ranges_done(&ranges);
}

static const struct row splits[] = {
	{ "none", "", "" },
	{ "one", "1-2:5", "1-2:5" },
	{ "apart", "3-4:5 1-2:8", "1-2:8 3-4:5" },
	{ "same rank touching stays apart", "1-2:5 2-4:5", "1-2:5 2-4:5" },
	{ "same rank overlapping", "1-3:5 2-4:5", "1-4:5" },
	{ "same rank inside", "1-9:5 2-4:5", "1-9:5" },
	{ "same range twice", "1-9:5 1-9:5", "1-9:5" },
	{ "lower rank inside", "1-9:8 2-4:1", "1-2:8 2-4:1 4-9:8" },
	{ "higher rank inside", "1-9:1 2-4:8", "1-9:1" },
	{ "lower rank at the beginning", "1-9:8 1-4:1", "1-4:1 4-9:8" },
	{ "lower rank at the end", "1-9:8 4-9:1", "1-4:8 4-9:1" },
	{ "lower rank over the end", "1-5:8 4-9:1", "1-4:8 4-9:1" },
	{ "same range, two ranks", "1-9:8 1-9:1", "1-9:1" },
	{ "three ranks", "1-9:10 2-8:8 3-4:1 5-6:5",
	  "1-2:10 2-3:8 3-4:1 4-5:8 5-6:5 6-8:8 8-9:10" },
	{ "two areas, a stack over their border", "1-5:8 5-9:8 4-6:1",
	  "1-4:8 4-6:1 6-9:8" },
	{ "two stacks touch in one area", "1-9:8 3-4:1 4-5:1",
	  "1-3:8 3-4:1 4-5:1 5-9:8" },
	{ "first and last rank", "1-3:10 2-4:1", "1-2:10 2-4:1" },
};

/* 5 and 6 before 4. */
static const struct row hints[] = {
	{ "a hint", "1-9:4", "1-9:4" },
	{ "globals in it", "1-9:4 2-4:6", "1-2:4 2-4:6 4-9:4" },
	{ "a stack and globals in it", "1-9:4 2-5:6 3-4:5",
	  "1-2:4 2-3:6 3-4:5 4-5:6 5-9:4" },
	{ "the heap in it", "1-9:4 2-4:8", "1-9:4" },
	{ "what is better", "1-9:4 2-4:3 3-6:6", "1-2:4 2-4:3 4-6:6 6-9:4" },
};

static void test_split_hints(void **state)
{
	const struct row *row = *state;
	struct ranges ranges = { 0 };

	pages_add(&ranges, row->input);
	ranges_split(&ranges, RANK_BIT(RANK_THREAD) | RANK_BIT(RANK_GLOBAL));
	assert_page_ranks(&ranges, row->expected);
	ranges_done(&ranges);
}

static void test_split(void **state)
{
	const struct row *row = *state;
	struct ranges ranges = { 0 };

	pages_add(&ranges, row->input);
	ranges_split(&ranges, 0);
	assert_page_ranks(&ranges, row->expected);
	ranges_done(&ranges);
}

static const struct row sorts[] = {
	{ "none", "", "" },
	{ "by rank", "1-2:8 3-4:1 5-6:5", "3-4:1 5-6:5 1-2:8" },
	{ "smallest first", "1-9:5 20-22:5 10-11:5", "10-11:5 20-22:5 1-9:5" },
	{ "same size by address", "5-6:5 1-2:5 3-4:5", "1-2:5 3-4:5 5-6:5" },
	{ "same twice", "1-2:5 1-2:5", "1-2:5 1-2:5" },
	{ "rank before size", "1-100:1 200-201:2", "1-100:1 200-201:2" },
};

static void test_sort(void **state)
{
	const struct row *row = *state;
	struct ranges ranges = { 0 };

	pages_add(&ranges, row->input);
	ranges_sort_by_rank(&ranges);
	assert_page_ranks(&ranges, row->expected);
	ranges_done(&ranges);
}

struct page {
	const char *name;
	uint64_t start, end; /* as added */
	uint64_t first, last; /* as kept; both 0: left out */
};

#define TOP (UINT64_MAX - PAGE + 1)

static const struct page pages[] = {
	{ "aligned", 0x1000, 0x3000, 0x1000, 0x3000 },
	{ "a byte", 0x1fff, 0x2000, 0x1000, 0x2000 },
	{ "two bytes over a border", 0x1fff, 0x2001, 0x1000, 0x3000 },
	{ "nothing at a border", 0x1000, 0x1000, 0, 0 },
	{ "backwards", 0x3000, 0x1000, 0, 0 },
	{ "zero", 0, 1, 0, 0x1000 },
	{ "into the last page", TOP - PAGE, TOP + 1, TOP - PAGE, TOP },
	{ "all addresses", 0, UINT64_MAX, 0, TOP },
	{ "in the last page", TOP + 5, UINT64_MAX, 0, 0 },
};

static void test_page(void **state)
{
	const struct page *row = *state;
	struct ranges ranges = { 0 };

	ranges_add(&ranges, row->start, row->end, RANK_CRASH);
	assert_int_equal(ranges.count, row->last != 0);
	if (row->last) {
		assert_int_equal(ranges.ranges[0].start, row->first);
		assert_int_equal(ranges.ranges[0].end, row->last);
	}
	ranges_done(&ranges);
}

/* Many random ranges against a bitmap of pages. */
static void test_random(void **state)
{
	enum {
		PAGES = 200
	};
	uint32_t seed = 4;

	(void)state;
	for (int round = 0; round < 500; round++) {
		struct ranges ranges = { 0 };
		uint8_t lowest[PAGES + 10] = { 0 };
		uint64_t last = 0;
		size_t covered = 0, expected = 0;

		for (uint32_t n = builder_random(&seed) % 100; n > 0; n--) {
			uint32_t start = builder_random(&seed) % PAGES;
			uint32_t end = start + builder_random(&seed) % 6;

			ranges_add(&ranges, start * PAGE, end * PAGE, RANK_REST);
			for (uint32_t i = start; i < end; i++)
				lowest[i] = 1;
		}
		ranges_join(&ranges);
		for (size_t i = 0; i < ranges.count; i++) {
			assert_true(i == 0 || ranges.ranges[i].start > last);
			last = ranges.ranges[i].end;
			for (uint64_t a = ranges.ranges[i].start; a < last; a += PAGE)
				covered += lowest[a / PAGE];
			expected += (last - ranges.ranges[i].start) / PAGE;
		}
		assert_int_equal(covered, expected);
		for (size_t i = 0; i < ARRAY_SIZE(lowest); i++)
			expected -= lowest[i];
		assert_int_equal(expected, 0);
		ranges_done(&ranges);
	}
}

/* The same of splitting: every page at its lowest rank, no page twice. */
static void test_random_split(void **state)
{
	enum {
		PAGES = 60
	};
	uint32_t seed = 5;

	(void)state;
	for (int round = 0; round < 1000; round++) {
		struct ranges ranges = { 0 };
		int lowest[PAGES + 10] = { 0 }, found[PAGES + 10] = { 0 };

		for (uint32_t n = builder_random(&seed) % 20; n > 0; n--) {
			uint32_t start = builder_random(&seed) % PAGES;
			uint32_t end = start + builder_random(&seed) % 10;
			int rank = 1 + (int)(builder_random(&seed) % RANK_REST);

			ranges_add(&ranges, start * PAGE, end * PAGE, (enum rank)rank);
			for (uint32_t i = start; i < end; i++)
				lowest[i] = lowest[i] && lowest[i] < rank ? lowest[i]
									  : rank;
		}
		ranges_split(&ranges, 0);
		for (size_t i = 0; i < ranges.count; i++) {
			for (uint64_t a = ranges.ranges[i].start;
			     a < ranges.ranges[i].end; a += PAGE) {
				assert_int_equal(found[a / PAGE], 0);
				found[a / PAGE] = (int)ranges.ranges[i].rank;
			}
		}
		assert_memory_equal(found, lowest, sizeof(found));
		ranges_done(&ranges);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_random_split),
	};
	int failed = RUN_TABLE(joins, test_join);

	failed += RUN_TABLE(splits, test_split);
	failed += RUN_TABLE(hints, test_split_hints);
	failed += RUN_TABLE(sorts, test_sort);
	failed += RUN_TABLE(pages, test_page);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
