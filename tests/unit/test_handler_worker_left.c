/* SPDX-License-Identifier: MIT */
/*
 * Workers that are left behind: who is remembered, until when, and how many.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/unit/table.h"
#include "tests/unit/temporary.h"

#include "handler/runtime.h"
#include "handler/worker_left.h"

static int open_rig(void **state)
{
	_cleanup_free_ char *path = temporary_path(*state, "run");
	int fd = runtime_open(path, true);

	assert_true(fd >= 0);
	return fd;
}

/* One that stays until it is ended. */
static pid_t start(void)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		for (;;)
			(void)pause();
	return pid;
}

static void end(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void test_nobody(void **state)
{
	struct worker_left list[WORKER_LEFT_MAX];
	int fd = open_rig(state);

	assert_int_equal(worker_left_list(fd, list), 0);
	assert_int_equal(worker_left_count(fd, 1000), 0);
	assert_int_equal(faccessat(fd, "left", F_OK, 0), -1); /* nothing is made */
	assert_int_equal(worker_left_list(-1, list), 0);
	close(fd);
}

static void test_until_it_ends(void **state)
{
	struct worker_left list[WORKER_LEFT_MAX];
	int fd = open_rig(state);
	pid_t first = start(), second = start();
	char path[200];

	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	path[sizeof(path) - 2] = 'z';
	assert_int_equal(worker_left_note(fd, 1000, first, 4711, "/bin/a"), 0);
	assert_int_equal(worker_left_note(fd, 2000, second, 4712, path), 0);
	assert_int_equal(worker_left_count(fd, 1000), 1);
	assert_int_equal(worker_left_count(fd, 2000), 1);
	assert_int_equal(worker_left_count(fd, 3000), 0);
	assert_int_equal(worker_left_list(fd, list), 2);
	assert_int_equal(list[0].pid, first);
	assert_int_equal(list[0].crashed, 4711);
	assert_string_equal(list[0].exe, "/bin/a");
	assert_int_equal(strlen(list[1].exe), WORKER_LEFT_EXE - 1);
	assert_int_equal(list[1].exe[WORKER_LEFT_EXE - 2], 'z');
	end(first);
	assert_int_equal(worker_left_count(fd, 1000), 0);
	assert_int_equal(worker_left_list(fd, list), 1);
	assert_int_equal(list[0].pid, second);
	/* its place is used again */
	first = start();
	assert_int_equal(worker_left_note(fd, 3000, first, 4713, NULL), 0);
	assert_int_equal(worker_left_list(fd, list), 2);
	assert_int_equal(list[0].key, 3000);
	assert_string_equal(list[0].exe, "");
	end(first);
	end(second);
	close(fd);
}

/* Another process may have got its id. */
static void test_reused(void **state)
{
	struct worker_left list[WORKER_LEFT_MAX];
	int fd = open_rig(state), file;
	pid_t pid = start();
	int64_t started = 1;

	assert_int_equal(worker_left_note(fd, 1000, pid, 4711, "/bin/a"), 0);
	file = openat(fd, "left", O_RDWR);
	assert_int_equal(pwrite(file, &started, sizeof(started),
				offsetof(struct worker_left, started)),
			 sizeof(started));
	close(file);
	assert_int_equal(worker_left_list(fd, list), 0);
	end(pid);
	close(fd);
}

/* One that nobody waited for has no memory left. */
static void test_zombie(void **state)
{
	int fd = open_rig(state);
	pid_t pid = start();
	siginfo_t info;

	assert_int_equal(worker_left_note(fd, 1000, pid, 4711, "/bin/a"), 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(worker_left_count(fd, 1000), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(fd);
}

static void test_full(void **state)
{
	int fd = open_rig(state);
	pid_t pid = start();

	for (int i = 0; i < WORKER_LEFT_MAX; i++) {
		assert_int_equal(worker_left_count(fd, 2000), 0);
		assert_int_equal(worker_left_note(fd, 1000, pid, i, "/bin/a"), 0);
	}
	assert_int_equal(worker_left_note(fd, 1000, pid, 0, "/bin/a"), -ENOSPC);
	/* all have too many then */
	assert_int_equal(worker_left_count(fd, 2000), WORKER_LEFT_MAX);
	end(pid);
	assert_int_equal(worker_left_count(fd, 2000), 0);
	close(fd);
}

/* What is damaged is nobody. */
static void test_damaged(void **state)
{
	struct worker_left list[WORKER_LEFT_MAX];
	int fd = open_rig(state), file = openat(fd, "left", O_RDWR | O_CREAT, 0600);
	char bytes[3000];

	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(write(file, bytes, sizeof(bytes)), sizeof(bytes));
	close(file);
	assert_int_equal(worker_left_list(fd, list), 0);
	close(fd);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, temporary_setup, temporary_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nobody), TEST(test_until_it_ends), TEST(test_reused),
		TEST(test_zombie), TEST(test_full),	     TEST(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
