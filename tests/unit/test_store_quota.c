/* SPDX-License-Identifier: MIT */
/*
 * Which dumps go: rows, and a machine that has 10,000 crashes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/table.h"

#include "store/quota.h"

#define NONE	  UINT64_MAX
#define DUMPS_MAX 16

struct row {
	const char *name;
	struct quota_dump dumps[DUMPS_MAX]; /* bytes 0: no more */
	struct quota_limits limits;
	const char *gone; /* "INDEX:KEY ..." in order */
};

#define LIMITS(use, keep, free, count, old) \
	{                                   \
		use, keep, free, count, old \
	}
#define UNLIMITED LIMITS(NONE, 0, 0, NONE, INT64_MIN)

#define D(bytes, time, uid, exe)                                \
	{                                                       \
		bytes, time, uid, exe, NULL, false, QUOTA_STAYS \
	}
/* of a service; in a container */
#define S(bytes, time, uid, exe, service)                          \
	{                                                          \
		bytes, time, uid, exe, service, false, QUOTA_STAYS \
	}
#define C(bytes, time, uid, exe, id)                         \
	{                                                    \
		bytes, time, uid, exe, id, true, QUOTA_STAYS \
	}

static const struct row rows[] = {
	{ "nothing there", { D(0, 0, 0, NULL) }, LIMITS(0, NONE, 0, 1, INT64_MAX), "" },
	{ "no limits", { D(5, 1, 0, "/a"), D(5, 2, 0, "/a") }, UNLIMITED, "" },

	{ "age, oldest first",
	  { D(5, 3, 0, "/a"), D(5, 1, 7, "/a"), D(5, 2, 0, "/b") },
	  LIMITS(NONE, 0, 0, NONE, 3),
	  "1:MaxAge 2:MaxAge" },
	{ "age takes the last one, too",
	  { D(5, 3, 0, "/a") },
	  LIMITS(NONE, 0, 0, NONE, 4),
	  "0:MaxAge" },

	{ "count, the oldest",
	  { D(5, 3, 0, "/a"), D(5, 1, 0, "/a"), D(5, 2, 0, "/a") },
	  LIMITS(NONE, 0, 0, 2, INT64_MIN),
	  "1:MaxCount" },
	{ "count is of an executable",
	  { D(5, 1, 0, "/a"), D(5, 2, 0, "/b"), D(5, 3, 0, "/a"), D(5, 4, 0, "/b") },
	  LIMITS(NONE, 0, 0, 2, INT64_MIN),
	  "" },
	{ "count is of a user",
	  { D(5, 1, 0, "/a"), D(5, 2, 1, "/a"), D(5, 3, 1, "/a") },
	  LIMITS(NONE, 0, 0, 1, INT64_MIN),
	  "1:MaxCount" },
	{ "count of what has no executable",
	  { D(5, 1, 0, NULL), D(5, 2, 0, "/a"), D(5, 3, 0, NULL) },
	  LIMITS(NONE, 0, 0, 1, INT64_MIN),
	  "0:MaxCount" },
	{ "count is of a container",
	  { C(5, 1, 0, "/a", "x"), C(5, 2, 0, "/a", "y"), D(5, 3, 0, "/a"),
	    C(5, 4, 0, "/a", "x") },
	  LIMITS(NONE, 0, 0, 1, INT64_MIN),
	  "0:MaxCount" },
	{ "count of a container's executables",
	  { C(5, 1, 0, "/a", "x"), C(5, 2, 0, "/b", "x"), C(5, 3, 0, "/a", "x"),
	    C(5, 4, 0, "/b", "x") },
	  LIMITS(NONE, 0, 0, 1, INT64_MIN),
	  "1:MaxCount 0:MaxCount" },
	{ "count in a container, whichever ids it has",
	  { C(5, 1, 100000, "/a", "x"), C(5, 2, 100001, "/a", "x") },
	  LIMITS(NONE, 0, 0, 1, INT64_MIN),
	  "0:MaxCount" },
	{ "count is of a service",
	  { S(5, 1, 7, "/a", "x"), S(5, 2, 7, "/a", "y"), D(5, 3, 7, "/a"),
	    S(5, 4, 7, "/a", "x"), S(5, 5, 8, "/a", "x") },
	  LIMITS(NONE, 0, 0, 1, INT64_MIN),
	  "0:MaxCount" },
	{ "count of a service is not that of a container of its name",
	  { S(5, 1, 0, "/a", "x"), C(5, 2, 0, "/a", "x") },
	  LIMITS(NONE, 0, 0, 1, INT64_MIN),
	  "" },
	{ "count of a loop of containers, ten times as large",
	  { C(5, 1, 0, "/a", "1"), C(5, 2, 0, "/a", "2"), C(5, 3, 0, "/a", "3"),
	    C(5, 4, 0, "/a", "4"), C(5, 5, 0, "/a", "5"), C(5, 6, 0, "/a", "6"),
	    C(5, 7, 0, "/a", "7"), C(5, 8, 0, "/a", "8"), C(5, 9, 0, "/a", "9"),
	    C(5, 10, 0, "/a", "10"), C(5, 11, 0, "/a", "11"), C(5, 0, 0, "/b", "12"),
	    C(5, 0, 1, "/a", "13") },
	  LIMITS(NONE, 0, 0, 1, INT64_MIN),
	  "0:MaxCount" },
	{ "count of a loop: who has most pays, not who is oldest",
	  { C(5, 1, 0, "/a", "1"), C(5, 2, 0, "/a", "2"), C(5, 3, 0, "/a", "3"),
	    C(5, 4, 0, "/a", "4"), C(5, 5, 0, "/a", "5"), C(5, 6, 0, "/a", "6"),
	    C(5, 7, 0, "/a", "7"), C(5, 8, 0, "/a", "8"), C(5, 9, 0, "/a", "9"),
	    C(5, 10, 0, "/a", "10"), C(5, 11, 0, "/a", "x"), C(5, 12, 0, "/a", "x"),
	    S(5, 13, 0, "/a", "s") },
	  LIMITS(NONE, 0, 0, 1, INT64_MIN),
	  "10:MaxCount 0:MaxCount 1:MaxCount" },
	{ "count of what age left",
	  { D(5, 1, 0, "/a"), D(5, 2, 0, "/a"), D(5, 3, 0, "/a") },
	  LIMITS(NONE, 0, 0, 2, 2),
	  "0:MaxAge" },

	{ "use, just enough",
	  { D(5, 1, 0, "/a"), D(5, 2, 0, "/a") },
	  LIMITS(10, 0, 0, NONE, INT64_MIN),
	  "" },
	{ "use, a byte too many",
	  { D(5, 2, 0, "/a"), D(6, 1, 0, "/a") },
	  LIMITS(10, 0, 0, NONE, INT64_MIN),
	  "1:MaxUse" },
	{ "use, by bytes and not by number",
	  { D(1, 1, 1, "/a"), D(1, 2, 1, "/a"), D(1, 3, 1, "/a"), D(9, 4, 2, "/b"),
	    D(9, 5, 2, "/b") },
	  LIMITS(12, 0, 0, NONE, INT64_MIN),
	  "3:MaxUse" },
	{ "use, until both are alike, then in turn",
	  { D(4, 1, 1, "/a"), D(4, 2, 1, "/a"), D(4, 3, 2, "/b"), D(4, 4, 1, "/a"),
	    D(4, 5, 2, "/b") },
	  LIMITS(8, 0, 0, NONE, INT64_MIN),
	  "0:MaxUse 1:MaxUse 2:MaxUse" },
	{ "use, a huge new one of somebody else takes nothing away",
	  { D(2, 1, 1, "/a"), D(2, 2, 1, "/a"), D(19, 3, 2, "/b") },
	  LIMITS(20, 0, 0, NONE, INT64_MIN),
	  "2:MaxUse" },
	{ "use, the same user's huge new one stays",
	  { D(2, 1, 1, "/a"), D(2, 2, 1, "/a"), D(19, 3, 1, "/b") },
	  LIMITS(20, 0, 0, NONE, INT64_MIN),
	  "0:MaxUse 1:MaxUse" },
	{ "use, one that is too large alone",
	  { D(21, 1, 1, "/a") },
	  LIMITS(20, 0, 0, NONE, INT64_MIN),
	  "0:MaxUse" },
	{ "use 0", { D(1, 1, 1, "/a") }, LIMITS(0, 0, 0, NONE, INT64_MIN), "0:MaxUse" },
	{ "use, nobody's are a user's",
	  { D(9, 9, QUOTA_NOBODY, NULL), D(1, 1, 0, "/a") },
	  LIMITS(5, 0, 0, NONE, INT64_MIN),
	  "0:MaxUse" },

	{ "use, a container is a user, its root, too",
	  { C(4, 1, 0, "/a", "x"), C(4, 2, 0, "/a", "x"), C(4, 3, 0, "/b", "x"),
	    C(4, 4, 0, "/a", "y"), D(9, 0, 0, "/c"), D(9, 0, 7, "/c") },
	  LIMITS(30, 0, 0, NONE, INT64_MIN),
	  "0:MaxUse" },
	{ "use, of a user with more than each container",
	  { C(4, 1, 0, "/a", "x"), C(4, 2, 0, "/b", "y"), C(4, 3, 0, "/c", "z"),
	    D(3, 4, 7, "/c"), D(3, 5, 7, "/c") },
	  LIMITS(15, 0, 0, NONE, INT64_MIN),
	  "3:MaxUse" },
	{ "use, a container with many ids is one user",
	  { C(2, 1, 100000, "/a", "x"), C(2, 2, 100001, "/a", "x"), D(3, 0, 7, "/c") },
	  LIMITS(5, 0, 0, NONE, INT64_MIN),
	  "0:MaxUse" },
	{ "use, a loop of containers has as much as two users",
	  { D(4, 0, 7, "/c"), C(4, 1, 0, "/a", "1"), C(4, 2, 0, "/a", "2"),
	    C(4, 3, 0, "/a", "3"), C(4, 4, 0, "/a", "4"), C(4, 5, 0, "/a", "5") },
	  LIMITS(13, 0, 0, NONE, INT64_MIN),
	  "1:MaxUse 2:MaxUse 3:MaxUse" },
	{ "use, of a loop the container with most pays",
	  { C(4, 1, 0, "/a", "1"), C(4, 2, 0, "/a", "2"), C(4, 3, 0, "/a", "3"),
	    C(4, 4, 0, "/a", "2"), C(4, 5, 0, "/a", "5"), C(4, 6, 0, "/a", "6") },
	  LIMITS(20, 0, 0, NONE, INT64_MIN),
	  "1:MaxUse" },
	{ "use, root's services do not pay for one another",
	  { S(4, 1, 0, "/a", "s"), S(4, 2, 0, "/b", "t"), S(4, 3, 0, "/b", "t") },
	  LIMITS(8, 0, 0, NONE, INT64_MIN),
	  "1:MaxUse" },
	{ "use, a user's services are the user's",
	  { S(4, 1, 7, "/a", "s"), S(4, 2, 7, "/b", "t"), S(4, 3, 7, "/b", "t"),
	    D(5, 0, 8, "/a") },
	  LIMITS(13, 0, 0, NONE, INT64_MIN),
	  "0:MaxUse" },

	{ "free, a container keeps the newest",
	  { C(4, 1, 0, "/a", "x"), C(4, 2, 0, "/a", "x"), C(4, 1, 0, "/b", "y") },
	  LIMITS(NONE, 4, 0, NONE, INT64_MIN),
	  "0:KeepFree" },
	{ "free, and no more than that",
	  { C(4, 1, 0, "/a", "x"), C(4, 2, 0, "/a", "x"), C(4, 1, 0, "/b", "y") },
	  LIMITS(NONE, 5, 0, NONE, INT64_MIN),
	  "" },
	{ "free, of a loop of containers ten stay",
	  { C(5, 1, 0, "/a", "1"), C(5, 2, 0, "/a", "2"), C(5, 3, 0, "/a", "3"),
	    C(5, 4, 0, "/a", "4"), C(5, 5, 0, "/a", "5"), C(5, 6, 0, "/a", "6"),
	    C(5, 7, 0, "/a", "7"), C(5, 8, 0, "/a", "8"), C(5, 9, 0, "/a", "9"),
	    C(5, 10, 0, "/a", "10"), C(5, 11, 0, "/a", "11"), C(5, 12, 0, "/a", "12") },
	  LIMITS(NONE, 10, 0, NONE, INT64_MIN),
	  "0:KeepFree 1:KeepFree" },
	{ "free, enough",
	  { D(5, 1, 0, "/a"), D(5, 2, 0, "/a") },
	  LIMITS(NONE, 10, 10, NONE, INT64_MIN),
	  "" },
	{ "free, one is enough",
	  { D(5, 1, 0, "/a"), D(5, 2, 0, "/a"), D(5, 3, 0, "/a") },
	  LIMITS(NONE, 10, 5, NONE, INT64_MIN),
	  "0:KeepFree" },
	{ "free, nothing goes that cannot help",
	  { D(5, 2, 0, "/a"), D(5, 1, 0, "/a"), D(5, 3, 0, "/a") },
	  LIMITS(NONE, NONE, 0, NONE, INT64_MIN),
	  "" },
	{ "free, all but the newest are just enough",
	  { D(5, 2, 0, "/a"), D(5, 1, 0, "/a"), D(5, 3, 0, "/a") },
	  LIMITS(NONE, 10, 0, NONE, INT64_MIN),
	  "1:KeepFree 0:KeepFree" },
	{ "free, without the newest it would be enough",
	  { D(5, 2, 0, "/a"), D(5, 1, 0, "/a"), D(5, 3, 0, "/a") },
	  LIMITS(NONE, 11, 0, NONE, INT64_MIN),
	  "" },
	{ "free, each user keeps the newest",
	  { D(9, 4, 1, "/a"), D(5, 1, 2, "/b"), D(5, 2, 2, "/b"), D(1, 1, 3, "/c"),
	    D(1, 2, 3, "/c"), D(1, 3, QUOTA_NOBODY, NULL) },
	  LIMITS(NONE, 6, 0, NONE, INT64_MIN),
	  "1:KeepFree 3:KeepFree" },
	{ "free, another's files fill the disk",
	  { D(5, 1, 1, "/a"), D(5, 2, 1, "/a"), D(5, 3, 0, "/b"), D(5, 4, 0, "/b"),
	    D(5, 5, 2, "/c") },
	  LIMITS(NONE, 50, 1, NONE, INT64_MIN),
	  "" },
	{ "free, what is out of reach keeps no other limit from holding",
	  { D(5, 1, 1, "/a"), D(5, 2, 1, "/a"), D(5, 3, 0, "/b") },
	  LIMITS(10, 50, 1, NONE, INT64_MIN),
	  "0:MaxUse" },
	{ "free, of more than there can be",
	  { D(NONE / 2, 1, 1, "/a"), D(NONE / 4, 2, 1, "/a"), D(5, 3, 1, "/a") },
	  LIMITS(NONE, NONE, NONE / 2, NONE, INT64_MIN),
	  "0:KeepFree 1:KeepFree" },
	{ "free counts what went before",
	  { D(5, 1, 0, "/a"), D(5, 2, 0, "/a"), D(5, 3, 0, "/a") },
	  LIMITS(10, 10, 0, NONE, INT64_MIN),
	  "0:MaxUse 1:KeepFree" },
	{ "all of them",
	  { D(5, 1, 0, "/a"), D(5, 2, 0, "/a"), D(5, 3, 0, "/a"), D(6, 4, 0, "/b"),
	    D(5, 5, 0, "/c") },
	  LIMITS(11, 20, 0, 1, 2),
	  "0:MaxAge 1:MaxCount 2:MaxUse 3:KeepFree" },
};

static void test_row(void **state)
{
	const struct row *row = *state;
	struct quota_dump dumps[DUMPS_MAX];
	_cleanup_free_ struct quota_dump **gone = NULL;
	char got[512] = "";
	size_t n = 0, at = 0;
	ssize_t count;

	memcpy(dumps, row->dumps, sizeof(dumps));
	while (n < DUMPS_MAX && dumps[n].bytes)
		n++;
	count = quota_choose(dumps, n, &row->limits, &gone);
	assert_true(count >= 0);
	for (ssize_t i = 0; i < count; i++)
		at += (size_t)snprintf(got + at, sizeof(got) - at, "%s%zu:%s",
				       at ? " " : "", (size_t)(gone[i] - dumps),
				       quota_reason_key(gone[i]->reason));
	assert_string_equal(got, row->gone);
	for (size_t i = 0; i < n; i++)
		count -= dumps[i].reason != QUOTA_STAYS;
	assert_int_equal(count, 0);
}

#define MIB	(UINT64_C(1) << 20)
#define CRASHES 10000
#define ROOM	4096

/* A machine's store: dumps come, and after each the rules are asked. */
struct machine {
	struct quota_dump dumps[ROOM];
	size_t count;
	uint64_t use;
	uint64_t most_over; /* the largest excess before the rules were asked */
};

static void crash(struct machine *m, const struct quota_limits *limits, uint64_t bytes,
		  int64_t time, uint32_t uid, const char *exe)
{
	_cleanup_free_ struct quota_dump **gone = NULL;
	size_t left = 0;
	ssize_t n;

	assert_true(m->count < ROOM);
	m->dumps[m->count++] = (struct quota_dump)D(bytes, time, uid, exe);
	m->use += bytes;
	if (m->use > limits->max_use && m->use - limits->max_use > m->most_over)
		m->most_over = m->use - limits->max_use;
	n = quota_choose(m->dumps, m->count, limits, &gone);
	assert_true(n >= 0);
	for (ssize_t i = 0; i < n; i++)
		m->use -= gone[i]->bytes;
	for (size_t i = 0; i < m->count; i++) {
		if (m->dumps[i].reason == QUOTA_STAYS)
			m->dumps[left++] = m->dumps[i];
	}
	m->count = left;
}

static size_t count_of(const struct machine *m, uint32_t uid, uint64_t *ret_bytes)
{
	size_t count = 0;

	*ret_bytes = 0;
	for (size_t i = 0; i < m->count; i++) {
		if (m->dumps[i].uid != uid)
			continue;
		count++;
		*ret_bytes += m->dumps[i].bytes;
	}
	return count;
}

/*
 * 10,000 crashes of up to 8 MiB into 200 MiB. One user in a loop, one with a crash now and then, one
 * with a few small ones at the beginning: the loop pays for all.
 */
static void test_machine(void **state)
{
	static const struct quota_limits limits = { 200 * MIB, 0, 0, UINT64_MAX,
						    INT64_MIN };
	struct machine *m = calloc(1, sizeof(*m));
	uint64_t loop, calm, small, seed = 1;

	(void)state;
	assert_non_null(m);
	for (int64_t i = 0; i < CRASHES; i++) {
		uint64_t bytes;

		seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
		bytes = 1 + (seed >> 33) % (8 * MIB);
		if (i < 10)
			crash(m, &limits, MIB, i, 1003, "/s");
		else if (i % 500 == 0)
			crash(m, &limits, 3 * MIB, i, 1002, "/c");
		else
			crash(m, &limits, bytes, i, 1001, "/l");
		assert_true(m->use <= limits.max_use);
	}
	assert_true(m->most_over > 0 && m->most_over <= 8 * MIB);
	assert_int_equal(count_of(m, 1003, &small), 10);
	assert_int_equal(count_of(m, 1002, &calm), 19);
	assert_true(count_of(m, 1001, &loop) > 0);
	assert_true(small == 10 * MIB && calm == 57 * MIB);
	assert_true(loop > 200 * MIB - small - calm - 8 * MIB);
	free(m);
}

/* A second one in a loop gets its half, not more and not less. */
static void test_two_loops(void **state)
{
	static const struct quota_limits limits = { 200 * MIB, 0, 0, UINT64_MAX,
						    INT64_MIN };
	struct machine *m = calloc(1, sizeof(*m));
	uint64_t first, second;

	(void)state;
	assert_non_null(m);
	for (int64_t i = 0; i < CRASHES / 2; i++)
		crash(m, &limits, 4 * MIB, i, 1001, "/l");
	for (int64_t i = CRASHES / 2; i < CRASHES; i++) {
		crash(m, &limits, 4 * MIB, i, 1001, "/l");
		crash(m, &limits, MIB / 4, i, 1002, "/m");
	}
	(void)count_of(m, 1001, &first);
	(void)count_of(m, 1002, &second);
	assert_true(first >= 96 * MIB && first <= 104 * MIB);
	assert_true(second >= 96 * MIB && second <= 104 * MIB);
	free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_machine),
		cmocka_unit_test(test_two_loops),
	};
	int failed = RUN_TABLE(rows, test_row);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
