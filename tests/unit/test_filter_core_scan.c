/* SPDX-License-Identifier: MIT */
/*
 * Program headers that are looked at one by one: what is wrong is what core.c finds wrong, of cores with any
 * byte another, and of ranges in any order.
 */
#include <errno.h>

#include "filter/core_scan.h"
#include "tests/unit/core_builder.h"
#include "tests/unit/machines.h"
#include "tests/unit/table.h"

static struct built usual(uint16_t machine, uint32_t shuffle, bool sorted)
{
	struct core_builder b;
	struct built core;

	builder_usual(&b, machine);
	b.shuffle = shuffle;
	b.sorted = sorted;
	core = builder_build(&b);
	builder_done(&b);
	return core;
}

/* As core.c without notes says it: NULL, what is wrong, or that more is needed. */
static const char *by_core(const struct built *file)
{
	struct core core;
	const char *problem;
	size_t used;
	int r;

	core_init(&core);
	core.skip_notes = true;
	r = core_feed(&core, file->p, file->n, &used);
	problem = r == 0 ? "more" : core.problem;
	core_done(&core);
	return problem;
}

static const char *by_scan(const struct built *file, size_t step)
{
	struct core_scan scan;
	const char *problem;
	int r = 0;

	core_scan_init(&scan, NULL, NULL);
	for (size_t at = 0; at < file->n && r == 0; at += step)
		r = core_scan_feed(&scan, file->p + at,
				   file->n - at < step ? file->n - at : step);
	problem = r == 0 ? "more" : scan.problem;
	core_scan_done(&scan);
	return problem;
}

static void assert_alike(const struct built *file, size_t step)
{
	const char *a = by_core(file), *b = by_scan(file, step);

	if (!a != !b || (a && strcmp(a, b) != 0))
		fail_msg("core.c: %s, core_scan.c: %s", a ? a : "-", b ? b : "-");
}

static void test_any_byte(void **state)
{
	const struct machine_row *row = *state;
	struct built file = usual(row->machine, 0, false);
	size_t headers = file.n < 1200 ? file.n : 1200;

	assert_alike(&file, 4096);
	for (size_t i = 0; i < headers; i++) {
		static const uint8_t with[] = { 0x01, 0x80, 0xff };

		for (size_t k = 0; k < ARRAY_SIZE(with); k++) {
			file.p[i] ^= with[k];
			assert_alike(&file, i % 2 ? 7 : 4096);
			file.p[i] ^= with[k];
		}
	}
	built_done(&file);
}

static void test_orders(void **state)
{
	const struct machine_row *row = *state;

	for (uint32_t shuffle = 1; shuffle < 40; shuffle++) {
		struct built file = usual(row->machine, shuffle, shuffle % 2);

		assert_null(by_scan(&file, 64));
		assert_alike(&file, 64);
		built_done(&file);
	}
}

static void test_cut(void **state)
{
	const struct machine_row *row = *state;
	struct built file = usual(row->machine, 0, false);
	size_t n = file.n;

	for (file.n = 0; file.n < 1200 && file.n < n; file.n++)
		assert_alike(&file, 64);
	file.n = n;
	built_done(&file);
}

static int count(void *context, const struct segment *segment)
{
	size_t *n = context;

	return segment->type == PT_LOAD && ++*n == 3 ? -ECANCELED : 0;
}

static void test_take(void **state)
{
	const struct machine_row *row = *state;
	struct built file = usual(row->machine, 0, false);
	struct core_scan scan;
	size_t n = 0;

	core_scan_init(&scan, count, &n);
	assert_int_equal(core_scan_feed(&scan, file.p, file.n), -ECANCELED);
	assert_int_equal(n, 3);
	core_scan_done(&scan);
	built_done(&file);
}

struct ranges_row {
	const char *name;
	uint64_t ranges[6][2]; /* start, size */
	int r;
};

static const struct ranges_row ranges_rows[] = {
	{ "none", { { 0 } }, 0 },
	{ "one", { { 5, 1 } }, 0 },
	{ "in order", { { 0, 4 }, { 4, 4 }, { 100, 8 } }, 0 },
	{ "in order, overlapping", { { 0, 4 }, { 3, 4 }, { 100, 8 } }, 1 },
	{ "backwards", { { 100, 8 }, { 50, 8 }, { 0, 8 } }, 0 },
	{ "backwards, overlapping", { { 100, 8 }, { 50, 51 }, { 1, 8 } }, 1 },
	{ "the same", { { 1, 8 }, { 1, 8 } }, 1 },
	{ "one inside", { { 0, 100 }, { 200, 1 }, { 50, 1 } }, 1 },
	{ "two orders in each other",
	  { { 0, 10 }, { 50, 10 }, { 10, 10 }, { 60, 10 } },
	  0 },
	{ "that meet", { { 0, 10 }, { 15, 10 }, { 10, 6 }, { 25, 10 } }, 1 },
	{ "the last byte", { { UINT64_MAX - 3, 4 }, { 1, 4 } }, 0 },
	{ "the last byte twice", { { UINT64_MAX - 3, 4 }, { UINT64_MAX, 1 } }, 1 },
};

static void test_ranges(void **state)
{
	const struct ranges_row *row = *state;
	struct core_order order = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(row->ranges) && row->ranges[i][1]; i++)
		assert_int_equal(
			core_order_add(&order, row->ranges[i][0], row->ranges[i][1]), 0);
	assert_int_equal(core_order_overlaps(&order), row->r);
	core_order_done(&order);
}

/* In order as many as they like; in none, as many as are kept. */
static void test_many(void **state)
{
	struct core_order order = { 0 };
	uint64_t n = CORE_ORDER_RUNS + 1;

	(void)state;
	for (uint64_t i = 0; i < n; i++)
		assert_int_equal(core_order_add(&order, i * 3, 2), 0);
	assert_int_equal(core_order_overlaps(&order), 0);
	assert_int_equal(core_order_add(&order, 2, 1), 0);
	assert_int_equal(core_order_overlaps(&order), -E2BIG);
	core_order_done(&order);
	for (uint64_t i = n - 1; i-- > 0;)
		assert_int_equal(core_order_add(&order, i * 3, 2), 0);
	assert_int_equal(core_order_overlaps(&order), 0);
	core_order_done(&order);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_many) };
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	failed += RUN_TABLE(machines, test_any_byte);
	failed += RUN_TABLE(machines, test_orders);
	failed += RUN_TABLE(machines, test_cut);
	failed += RUN_TABLE(machines, test_take);
	return failed + RUN_TABLE(ranges_rows, test_ranges);
}
