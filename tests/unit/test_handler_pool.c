/* SPDX-License-Identifier: MIT */
/*
 * Threads that wait: each works once, under a number of its own, or not at all.
 */
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/table.h"

#include "handler/pool.h"

struct row {
	const char *name;
	unsigned int threads, count;
	bool goes;
};

static const struct row rows[] = {
	{ "none", 0, 0, true },
	{ "one", 1, 1, true },
	{ "many", POOL_MAX, POOL_MAX, true },
	{ "no more than there may be", POOL_MAX + 5, POOL_MAX, true },
	{ "closed without work", 4, 4, false },
};

static bool may(void)
{
	return true;
}

static bool may_not(void)
{
	return false;
}

static void work(void *context, unsigned int thread)
{
	unsigned int *times = context;

	assert_in_range(thread, 0, POOL_MAX - 1);
	(void)__atomic_add_fetch(&times[thread], 1, __ATOMIC_SEQ_CST);
}

static void test_row(void **state)
{
	const struct row *row = *state;
	unsigned int times[POOL_MAX] = { 0 };
	struct pool pool;

	pool_open(row->threads, may, &pool);
	assert_int_equal(pool.count, row->count);
	if (row->goes)
		pool_go(&pool, work, times);
	pool_close(&pool);
	pool_close(&pool);
	for (unsigned int i = 0; i < POOL_MAX; i++)
		assert_int_equal(times[i], row->goes && i < row->count);
}

/* A thread that still has rights ends the process before it works. */
static void test_rights(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		unsigned int times[POOL_MAX] = { 0 };
		struct pool pool;

		(void)prctl(PR_SET_DUMPABLE, 0); /* no handler is started for it */
		(void)signal(SIGABRT, SIG_DFL);
		pool_open(1, may_not, &pool);
		pool_go(&pool, work, times);
		pool_close(&pool);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void test_processors(void **state)
{
	(void)state;
	assert_in_range(pool_processors(), 1, POOL_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rights),
		cmocka_unit_test(test_processors),
	};

	return RUN_TABLE(rows, test_row) + cmocka_run_group_tests(tests, NULL, NULL);
}
