/* SPDX-License-Identifier: MIT */
/*
 * What a child hands on: bytes and descriptors as they were; and one that hangs, dies in the middle, or says what does
 * not fit.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "tests/unit/table.h"

#include "base/clock.h"
#include "base/io.h"
#include "handler/process_handover.h"

#define KIND 7
#define LONG (8u << 20) /* more than a socket has room for */

#define FOR_EVER (INT64_MAX - 1)

static int64_t in(int64_t usec)
{
	return clock_usec(CLOCK_MONOTONIC) + usec;
}

/* Return: the parent's end; the child sends so many bytes of 'x', and closes. */
static int child_sends(size_t n, pid_t *ret_pid)
{
	int sockets[2];

	assert_int_equal(handover_open(sockets), 0);
	*ret_pid = fork();
	assert_true(*ret_pid >= 0);
	if (*ret_pid == 0) {
		char *bytes = malloc(n + 1);

		close(sockets[0]); /* or nobody would tell it that the parent is gone */
		memset(bytes, 'x', n + 1);
		_exit(handover_send(sockets[1], KIND, bytes, n) < 0);
	}
	close(sockets[1]);
	return sockets[0];
}

struct row {
	const char *name;
	size_t n, cap;
	int result;
};

static const struct row rows[] = {
	{ "nothing", 0, 0, 1 },
	{ "one byte", 1, 1, 1 },
	{ "a byte too many", 2, 1, -EBADMSG },
	{ "more than a socket has room for", LONG, LONG, 1 },
	{ "too much of that", LONG + 1, LONG, -EBADMSG },
};

static void test_bytes(void **state)
{
	const struct row *row = *state;
	struct handover message;
	pid_t pid;
	int fd = child_sends(row->n, &pid);

	assert_int_equal(handover_receive(fd, row->cap, FOR_EVER, &message), row->result);
	if (row->result == 1) {
		assert_int_equal(message.kind, KIND);
		assert_int_equal(message.n, row->n);
		assert_int_equal(strspn(message.bytes, "x"), row->n);
		assert_int_equal(message.fds[0], -1);
		handover_done(&message);
		assert_int_equal(handover_receive(fd, row->cap, FOR_EVER, &message), 0);
	}
	assert_null(message.bytes);
	close(fd);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void test_fds(void **state)
{
	struct handover message;
	int sockets[2], pipe_fds[2];
	char byte = 0;

	(void)state;
	assert_int_equal(handover_open(sockets), 0);
	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(handover_send_fds(sockets[1], KIND, pipe_fds), 0);
	assert_int_equal(handover_send(sockets[1], KIND + 1, "ab", 2), 0);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	assert_int_equal(handover_receive(sockets[0], 10, FOR_EVER, &message), 1);
	assert_int_equal(message.kind, KIND);
	assert_int_equal(message.n, 0);
	assert_int_equal(fcntl(message.fds[0], F_GETFD), FD_CLOEXEC);
	assert_int_equal(write(message.fds[1], "y", 1), 1);
	assert_int_equal(read(message.fds[0], &byte, 1), 1);
	assert_int_equal(byte, 'y');
	handover_done(&message);
	assert_int_equal(message.fds[1], -1);
	assert_int_equal(handover_receive(sockets[0], 10, FOR_EVER, &message), 1);
	assert_int_equal(message.kind, KIND + 1);
	assert_string_equal(message.bytes, "ab");
	handover_done(&message);
	close(sockets[0]);
	close(sockets[1]);
}

/* A header that promises, and a child that stands still behind it, or ends. */
static void test_cut(void **state)
{
	const struct {
		uint32_t kind, fds;
		uint64_t n;
	} header = { KIND, 0, 100 };
	struct handover message;
	int64_t start;
	int sockets[2];

	(void)state;
	assert_int_equal(handover_open(sockets), 0);
	assert_int_equal(io_write_full(sockets[1], &header, sizeof(header)), 0);
	start = in(0);
	assert_int_equal(handover_receive(sockets[0], 100, in(50000), &message),
			 -ETIMEDOUT);
	assert_true(in(0) - start >= 50000);
	assert_null(message.bytes);
	assert_int_equal(io_write_full(sockets[1], &header, sizeof(header)), 0);
	close(sockets[1]);
	assert_int_equal(handover_receive(sockets[0], 100, FOR_EVER, &message), -EBADMSG);
	close(sockets[0]);
}

static void test_silent(void **state)
{
	struct handover message;
	int sockets[2];

	(void)state;
	assert_int_equal(handover_open(sockets), 0);
	assert_int_equal(handover_receive(sockets[0], 1, in(1000), &message), -ETIMEDOUT);
	assert_int_equal(handover_receive(sockets[0], 1, in(-1000), &message),
			 -ETIMEDOUT);
	close(sockets[1]);
	assert_int_equal(handover_receive(sockets[0], 1, FOR_EVER, &message), 0);
	/* nobody listens any more: that is no reason to die */
	assert_int_equal(handover_open(sockets), 0);
	close(sockets[0]);
	assert_int_equal(handover_send(sockets[1], KIND, "x", 1), -EPIPE);
	close(sockets[1]);
}

/* Descriptors that were not promised, or that did not come. */
static void test_wrong_fds(void **state)
{
	const struct {
		uint32_t kind, fds;
		uint64_t n;
	} header = { KIND, HANDOVER_FDS, 0 };
	struct handover message;
	int sockets[2];

	(void)state;
	assert_int_equal(handover_open(sockets), 0);
	assert_int_equal(io_write_full(sockets[1], &header, sizeof(header)), 0);
	assert_int_equal(handover_receive(sockets[0], 1, FOR_EVER, &message), -EBADMSG);
	close(sockets[0]);
	close(sockets[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fds),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_wrong_fds),
	};

	return RUN_TABLE(rows, test_bytes) + cmocka_run_group_tests(tests, NULL, NULL);
}
