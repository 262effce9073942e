/* SPDX-License-Identifier: MIT */
/*
 * Whole reads and writes, and files read up to a cap.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/temporary.h"

#include "base/io.h"

struct row {
	const char *name;
	size_t size; /* of the file */
	size_t cap;
	size_t n; /* that are read */
};

static const struct row caps[] = {
	{ "empty file", 0, 100, 0 },
	{ "empty file, cap 0", 0, 0, 0 },
	{ "cap 0", 10, 0, 0 },
	{ "cap 1", 10, 1, 1 },
	{ "below the cap", 99, 100, 99 },
	{ "at the cap", 100, 100, 100 },
	{ "above the cap", 101, 100, 100 },
	{ "one step less", 4095, 1 << 20, 4095 },
	{ "one step", 4096, 1 << 20, 4096 },
	{ "one step and a byte", 4097, 1 << 20, 4097 },
	{ "doubled", 8192, 1 << 20, 8192 },
	{ "many steps", 300001, 1 << 20, 300001 },
	{ "many steps to an odd cap", 300001, 300000, 300000 },
	{ "cap between two steps", 20000, 5000, 5000 },
	{ "no cap", 12345, SIZE_MAX / 2, 12345 },
};

static unsigned char pattern(size_t i)
{
	return (unsigned char)(i * 7 + i / 251);
}

static char *make_bytes(size_t n)
{
	char *bytes = malloc(n + 1);

	assert_non_null(bytes);
	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)pattern(i);
	return bytes;
}

static void test_cap(void **state)
{
	const struct row *row = *state;
	_cleanup_free_ char *bytes = make_bytes(row->size), *read = NULL, *path = NULL;
	_cleanup_fd_ int dir = -1;
	void *directory = NULL;
	size_t n = SIZE_MAX;

	assert_int_equal(temporary_setup(&directory), 0);
	temporary_write(directory, "file", bytes, row->size);
	dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(io_read_file(dir, "file", row->cap, &read, &n), 0);
	assert_int_equal(temporary_teardown(&directory), 0);
	assert_int_equal(n, row->n);
	assert_memory_equal(read, bytes, n);
	assert_int_equal(read[n], '\0');
}

/* /proc says 0 as the size of everything. */
static void test_proc(void **state)
{
	_cleanup_free_ char *maps = NULL, *missing = NULL;
	size_t n = 0;

	(void)state;
	assert_int_equal(io_read_file(AT_FDCWD, "/proc/self/maps", 1 << 20, &maps, &n),
			 0);
	assert_true(n > 0 && n == strlen(maps));
	assert_int_equal(maps[n - 1], '\n');
	assert_int_equal(io_read_file(AT_FDCWD, "/proc/self/nothing", 1, &missing, &n),
			 -ENOENT);
	assert_null(missing);
}

static void test_refused(void **state)
{
	_cleanup_fd_ int dir = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ char *fifo = temporary_path(*state, "fifo"), *bytes = NULL;
	size_t n = 77;

	temporary_text(*state, "file", "x");
	temporary_mkdir(*state, "directory");
	assert_int_equal(symlinkat("file", dir, "link"), 0);
	assert_int_equal(io_read_file(dir, "link", 10, &bytes, &n), -ELOOP);
	assert_int_equal(io_read_file(dir, "directory", 10, &bytes, &n), -EISDIR);
	assert_int_equal(io_read_file(-1, "file", 10, &bytes, &n), -EBADF);
	assert_null(bytes);
	assert_int_equal(n, 77);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(io_read_file(dir, "fifo", 10, &bytes, &n),
			 0); /* without waiting */
	assert_int_equal(n, 0);
}

static void test_positions(void **state)
{
	_cleanup_free_ char *path = temporary_path(*state, "file");
	_cleanup_fd_ int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	char buf[8] = "";

	assert_int_equal(io_write_full(fd, "abcdef", 6), 0);
	assert_int_equal(io_pwrite_full(fd, "XY", 2, 1), 0);
	assert_int_equal(io_pwrite_full(fd, "", 0, 100), 0);
	assert_int_equal(io_pread_full(fd, buf, 3, 0), 3);
	assert_memory_equal(buf, "aXY", 3);
	assert_int_equal(io_pread_full(fd, buf, 8, 4), 2);
	assert_memory_equal(buf, "ef", 2);
	assert_int_equal(io_pread_full(fd, buf, 8, 6), 0);
	assert_int_equal(io_pread_full(fd, buf, 8, UINT64_MAX), -EINVAL);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 6);
	assert_int_equal(io_read_full(fd, buf, 8), 0);
	assert_int_equal(io_read_full(-1, buf, 8), -EBADF);
	assert_int_equal(io_write_full(-1, buf, 8), -EBADF);
}

static void test_full_disk(void **state)
{
	_cleanup_fd_ int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(io_write_full(fd, "x", 1), -ENOSPC);
}

static void on_alarm(int signal)
{
	(void)signal;
}

/* Other end of the pipe: all the bytes, in small pieces. */
_noreturn_ static void write_slowly(int fd, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char byte = pattern(i);

		if (io_write_full(fd, &byte, 1) < 0)
			_exit(1);
		if (i % 1000 == 0)
			usleep(1000);
	}
	_exit(0);
}

/* Short reads and interrupted ones: a timer fires all the while. */
static void test_pieces_and_signals(void **state)
{
	enum {
		N = 20000
	};
	struct sigaction action = { .sa_handler = on_alarm }; /* no SA_RESTART */
	struct itimerval often = { { 0, 500 }, { 0, 500 } },
			 never = { { 0, 0 }, { 0, 0 } };
	char buf[N + 10];
	int fds[2], status;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		write_slowly(fds[1], N);
	close(fds[1]);
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	assert_int_equal(io_read_full(fds[0], buf, 100), 100);
	assert_int_equal(io_read_full(fds[0], buf + 100, sizeof(buf) - 100), N - 100);
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	for (size_t i = 0; i < N; i++)
		assert_int_equal((unsigned char)buf[i], pattern(i));
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, temporary_setup, temporary_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_proc),
		TEST(test_refused),
		TEST(test_positions),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_pieces_and_signals),
	};
	int failed = RUN_TABLE(caps, test_cap);

	failed += cmocka_run_group_tests(tests, NULL, NULL);
	return failed;
}
