/* SPDX-License-Identifier: MIT */
/*
 * When a worker hangs: for how long it may hold the process, and for how long stand still after
 * that; what counts as time.
 */
#include <stdbool.h>

#include "tests/unit/table.h"

#include "handler/watch.h"

#define SECOND 1000000

struct row {
	const char *name;
	uint64_t deadline; /* s */
	int64_t start; /* s before the first look */
	int64_t let_go; /* s after it; -1: never */
	int64_t cpu_until; /* s after it: until then the worker gets CPU time */
	int64_t gap; /* s that nobody runs, after the fifth */
	bool idle; /* no thread of it wants a processor */
	int64_t hangs; /* s after it when it is found; -1: not within an hour */
	int64_t packing; /* s that it may pack; 0: longer than an hour */
};

static const struct row rows[] = {
	/* Deadline= and 10 s, whatever the worker does that wants a processor */
	{ "stopped at once", 60, 0, -1, 0, 0, false, 71, 0 },
	{ "runs, and holds the process", 60, 0, -1, 3600, 0, false, 71, 0 },
	{ "a slot came late", 60, 20, -1, 0, 0, false, 51, 0 },
	{ "the deadline is over", 1, 40, -1, 0, 0, false, 1, 0 },
	{ "no deadline", 0, 0, -1, 0, 0, false, 11, 0 },
	/* nobody is to be held by who does nothing, and only waits */
	{ "idle at once", 60, 0, -1, 0, 0, true, 61, 0 },
	{ "idle, and gets on now and then", 60, 0, -1, 3600, 0, true, 61, 0 },
	{ "idle, no deadline", 0, 0, -1, 0, 0, true, 2, 0 },
	{ "idle, a slot came late", 60, 58, -1, 0, 0, true, 3, 0 },
	{ "idle, and has let go", 60, 0, 1, 0, 0, true, 71, 0 },
	{ "idle for ever", UINT64_MAX, 0, -1, 0, 0, true, -1, 0 },
	/* once it has let go it may take as long as it likes, but do something */
	{ "packs for long", 60, 0, 1, 3600, 0, false, -1, 0 },
	{ "stopped while it packs", 60, 0, 1, 100, 0, false, 171, 0 },
	{ "stopped when it had let go", 60, 50, 1, 0, 0, false, 71, 0 },
	{ "let go at the last moment", 60, 0, 69, 3600, 0, false, -1, 0 },
	/* but no longer than what it has to pack may take */
	{ "packs for too long", 60, 0, 1, 3600, 0, false, 76, 75 },
	{ "packs for too long, and stands still", 60, 0, 1, 50, 0, true, 76, 75 },
	{ "packs for too long, no deadline", UINT64_MAX, 0, 1, 3600, 0, false, 76, 75 },
	{ "holds the process, and does not pack", 60, 0, -1, 3600, 0, false, 71, 5 },
	/* frozen, parent and worker, and thawed */
	{ "frozen for an hour", 60, 0, -1, 0, 3600, false, 71, 0 },
	{ "frozen while it packs", 60, 0, 1, 3600, 1000, false, -1, 0 },
	/* for ever is what was asked for */
	{ "infinity", UINT64_MAX, 0, -1, 0, 0, false, -1, 0 },
	{ "infinity, packing", UINT64_MAX, 0, 1, 0, 0, false, -1, 0 },
	{ "too many seconds for a number", UINT64_MAX / 1000, 0, -1, 0, 0, false, -1, 0 },
};

static int64_t hangs_at(const struct row *row)
{
	const int64_t first = INT64_C(1000) * SECOND;
	struct watch watch;

	watch_open(row->deadline, (row->packing ? row->packing : 7200) * SECOND,
		   first - row->start * SECOND, first, &watch);
	for (int64_t s = 1; s <= 3600; s++) {
		int64_t now = first + (s > 5 ? s + row->gap : s) * SECOND;
		int64_t cpu = s < row->cpu_until ? s * 10 : row->cpu_until * 10;

		if (s == row->let_go)
			watch_let_go(&watch);
		if (watch_hangs(&watch, now, cpu, !row->idle))
			return s;
	}
	return -1;
}

static void test_row(void **state)
{
	const struct row *row = *state;

	assert_int_equal(hangs_at(row), row->hangs);
}

/* The unit is MiB: 60 s and a second for each four, or for each. */
static void test_packing(void **state)
{
	const uint64_t mib = UINT64_C(1) << 20;

	(void)state;
	assert_int_equal(watch_packing(0, 3), 60 * SECOND);
	assert_int_equal(watch_packing(400 * mib, 3), 160 * SECOND);
	assert_int_equal(watch_packing(400 * mib, 9), 160 * SECOND);
	assert_int_equal(watch_packing(400 * mib, 10), 460 * SECOND);
	assert_int_equal(watch_packing(UINT64_MAX, 19),
			 INT64_MAX); /* no number runs over */
}

/* A clock that does not move, or a look too early, is no time. */
static void test_no_time(void **state)
{
	struct watch watch;

	(void)state;
	watch_open(0, 0, 100 * SECOND, 50 * SECOND, &watch); /* before the start */
	for (int i = 0; i < 1000; i++)
		assert_false(watch_hangs(&watch, 50 * SECOND, 0, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_time),
		cmocka_unit_test(test_packing),
	};

	return RUN_TABLE(rows, test_row) + cmocka_run_group_tests(tests, NULL, NULL);
}
