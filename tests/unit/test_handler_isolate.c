/* SPDX-License-Identifier: MIT */
/*
 * A worker that does what it may not: through the stages of handler/isolate.h, then one system call,
 * from its first thread and from another.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/table.h"

#include "base/io.h"
#include "handler/isolate.h"
#include "handler/isolate_seccomp.h"
#include "handler/pool.h"

/* Exit statuses of a worker of this test. */
#define TRIED	     0
#define NOT_ISOLATED 101
#define WENT_ON	     102

/* Neither a number nor a result: nothing was told. */
#define NOTHING -1000000

/* In place of a result: the call was stopped. */
#define STOPPED INT_MIN

/* In place of an argument: the id of the process. */
#define SELF 0x5e1f

/* What the worker tells of its call. */
struct told {
	int64_t stopped_at; /* -1: at nothing */
	int64_t result; /* or negative errno */
};

struct row {
	const char *name;
	int number;
	int result;
	long arguments[6];
};

#define P(pointer) (long)(uintptr_t)(pointer)

static char space[4096];

/* Bytes that the worker's file may have. */
#define FILE_MOST (2 << 20)

static struct isolate_limits limits = {
	.memory = UINT64_C(1) << 30,
	.file = FILE_MOST,
	.cpu = 1000,
};

static const struct row rows[] = {
#ifndef ISOLATE_WRITES_FILES
	{ "openat", SYS_openat, STOPPED, { AT_FDCWD, P("/etc/passwd"), O_RDONLY } },
	{ "openat of no file", SYS_openat, STOPPED, { AT_FDCWD, P(""), O_RDONLY } },
	{ "openat: create",
	  SYS_openat,
	  STOPPED,
	  { AT_FDCWD, P("/tmp/dumpd-test"), O_WRONLY | O_CREAT, 0600 } },
	{ "newfstatat", SYS_newfstatat, STOPPED, { AT_FDCWD, P("/etc"), P(space) } },
#endif
#ifdef SYS_open
#ifndef ISOLATE_WRITES_FILES
	{ "open", SYS_open, STOPPED, { P("/etc/passwd"), O_RDONLY } },
#endif
	{ "fork", SYS_fork, STOPPED, { 0 } },
	{ "vfork by clone", SYS_clone, STOPPED, { CLONE_VM | CLONE_VFORK | SIGCHLD } },
	{ "arch_prctl", SYS_arch_prctl, STOPPED, { 0x1002 } },
#endif
	{ "readlinkat",
	  SYS_readlinkat,
	  STOPPED,
	  { AT_FDCWD, P("/proc/1/exe"), P(space) } },
	{ "rt_sigaction", SYS_rt_sigaction, STOPPED, { SIGSYS, 0, P(space), 8 } },
	{ "dup", SYS_dup, STOPPED, { ISOLATE_CORE } },
	{ "getdents64", SYS_getdents64, STOPPED, { ISOLATE_CORE, P(space), 100 } },
#ifndef ISOLATE_WRITES_FILES
	{ "pwrite64, the file's last byte",
	  SYS_pwrite64,
	  1,
	  { ISOLATE_FILE, P(space), 1, FILE_MOST - 1 } },
	{ "pwrite64, a byte more",
	  SYS_pwrite64,
	  -EFBIG,
	  { ISOLATE_FILE, P(space), 1, FILE_MOST } },
#endif
	{ "prlimit64", SYS_prlimit64, -EPERM, { 0, RLIMIT_NOFILE, 0, P(space) } },
	{ "openat2", SYS_openat2, STOPPED, { AT_FDCWD, P("/etc/passwd"), P(space), 24 } },
	{ "open_by_handle_at", SYS_open_by_handle_at, STOPPED, { AT_FDCWD, P(space) } },
	{ "socket, TCP", SYS_socket, STOPPED, { AF_INET, SOCK_STREAM, 0 } },
	{ "socket, unix", SYS_socket, STOPPED, { AF_UNIX, SOCK_DGRAM, 0 } },
	{ "socketpair", SYS_socketpair, STOPPED, { AF_UNIX, SOCK_STREAM, 0, P(space) } },
	{ "connect", SYS_connect, STOPPED, { ISOLATE_CORE, P(space), 16 } },
	{ "sendto", SYS_sendto, STOPPED, { ISOLATE_CORE, P(space), 16 } },
	{ "execve", SYS_execve, STOPPED, { P("/bin/true"), P(space), P(space) } },
	{ "execveat",
	  SYS_execveat,
	  STOPPED,
	  { ISOLATE_CORE, P(""), P(space), P(space), AT_EMPTY_PATH } },
	{ "ptrace, attach", SYS_ptrace, STOPPED, { PTRACE_ATTACH, 1 } },
	{ "ptrace, traced", SYS_ptrace, STOPPED, { PTRACE_TRACEME } },
	{ "kill", SYS_kill, STOPPED, { SELF, SIGCONT } },
	{ "kill of all", SYS_kill, STOPPED, { -1, 0 } },
	{ "tgkill", SYS_tgkill, STOPPED, { SELF, SELF, SIGCONT } },
	{ "tgkill of another", SYS_tgkill, STOPPED, { 1, 1, SIGABRT } },
	{ "tkill", SYS_tkill, STOPPED, { 1, 0 } },
	{ "rt_sigqueueinfo", SYS_rt_sigqueueinfo, STOPPED, { SELF, SIGCONT, P(space) } },
	{ "pidfd_open", SYS_pidfd_open, STOPPED, { 1, 0 } },
	{ "pidfd_getfd", SYS_pidfd_getfd, STOPPED, { ISOLATE_CORE, 0, 0 } },
	{ "process_vm_readv", SYS_process_vm_readv, STOPPED, { SELF } },
	{ "process_vm_writev", SYS_process_vm_writev, STOPPED, { SELF } },
	{ "process_madvise", SYS_process_madvise, STOPPED, { ISOLATE_CORE } },
	{ "bpf", SYS_bpf, STOPPED, { 0, P(space), 8 } },
	{ "perf_event_open", SYS_perf_event_open, STOPPED, { P(space), 0, -1, -1, 0 } },
	{ "io_uring_setup", SYS_io_uring_setup, STOPPED, { 1, P(space) } },
	{ "keyctl", SYS_keyctl, STOPPED, { 0, 0, 0 } },
	{ "mount", SYS_mount, STOPPED, { P("none"), P("/mnt"), P("tmpfs"), 0, 0 } },
	{ "chroot", SYS_chroot, STOPPED, { P("/") } },
	{ "unshare", SYS_unshare, STOPPED, { CLONE_NEWUSER } },
	{ "setns", SYS_setns, STOPPED, { ISOLATE_CORE, 0 } },
	{ "clone", SYS_clone, STOPPED, { SIGCHLD } },
	{ "clone of a thread", SYS_clone, STOPPED, { CLONE_VM | CLONE_THREAD } },
	{ "clone3", SYS_clone3, STOPPED, { P(space), 64 } },
	{ "setuid", SYS_setuid, STOPPED, { 0 } },
	{ "setgroups", SYS_setgroups, STOPPED, { 0, 0 } },
	{ "capset", SYS_capset, STOPPED, { P(space), P(space) } },
	{ "seccomp", SYS_seccomp, STOPPED, { 1, 0, P(space) } },
	{ "prctl, dumpable", SYS_prctl, STOPPED, { PR_SET_DUMPABLE, 1 } },
	{ "prctl, to outlive", SYS_prctl, STOPPED, { PR_SET_PDEATHSIG, 0 } },
	{ "prctl, ptracer", SYS_prctl, STOPPED, { PR_SET_PTRACER, -1 } },
	{ "setrlimit", SYS_setrlimit, STOPPED, { RLIMIT_CPU, P(space) } },
	{ "fcntl, dup", SYS_fcntl, STOPPED, { ISOLATE_CORE, F_DUPFD, 0 } },
	{ "fcntl, signals", SYS_fcntl, STOPPED, { ISOLATE_CORE, F_SETOWN, 1 } },
	{ "ioctl, terminal", SYS_ioctl, STOPPED, { ISOLATE_CORE, TIOCSTI, P("x") } },
	{ "ioctl, register",
	  SYS_ioctl,
	  STOPPED,
	  { ISOLATE_ANCHOR, UFFDIO_REGISTER, P(space) } },
	{ "ioctl, copy", SYS_ioctl, STOPPED, { ISOLATE_ANCHOR, UFFDIO_COPY, P(space) } },
	{ "userfaultfd", SYS_userfaultfd, STOPPED, { UFFD_USER_MODE_ONLY } },
	{ "memfd_create", SYS_memfd_create, STOPPED, { P("x"), 0 } },
	{ "pipe2", SYS_pipe2, STOPPED, { P(space), O_DIRECT } },
	{ "unlinkat", SYS_unlinkat, STOPPED, { AT_FDCWD, P("/tmp/dumpd-test"), 0 } },
	{ "linkat", SYS_linkat, STOPPED, { ISOLATE_CORE, P(""), AT_FDCWD, P("x") } },
	{ "fchmod", SYS_fchmod, STOPPED, { ISOLATE_CORE, 0777 } },
	{ "fsetxattr", SYS_fsetxattr, STOPPED, { ISOLATE_CORE, P("user.x"), P("x"), 1 } },
	{ "setpriority of another", SYS_setpriority, STOPPED, { PRIO_PROCESS, 1, 19 } },
	{ "setpriority of a user", SYS_setpriority, STOPPED, { PRIO_USER, 0, 19 } },
	{ "sched_setscheduler, idle",
	  SYS_sched_setscheduler,
	  STOPPED,
	  { 0, SCHED_IDLE, P(space) } },
	{ "sched_setscheduler, real time",
	  SYS_sched_setscheduler,
	  STOPPED,
	  { 0, SCHED_FIFO, P(space) } },
#ifndef ISOLATE_WRITES_FILES
	{ "mmap of a file",
	  SYS_mmap,
	  STOPPED,
	  { 0, 4096, PROT_READ, MAP_PRIVATE, ISOLATE_FILE, 0 } },
	{ "mmap of /proc/PID/mem, shared",
	  SYS_mmap,
	  STOPPED,
	  { 0, 4096, PROT_READ, MAP_SHARED, ISOLATE_MEMORY, 0 } },
#endif
	{ "mmap of code",
	  SYS_mmap,
	  STOPPED,
	  { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0 } },
	{ "mprotect to code", SYS_mprotect, STOPPED, { P(space), 4096, 7 } },
	{ "personality", SYS_personality, STOPPED, { 0x0400000 } },
	{ "no such system call", 1000, STOPPED, { 0 } },

	{ "ioctl, is it a terminal", SYS_ioctl, -ENOTTY, { ISOLATE_CORE, TCGETS } },
	{ "prctl, names of memory", SYS_prctl, -EINVAL, { PR_SET_VMA, 0 } },
	{ "read", SYS_read, 1, { ISOLATE_CORE, P(space), 1 } },
	{ "mprotect", SYS_mprotect, 0, { 0, 0, PROT_READ } },
	{ "prctl, filter", SYS_prctl, 2, { PR_GET_SECCOMP } },
};

static void tell(const struct told *told)
{
	if (io_write_full(ISOLATE_REPORT, told, sizeof(*told)) < 0)
		_exit(WENT_ON);
}

static _noreturn_ void forbidden(int number, siginfo_t *info, void *context)
{
	const struct told told = { .stopped_at = info->si_syscall };

	(void)context;
	if (number == SIGSYS)
		tell(&told);
	(void)syscall(SYS_kill, 0, 0);
	_exit(WENT_ON);
}

static long argument(const struct row *row, int i)
{
	return row->arguments[i] == SELF ? getpid() : row->arguments[i];
}

static void attempt(void *context, unsigned int thread)
{
	const struct row *row = context;
	long result = syscall(row->number, argument(row, 0), argument(row, 1),
			      argument(row, 2), argument(row, 3), argument(row, 4),
			      argument(row, 5));
	const struct told told = { -1, result < 0 ? -errno : result };

	(void)thread;
	tell(&told);
	_exit(TRIED);
}

/* As handler/main.c and child.c do it, with a thread. */
static int isolate(const struct isolate_fds *fds, struct pool *pool)
{
	struct isolate_domain domain;
	struct isolate_user user;
	const char *missing;
	bool to_stderr;
	int r = isolate_start(&to_stderr);

	isolate_find_user(&user);
	if (r == 0)
		r = isolate_reader();
	if (r == 0)
		r = isolate_worker(fds, &domain);
	if (r == 0)
		r = isolate_ids(&user);
	if (r == 0 && isolate_domain(&domain))
		r = -EACCES;
	if (r < 0)
		return r;
	pool_open(1, isolate_is_done, pool);
	if (pool->count != 1)
		return -EAGAIN;
	r = isolate_rights(&limits, forbidden, &missing);
	return r == 0 && missing ? -ENOSYS : r;
}

static _noreturn_ void worker(const struct isolate_fds *fds, bool in_thread,
			      void (*work)(void *context, unsigned int thread),
			      void *context)
{
	static struct pool pool;

	if (isolate(fds, &pool) < 0)
		_exit(NOT_ISOLATED);
	if (!in_thread)
		work(context, 0);
	else
		pool_go(&pool, work, context);
	pool_close(&pool);
	_exit(WENT_ON);
}

/* Return: the status of a worker that worked, and *ret what it told. */
static int run(bool in_thread, void (*work)(void *context, unsigned int thread),
	       const void *context, struct told *ret)
{
	struct isolate_fds fds = { .memory = -1, .pagemap = -1, .status = -1 };
	int core[2], report[2], status;
	pid_t pid;

	fds.file = memfd_create("dumpd-test", MFD_CLOEXEC);
	assert_true(fds.file >= 0);
	assert_int_equal(pipe2(core, O_CLOEXEC), 0);
	assert_int_equal(pipe2(report, O_CLOEXEC), 0);
	assert_int_equal(write(core[1], "core", 4), 4);
	fds.core = core[0];
	fds.report = report[1];
	pid = fork();
	if (pid == 0)
		worker(&fds, in_thread, work, (void *)(uintptr_t)context);
	assert_true(pid > 0);
	close(fds.file);
	close(core[0]);
	close(core[1]);
	close(report[1]);
	*ret = (struct told){ NOTHING, NOTHING };
	(void)!io_read_full(report[0], ret, sizeof(*ret)); /* nothing: as it was */
	close(report[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void assert_killed(int status, int by)
{
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), by);
}

static void test_row(void **state)
{
	const struct row *row = *state;

	for (int in_thread = 0; in_thread < 2; in_thread++) {
		struct told told;
		int status = run(in_thread, attempt, row, &told);

		if (row->result == STOPPED) {
			assert_killed(status, SIGSYS);
			assert_int_equal(told.stopped_at, row->number);
			continue;
		}
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), TRIED);
		assert_int_equal(told.stopped_at, -1);
		assert_int_equal(told.result, row->result);
	}
}

static void spin(void *context, unsigned int thread)
{
	(void)context;
	for (;;)
		space[thread]++;
}

/* A worker does not get more time of processors by not coming to an end. */
static void test_cpu(void **state)
{
	struct told told;

	(void)state;
	limits.cpu = 1;
	assert_killed(run(true, spin, NULL, &told), SIGKILL);
	limits.cpu = 1000;
	assert_int_equal(told.stopped_at, NOTHING);
}

/* Limits that are lower already stay, and cost no dump. */
static void test_lower(void **state)
{
#ifndef ISOLATE_WRITES_FILES
	static const struct row beyond = {
		"", SYS_pwrite64, -EFBIG, { ISOLATE_FILE, P(space), 1, 4096 }
	};
	const struct rlimit lower = { 4096, 4096 };
	struct told told;
	int status;
	pid_t pid = fork();

	if (pid == 0) { /* nobody raises it again */
		if (setrlimit(RLIMIT_FSIZE, &lower) < 0)
			_exit(WENT_ON);
		status = run(true, attempt, &beyond, &told);
		_exit(WIFEXITED(status) && WEXITSTATUS(status) == TRIED &&
				      told.result == -EFBIG
			      ? 0
			      : WENT_ON);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
#endif
	(void)state;
}

/* The handler of SIGSYS is a courtesy: without it the end is the same. */
static void attempt_blocked(void *context, unsigned int thread)
{
	sigset_t all;

	(void)context;
	(void)thread;
	(void)sigfillset(&all);
	if (syscall(SYS_rt_sigprocmask, SIG_BLOCK, &all, NULL, 8) == 0)
		(void)syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
	_exit(TRIED);
}

/* Other numbers for the same calls: 11 is execve of i386, munmap of x86-64; 257 is openat. */
static void attempt_other_machine(void *context, unsigned int thread)
{
	(void)context;
	(void)thread;
#ifdef __x86_64__
	__asm__ volatile("int $0x80" : : "a"(11), "b"(0), "c"(0) : "memory");
#endif
	_exit(TRIED);
}

static void attempt_x32(void *context, unsigned int thread)
{
	(void)context;
	(void)thread;
#ifdef __x86_64__
	(void)syscall(0x40000000 | 257, AT_FDCWD, "/etc/passwd", O_RDONLY);
#endif
	_exit(TRIED);
}

static void attempt_abort(void *context, unsigned int thread)
{
	(void)context;
	(void)thread;
	abort();
}

static void test_blocked(void **state)
{
	struct told told;

	(void)state;
	for (int in_thread = 0; in_thread < 2; in_thread++) {
		assert_killed(run(in_thread, attempt_blocked, NULL, &told), SIGSYS);
		assert_int_equal(told.stopped_at, NOTHING);
	}
}

static void check_other_machine(void (*attempted)(void *context, unsigned int thread))
{
	struct told told;
	int status = run(false, attempted, NULL, &told);

#ifdef __x86_64__
	assert_killed(status, SIGSYS);
	assert_int_equal(told.stopped_at, NOTHING);
#else
	assert_int_equal(WEXITSTATUS(status), TRIED); /* of which there is none */
#endif
}

static void test_other_machine(void **state)
{
	(void)state;
	check_other_machine(attempt_other_machine);
	check_other_machine(attempt_x32);
}

/* What the C library does when it finds itself broken is not hidden behind a SIGSYS. */
static void test_abort(void **state)
{
	struct told told;

	(void)state;
	for (int in_thread = 0; in_thread < 2; in_thread++)
		assert_killed(run(in_thread, attempt_abort, NULL, &told), SIGABRT);
}

static void test_name(void **state)
{
	(void)state;
	assert_string_equal(isolate_seccomp_name(SYS_execve), "execve");
	assert_string_equal(isolate_seccomp_name(0), "read");
	assert_null(isolate_seccomp_name(1023));
	assert_null(isolate_seccomp_name(INT_MAX));
	assert_null(isolate_seccomp_name(-1));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cpu),	cmocka_unit_test(test_lower),
		cmocka_unit_test(test_blocked), cmocka_unit_test(test_other_machine),
		cmocka_unit_test(test_abort),	cmocka_unit_test(test_name),
	};
	int failed = RUN_TABLE(rows, test_row);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
