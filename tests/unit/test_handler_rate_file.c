/* SPDX-License-Identifier: MIT */
/*
 * The file of counts: kept from one handler to the next, begun anew when it is damaged, and where it
 * cannot be used, an error and nothing else. And the directory that it is in.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/table.h"
#include "tests/unit/temporary.h"

#include "handler/rate_file.h"
#include "handler/runtime.h"

#define SECOND INT64_C(1000000)

static const struct rate_limits limits = {
	.period = 600 * SECOND,
	.dumps = 2,
	.mini = 0,
	.user_dumps = 100,
	.user_mini = 100,
};

static const struct rate_who who = { .exe = "/bin/a", .uid = 1000, .user = 1000 };

static int open_runtime(void **state)
{
	_cleanup_free_ char *path = temporary_path(*state, "run");
	int fd = runtime_open(path, true);

	assert_in_range(fd, 0, 1000);
	return fd;
}

static enum rate_verdict decide(int runtime_fd)
{
	struct rate_answer answer;

	assert_int_equal(rate_file_decide(runtime_fd, &who, &limits, SECOND, &answer), 0);
	assert_null(answer.entries[RATE_BY_PROGRAM]);
	return answer.verdict;
}

static void test_kept(void **state)
{
	_cleanup_fd_ int fd = open_runtime(state);
	struct rate_table *table = malloc(sizeof(*table));
	struct rate_answer answer;

	assert_non_null(table);
	assert_int_equal(rate_file_read(fd, table), -ENOENT);
	assert_int_equal(decide(fd), RATE_CONFIGURED);
	assert_int_equal(decide(fd), RATE_CONFIGURED);
	assert_int_equal(decide(fd), RATE_RECORD);
	assert_int_equal(decide(fd), RATE_WAIT);
	assert_int_equal(decide(fd), RATE_COUNTED);
	assert_int_equal(rate_file_read(fd, table), 0);
	assert_int_equal(table->programs[0].pending, 2);
	assert_string_equal(table->programs[0].name, "/bin/a");
	assert_int_equal(rate_file_due(fd, &who, RATE_BY_PROGRAM, 99 * SECOND, &answer),
			 0);
	assert_int_equal(answer.verdict, RATE_RECORD);
	assert_int_equal(answer.repeated, 1);
	assert_int_equal(rate_file_due(fd, &who, RATE_BY_PROGRAM, 99 * SECOND, &answer),
			 0);
	assert_int_equal(answer.verdict, RATE_COUNTED);
	free(table);
}

struct damage {
	const char *name;
	off_t cut; /* -1: not */
	off_t at; /* a byte that is changed, -1: none */
	enum rate_verdict want;
};

static const struct damage damages[] = {
	{ "none", -1, -1, RATE_RECORD },
	{ "empty", 0, -1, RATE_CONFIGURED },
	{ "one byte", 1, -1, RATE_CONFIGURED },
	{ "cut", 300, -1, RATE_CONFIGURED },
	{ "a byte too short", sizeof(struct rate_table) - 1, -1, RATE_CONFIGURED },
	{ "too long", sizeof(struct rate_table) + 1, -1, RATE_RECORD },
	{ "another layout", -1, 0, RATE_CONFIGURED },
	{ "the checksum", -1, 8, RATE_CONFIGURED },
	{ "a count", -1, offsetof(struct rate_table, programs[0].dumps),
	  RATE_CONFIGURED },
	{ "the name", -1, offsetof(struct rate_table, programs[0].name),
	  RATE_CONFIGURED },
	{ "another entry", -1, offsetof(struct rate_table, programs[1].dumps),
	  RATE_RECORD },
};

static void hurt(int runtime_fd, const struct damage *damage)
{
	_cleanup_fd_ int fd = runtime_file(runtime_fd, RATE_FILE);
	unsigned char byte;

	assert_in_range(fd, 0, 1000);
	if (damage->cut >= 0)
		assert_int_equal(ftruncate(fd, damage->cut), 0);
	if (damage->at < 0)
		return;
	assert_int_equal(pread(fd, &byte, 1, damage->at), 1);
	byte ^= 0x40;
	assert_int_equal(pwrite(fd, &byte, 1, damage->at), 1);
}

/* Afterwards it is whole again. */
static void test_damaged(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(damages); i++) {
		_cleanup_fd_ int fd = open_runtime(state);

		(void)unlinkat(fd, RATE_FILE, 0); /* of the row before */
		assert_int_equal(decide(fd), RATE_CONFIGURED);
		assert_int_equal(decide(fd), RATE_CONFIGURED);
		hurt(fd, &damages[i]);
		if (decide(fd) != damages[i].want)
			fail_msg("%s", damages[i].name);
		if (damages[i].want == RATE_RECORD)
			continue;
		assert_int_equal(decide(fd), RATE_CONFIGURED);
		assert_int_equal(decide(fd), RATE_RECORD);
	}
}

static void expect_error(int runtime_fd, int error)
{
	struct rate_answer answer = { .verdict = RATE_COUNTED };

	assert_int_equal(rate_file_decide(runtime_fd, &who, &limits, SECOND, &answer),
			 error);
	assert_int_equal(
		rate_file_due(runtime_fd, &who, RATE_BY_PROGRAM, SECOND, &answer), error);
	assert_int_equal(answer.verdict, RATE_COUNTED);
}

static void test_unusable(void **state)
{
	_cleanup_fd_ int fd = open_runtime(state);
	struct rate_table *table = malloc(sizeof(*table));

	assert_non_null(table);
	assert_int_equal(mkdirat(fd, RATE_FILE, 0700), 0);
	expect_error(fd, -EISDIR);
	assert_int_equal(unlinkat(fd, RATE_FILE, AT_REMOVEDIR), 0);
	assert_int_equal(symlinkat("/etc/hostname", fd, RATE_FILE), 0);
	expect_error(fd, -ELOOP);
	assert_int_equal(rate_file_read(fd, table), -ELOOP);
	assert_int_equal(unlinkat(fd, RATE_FILE, 0), 0);
	assert_int_equal(mkfifoat(fd, RATE_FILE, 0600), 0);
	expect_error(fd, -ESPIPE);
	assert_int_equal(unlinkat(fd, RATE_FILE, 0), 0);
	free(table);
}

/* Whoever has the lock may be stopped: a second, and the dump is made without a count. */
static void test_locked(void **state)
{
	_cleanup_fd_ int fd = open_runtime(state), lock = runtime_file(fd, RATE_FILE);
	struct rate_answer answer;

	assert_int_equal(flock(lock, LOCK_EX), 0);
	assert_int_equal(rate_file_decide(fd, &who, &limits, SECOND, &answer), -EAGAIN);
	assert_int_equal(flock(lock, LOCK_UN), 0);
	assert_int_equal(decide(fd), RATE_CONFIGURED);
}

/* Handlers at the same time: nobody's crash is counted twice, or not. */
static void test_together(void **state)
{
	_cleanup_fd_ int fd = open_runtime(state);
	int counts[RATE_COUNTED + 1] = { 0 };

	for (int i = 0; i < 20; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			int sum = 0;

			for (int j = 0; j < 10; j++)
				sum += decide(fd) == RATE_CONFIGURED;
			_exit(sum);
		}
		assert_true(pid > 0);
	}
	for (int i = 0; i < 20; i++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_true(WIFEXITED(status));
		counts[RATE_CONFIGURED] += WEXITSTATUS(status);
	}
	assert_int_equal(counts[RATE_CONFIGURED], limits.dumps);
	assert_int_equal(decide(fd), RATE_COUNTED);
}

static void test_directory(void **state)
{
	_cleanup_free_ char *path = temporary_path(*state, "run"),
			    *link = temporary_path(*state, "link"),
			    *below = temporary_path(*state, "a/b");
	struct stat st;
	int fd;

	assert_int_equal(runtime_open(path, false), -ENOENT);
	assert_int_equal(runtime_open(below, true), -ENOENT);
	fd = runtime_open(path, true);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	close(fd);
	assert_int_equal(symlink(path, link), 0);
	assert_int_equal(runtime_open(link, true), -ENOTDIR);
	assert_int_equal(chmod(path, 0710), 0);
	assert_int_equal(runtime_open(path, true), -EPERM);
	assert_int_equal(chmod(path, 0702), 0);
	assert_int_equal(runtime_open(path, true), -EPERM);
	assert_int_equal(chmod(path, 0700), 0);
	if (geteuid() != 0)
		return;
	assert_int_equal(chown(path, 1000, 0), 0);
	assert_int_equal(runtime_open(path, true), -EPERM);
	assert_int_equal(chown(path, 0, 0), 0);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, temporary_setup, temporary_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_kept),   TEST(test_damaged),	TEST(test_unusable),
		TEST(test_locked), TEST(test_together), TEST(test_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
