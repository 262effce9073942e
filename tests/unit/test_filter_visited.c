/* SPDX-License-Identifier: MIT */
/*
 * Pages that a search has come to, and each of their words once.
 */
#include "tests/unit/core_builder.h"
#include "tests/unit/table.h"

#include "filter/visited.h"

struct mark {
	uint64_t start, end;
	uint64_t first_new; /* 0: all were marked */
};

struct row {
	const char *name;
	struct mark marks[4]; /* in a page at 0x1000 */
};

static const struct row rows[] = {
	{ "a word once", { { 0x1008, 0x1010, 0x1008 }, { 0x1008, 0x1010, 0 } } },
	{ "the page once",
	  { { 0x1000, 0x2000, 0x1000 }, { 0x1000, 0x2000, 0 }, { 0x1ff8, 0x2000, 0 } } },
	{ "half a word counts for one",
	  { { 0x1008, 0x100c, 0x1008 }, { 0x1008, 0x1010, 0 } } },
	{ "what is behind what was marked",
	  { { 0x1000, 0x1100, 0x1000 }, { 0x1080, 0x1180, 0x1100 } } },
	{ "what is before it",
	  { { 0x1100, 0x1200, 0x1100 }, { 0x1080, 0x1180, 0x1080 } } },
	{ "a hole",
	  { { 0x1000, 0x1100, 0x1000 },
	    { 0x1108, 0x1200, 0x1108 },
	    { 0x1000, 0x1200, 0x1100 } } },
	{ "over chunks of 64 words",
	  { { 0x11f8, 0x1208, 0x11f8 },
	    { 0x1200, 0x1400, 0x1208 },
	    { 0x11f8, 0x1400, 0 },
	    { 0x1000, 0x1408, 0x1000 } } },
	{ "nothing", { { 0x1010, 0x1010, 0 } } },
};

static void test_mark(void **state)
{
	const struct row *row = *state;
	struct visited_page page = { .page = 0x1000 };

	for (size_t i = 0; i < ARRAY_SIZE(row->marks) && row->marks[i].start; i++) {
		const struct mark *m = &row->marks[i];

		assert_int_equal(visited_mark(&page, m->start, m->end),
				 m->first_new ? m->first_new : m->end);
	}
}

/* 100,000 pages, near and far, at the last address too: each new once, and found again. */
static void test_pages(void **state)
{
	struct visited visited = { 0 };
	bool new;

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (uint64_t i = 1; i <= 100000; i++) {
			uint64_t address = i % 2 ? i * PAGE : i << 40;
			struct visited_page *page = visited_page(&visited, address, &new);

			assert_non_null(page);
			assert_int_equal(page->page, address);
			assert_int_equal(new, round == 0);
			assert_int_equal(page->words[7], round == 0 ? 0 : i);
			page->words[7] = i;
		}
	}
	assert_int_equal(visited.count, 100000);
	assert_non_null(visited_page(&visited, page_down(UINT64_MAX), &new));
	assert_true(new);
	visited_done(&visited);
	assert_int_equal(visited.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_pages) };
	int failed = RUN_TABLE(rows, test_mark);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
