/* SPDX-License-Identifier: MIT */
/*
 * A call that ends is waited for, one that hangs is left.
 */
#include <errno.h>
#include <unistd.h>

#include "tests/unit/table.h"

#include "handler/patience.h"

struct call {
	int pipe_fds[2];
	char byte;
	ssize_t got;
};

static void hang(void *context)
{
	struct call *call = context;

	call->got = read(call->pipe_fds[0], &call->byte, 1);
}

static void test_done(void **state)
{
	struct call call = { .got = -1 };

	(void)state;
	assert_int_equal(pipe(call.pipe_fds), 0);
	assert_int_equal(write(call.pipe_fds[1], "x", 1), 1);
	assert_int_equal(patience(hang, &call, UINT64_MAX), 0);
	assert_int_equal(call.got, 1);
	assert_int_equal(call.byte, 'x');
	close(call.pipe_fds[0]);
	close(call.pipe_fds[1]);
}

static void test_hangs(void **state)
{
	/* the thread's for good */
	static struct call call;

	(void)state;
	assert_int_equal(pipe(call.pipe_fds), 0);
	assert_int_equal(patience(hang, &call, 0), -ETIMEDOUT);
	assert_int_equal(patience(hang, &call, 1), -ETIMEDOUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_done),
		cmocka_unit_test(test_hangs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
