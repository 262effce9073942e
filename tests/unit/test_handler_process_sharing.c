/* SPDX-License-Identifier: MIT */
/*
 * Who has the address space of a process: processes of the test's own, related in all ways. And a kernel that
 * refuses, has no kcmp(2), or lets it hang.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/table.h"

#include "base/clock.h"
#include "base/io.h"
#include "handler/process.h"

#define STACK (64 << 10)

static struct {
	int error; /* of kcmp(); -1: it hangs, but with itself */
	pid_t only; /* with this one alone; 0: with all */
} fake;

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...)
{
	long args[5];
	va_list list;

	va_start(list, number);
	for (size_t i = 0; i < ARRAY_SIZE(args); i++)
		args[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_kcmp && fake.error &&
	    (fake.only == 0 || fake.only == (pid_t)args[1])) {
		while (fake.error < 0)
			(void)pause();
		errno = fake.error;
		return -1;
	}
	return __real_syscall(number, args[0], args[1], args[2], args[3], args[4]);
}

/* A process that waits for SIGKILL, and does nothing that could disturb whose memory it has. */
static int wait_for_end(void *unused)
{
	(void)unused;
	for (;;)
		(void)__real_syscall(SYS_pause);
	return 0;
}

/* By its name another than the test. */
static atomic_bool named; /* where memory is shared */

static int other_program(void *unused)
{
	(void)prctl(PR_SET_NAME, "victim");
	named = true;
	return wait_for_end(unused);
}

/* Whose first thread ends, and is a zombie without memory, while another has it. */
static int leave_thread(void *unused)
{
	static char stack[STACK];

	(void)prctl(PR_SET_NAME, "victim");
	(void)clone(wait_for_end, stack + STACK,
		    CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD,
		    unused);
	named = true;
	(void)__real_syscall(SYS_exit, 0);
	return 0;
}

static pid_t start(int (*function)(void *), int flags)
{
	char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	assert_true(stack != MAP_FAILED);
	pid = clone(function, stack + STACK, flags | SIGCHLD, NULL);
	assert_true(pid > 0);
	return pid;
}

static void end(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, __WALL), pid);
}

static void ask(pid_t pid, pid_t parent, bool all, struct process_sharing *ret)
{
	struct process_sharing_scan scan;
	char path[32];
	int dirfd;

	(void)snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	dirfd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(dirfd >= 0);
	const struct process_sharing_ask ask = {
		.dirfd = dirfd,
		.pid = pid,
		.tid = pid,
		.parent = parent,
		.uid = getuid(),
	};
	if (all) {
		process_sharing_start(&ask, &scan);
		process_sharing_finish(&scan, ret);
	} else {
		process_sharing_ask_parent(&ask, ret);
	}
	assert_int_equal(close(dirfd), 0);
}

struct row {
	const char *name;
	int sibling; /* flags of the one that is looked for; -1: there is none */
	bool parent; /* it is the parent of the one that is asked about */
	bool all;
	bool leaves; /* its first thread has ended */
	enum process_sharing_answer answer;
};

static const struct row rows[] = {
	{ "nobody, the parent asked", -1, false, false, false, PROCESS_ALONE },
	{ "nobody, all asked", -1, false, true, false, PROCESS_ALONE },
	{ "its parent", CLONE_VM, true, false, false, PROCESS_SHARED },
	{ "its parent, all asked", CLONE_VM, true, true, false, PROCESS_SHARED },
	{ "its parent has other memory", 0, true, false, false, PROCESS_ALONE },
	{ "a child", CLONE_VM, false, true, false, PROCESS_SHARED },
	{ "a child, the parent asked", CLONE_VM, false, false, false, PROCESS_ALONE },
	{ "a sister", CLONE_VM | CLONE_PARENT, false, true, false, PROCESS_SHARED },
	{ "a child whose first thread has ended", CLONE_VM, false, true, true,
	  PROCESS_SHARED },
	{ "a sister whose first thread has ended", CLONE_VM | CLONE_PARENT, false, true,
	  true, PROCESS_SHARED },
	{ "a child with other memory", 0, false, true, false, PROCESS_ALONE },
};

static bool is_zombie(pid_t pid)
{
	_cleanup_free_ char *text = NULL;
	char path[32];
	size_t n;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	assert_int_equal(io_read_file(AT_FDCWD, path, 512, &text, &n), 0);
	return strstr(text, ") Z ") != NULL;
}

/*
 * Runs in a process of its own: its children must not have the memory of cmocka's other tests. Return: what is
 * wrong; 0.
 */
static int check(const struct row *row)
{
	struct process_sharing got;
	pid_t other = row->sibling < 0 ? 0
				       : start(row->leaves ? leave_thread : other_program,
					       row->sibling);
	pid_t crashed = row->parent ? other : getpid();
	pid_t sharer = row->parent ? getpid() : other;

	while (row->sibling > 0 && !named)
		(void)sched_yield();
	while (row->leaves && !is_zombie(other))
		(void)sched_yield();
	ask(crashed, row->parent ? sharer : getppid(), row->all, &got);
	if (other > 0)
		(void)kill(other, SIGKILL);
	if (got.answer != row->answer)
		return 10 + (int)got.answer;
	if (got.answer == PROCESS_SHARED && got.pid != sharer)
		return 2;
	if (got.answer == PROCESS_SHARED && !row->parent &&
	    strcmp(got.comm, "victim") != 0)
		return 3;
	if (got.answer == PROCESS_ALONE && got.parent_only == row->all)
		return 4;
	return got.reason ? 5 : 0;
}

static void test_row(void **state)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(check(*state));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	while (waitpid(-1, NULL, 0) > 0) /* a sister is ours */
		continue;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* A stranger that is refused has not the same memory if its size is another; else it is not known. */
static void test_refused(void **state)
{
	struct process_sharing got;
	pid_t other = start(wait_for_end, 0); /* the same size */

	(void)state;
	fake.error = EPERM;
	fake.only = 1;
	ask(getpid(), getppid(), true, &got);
	assert_int_equal(got.answer, PROCESS_ALONE);
	fake.only = other;
	ask(getpid(), getppid(), true, &got);
	assert_int_equal(got.answer, PROCESS_SHARING_UNKNOWN);
	assert_string_equal(got.reason, "kcmp(2) was refused");
	ask(getpid(), other, false, &got);
	assert_int_equal(got.answer, PROCESS_SHARING_UNKNOWN);
	fake.error = 0;
	end(other);
}

static void test_no_such_call(void **state)
{
	struct process_sharing got;

	(void)state;
	fake.only = 0;
	fake.error = ENOSYS;
	ask(getpid(), getppid(), true, &got);
	fake.error = 0;
	assert_int_equal(got.answer, PROCESS_SHARING_UNKNOWN);
	assert_string_equal(got.reason, "this kernel has no kcmp(2)");
}

/* Who hangs is killed, and nobody is left. */
static void test_hanging(void **state)
{
	int64_t start = clock_usec(CLOCK_MONOTONIC);
	struct process_sharing got;

	(void)state;
	fake.only = 0;
	fake.error = -1;
	ask(getpid(), 0, true, &got);
	fake.error = 0;
	assert_int_equal(got.answer, PROCESS_SHARING_UNKNOWN);
	assert_non_null(got.reason);
	assert_true(clock_usec(CLOCK_MONOTONIC) - start >= PROCESS_SHARING_TIME);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* A parent with memory of another size is not asked, and cannot make it hang. */
static void test_hanging_parent(void **state)
{
	struct process_sharing got;
	void *more = mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t other = start(wait_for_end, 0);

	(void)state;
	assert_int_equal(munmap(more, 1 << 20), 0);
	fake.only = 0;
	fake.error = -1;
	ask(getpid(), other, false, &got);
	fake.error = 0;
	end(other);
	assert_int_equal(got.answer, PROCESS_ALONE);
}

/* A first thread that has ended, or a process that has: no memory. */
static void test_no_memory(void **state)
{
	struct process_sharing got;
	siginfo_t info;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	ask(pid, getpid(), true, &got);
	assert_int_equal(got.answer, PROCESS_SHARING_UNKNOWN);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),	  cmocka_unit_test(test_no_such_call),
		cmocka_unit_test(test_hanging),	  cmocka_unit_test(test_hanging_parent),
		cmocka_unit_test(test_no_memory),
	};
	int failed = RUN_TABLE(rows, test_row);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
