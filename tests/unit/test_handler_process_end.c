/* SPDX-License-Identifier: MIT */
/*
 * Why a core ended early, out of what the kernel says of the process. And out of real ones: a status file tells
 * until the parent has waited, a pidfd afterwards.
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/table.h"

#include "handler/process_end.h"

struct row {
	const char *name, *status;
	int64_t tid;
	enum process_end end;
};

#define STATUS(pending, shared) \
	"Name:\tx\nPid:\t7\nSigPnd:\t" pending "\nShdPnd:\t" shared "\nSigBlk:\t0\n"
#define NONE "0000000000000000"
#define KILL "0000000000000100"

static const struct row rows[] = {
	{ "killed", STATUS(KILL, KILL), 7, PROCESS_END_KILLED },
	{ "killed, another thread's file", STATUS(KILL, KILL), 8, PROCESS_END_KILLED },
	{ "its thread was killed", STATUS(KILL, NONE), 7, PROCESS_END_KILLED },
	{ "a thread that does not dump", STATUS(KILL, NONE), 8, PROCESS_END_UNKNOWN },
	{ "who dumps is unknown", STATUS(KILL, NONE), -1, PROCESS_END_UNKNOWN },
	{ "not killed", STATUS(NONE, NONE), 7, PROCESS_END_NOT_KILLED },
	{ "another signal", STATUS("0000000000004000", "0000000000000200"), 7,
	  PROCESS_END_NOT_KILLED },
	{ "another thread was not", STATUS(NONE, NONE), 8, PROCESS_END_UNKNOWN },
	{ "cut", "Name:\tx\nPid:\t7\n", 7, PROCESS_END_UNKNOWN },
	{ "nothing", "", 7, PROCESS_END_UNKNOWN },
};

static void test_status(void **state)
{
	const struct row *row = *state;

	assert_int_equal(process_end_of_status(row->status, row->tid), row->end);
}

static void test_code(void **state)
{
	(void)state;
	assert_int_equal(process_end_of_code(SIGKILL, SIGSEGV), PROCESS_END_KILLED);
	assert_int_equal(process_end_of_code(SIGKILL | 0x80, SIGSEGV),
			 PROCESS_END_KILLED);
	assert_int_equal(process_end_of_code(SIGSEGV, SIGSEGV), PROCESS_END_NOT_KILLED);
	assert_int_equal(process_end_of_code(SIGKILL, SIGKILL), PROCESS_END_UNKNOWN);
	assert_int_equal(process_end_of_code(SIGKILL, -1), PROCESS_END_UNKNOWN);
}

/* signal: it ends by. */
static void check_real(int signal, enum process_end by_status, enum process_end by_pidfd)
{
	enum process_end end;
	siginfo_t info;
	char path[64];
	int status, pidfd;
	pid_t pid = fork();

	if (pid == 0) {
		(void)pause();
		_exit(0);
	}
	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/status", (int)pid, (int)pid);
	status = open(path, O_RDONLY | O_CLOEXEC);
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	assert_true(status >= 0 && pidfd >= 0);
	assert_int_equal(kill(pid, signal), 0);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(process_end_find(status, pid, -1, SIGSEGV), by_status);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(process_end_find(status, pid, -1, SIGSEGV), PROCESS_END_UNKNOWN);
	end = process_end_find(status, pid, pidfd, SIGSEGV);
	if (end != PROCESS_END_UNKNOWN) /* before Linux 6.15 */
		assert_int_equal(end, by_pidfd);
	assert_int_equal(close(status), 0);
	assert_int_equal(close(pidfd), 0);
}

static void test_real(void **state)
{
	(void)state;
	check_real(SIGKILL, PROCESS_END_KILLED, PROCESS_END_KILLED);
	check_real(SIGTERM, PROCESS_END_NOT_KILLED, PROCESS_END_NOT_KILLED);
}

static void test_texts(void **state)
{
	(void)state;
	for (int i = 0; i < PROCESS_ENDS; i++)
		assert_non_null(process_end_text((enum process_end)i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_code),
		cmocka_unit_test(test_real),
		cmocka_unit_test(test_texts),
	};
	int failed = RUN_TABLE(rows, test_status);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
