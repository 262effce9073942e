/* SPDX-License-Identifier: MIT */
/*
 * Spans: joining, lookups, taking away. Written as text: "start-end start-end ...", in
 * hexadecimal.
 */
#include <stdio.h>

#include "tests/unit/rig.h"
#include "tests/unit/table.h"

static void add_all(struct spans *spans, const char *text)
{
	unsigned long start, end;
	int n;

	for (; sscanf(text, " %lx-%lx%n", &start, &end, &n) == 2; text += n)
		spans_add(spans, start, end);
}

struct row {
	const char *name, *input, *expected;
};

static const struct row adds[] = {
	{ "none", "", "" },
	{ "empty is left out", "5-5 6-7", "6-7" },
	{ "backwards is left out", "7-6 6-7", "6-7" },
	{ "touching the last makes it longer", "1-2 2-4 4-5", "1-5" },
	{ "touching from below does not", "2-4 1-2", "2-4 1-2" },
	{ "the last address", "fffffffffffffff0-ffffffffffffffff",
	  "fffffffffffffff0-ffffffffffffffff" },
};

static void test_add(void **state)
{
	const struct row *row = *state;
	struct spans spans = { 0 };

	add_all(&spans, row->input);
	assert_spans(&spans, row->expected);
	spans_done(&spans);
}

static const struct row joins[] = {
	{ "none", "", "" },
	{ "apart", "5-6 1-2", "1-2 5-6" },
	{ "touching", "2-4 1-2", "1-4" },
	{ "overlapping", "3-9 1-4", "1-9" },
	{ "inside", "1-9 2-3", "1-9" },
	{ "the same", "1-9 1-9", "1-9" },
	{ "chain, from last to first", "8-9 7-8 6-7", "6-9" },
	{ "everything", "0-ffffffffffffffff 5-6", "0-ffffffffffffffff" },
};

static void test_join(void **state)
{
	const struct row *row = *state;
	struct spans spans = { 0 };

	add_all(&spans, row->input);
	spans_join(&spans);
	assert_spans(&spans, row->expected);
	spans_done(&spans);
}

/* Gaps of at most 0x10 bytes. */
static const struct row gaps[] = {
	{ "none", "", "" },
	{ "one", "1000-1008", "1000-1008" },
	{ "near", "1000-1008 1018-1020", "1000-1020" },
	{ "a byte too far", "1000-1008 1019-1020", "1000-1008 1019-1020" },
	{ "three in a row", "1000-1008 1010-1018 1028-1030 1100-1108",
	  "1000-1030 1100-1108" },
	{ "over a page's end", "1ff0-1ff8 2000-2008", "1ff0-1ff8 2000-2008" },
	{ "up to a page's end", "1ff0-2000 2008-2010", "1ff0-2000 2008-2010" },
};

static void test_gap(void **state)
{
	const struct row *row = *state;
	struct spans spans = { 0 };

	add_all(&spans, row->input);
	spans_close_gaps(&spans, 0x10);
	assert_spans(&spans, row->expected);
	spans_done(&spans);
}

struct minus {
	const char *name, *input, *minus, *expected;
};

static const struct minus minuses[] = {
	{ "nothing from nothing", "", "", "" },
	{ "nothing", "1-5", "", "1-5" },
	{ "from nothing", "", "1-5", "" },
	{ "apart", "1-5", "6-7", "1-5" },
	{ "touching", "1-5 9-a", "5-9", "1-5 9-a" },
	{ "the beginning", "1-5", "0-3", "3-5" },
	{ "the end", "1-5", "3-9", "1-3" },
	{ "the middle", "1-5", "2-3", "1-2 3-5" },
	{ "two holes", "1-9", "2-3 5-6", "1-2 3-5 6-9" },
	{ "all", "1-5", "0-9", "" },
	{ "exactly", "1-5", "1-5", "" },
	{ "one over several", "1-3 4-6 8-9", "2-5", "1-2 5-6 8-9" },
	{ "all there is", "1-3 4-6", "0-ffffffffffffffff", "" },
};

static void test_minus(void **state)
{
	const struct minus *row = *state;
	struct spans spans = { 0 }, minus = { 0 };

	add_all(&spans, row->input);
	add_all(&minus, row->minus);
	spans_subtract(&spans, &minus);
	assert_spans(&spans, row->expected);
	spans_done(&spans);
	spans_done(&minus);
}

/* Many random spans against a map of bytes: joined, subtracted and found. */
static void test_random(void **state)
{
	enum {
		SIZE = 400
	};
	uint32_t seed = 6;

	(void)state;
	for (int round = 0; round < 500; round++) {
		struct spans sets[2] = { { 0 } };
		uint8_t map[2][SIZE + 20] = { { 0 } };

		for (uint32_t n = builder_random(&seed) % 150; n > 0; n--) {
			uint32_t start = builder_random(&seed) % SIZE, set = n % 2;
			uint32_t size = builder_random(&seed) % 10;

			spans_add(&sets[set], start, start + size);
			memset(map[set] + start, 1, size);
		}
		spans_join(&sets[0]);
		spans_join(&sets[1]);
		spans_subtract(&sets[0], &sets[1]);
		for (uint32_t at = 0; at < SIZE + 20; at++) {
			size_t i = spans_above(&sets[0], at);
			bool in = i < sets[0].count && sets[0].spans[i].start <= at;

			assert_int_equal(in, map[0][at] && !map[1][at]);
		}
		for (size_t i = 1; i < sets[0].count; i++)
			assert_true(sets[0].spans[i].start > sets[0].spans[i - 1].end);
		spans_done(&sets[0]);
		spans_done(&sets[1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_random) };
	int failed = RUN_TABLE(adds, test_add);

	failed += RUN_TABLE(joins, test_join);
	failed += RUN_TABLE(gaps, test_gap);
	failed += RUN_TABLE(minuses, test_minus);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
