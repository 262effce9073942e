/* SPDX-License-Identifier: MIT */
/*
 * A reader of stored dumps that does what it may not: it is stopped; and what it needs it can do.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "handler/isolate.h"
#include "handler/isolate_seccomp.h"
#include "tests/unit/table.h"

#define P(pointer) (long)(uintptr_t)(pointer)

#define NOT_CONFINED 99

static char space[4096];

static const struct row {
	const char *name;
	int number;
	int result; /* INT_MIN: it is stopped */
	long arguments[6];
} rows[] = {
#ifndef ISOLATE_WRITES_FILES
	{ "openat", SYS_openat, INT_MIN, { AT_FDCWD, P("/etc/passwd"), O_RDONLY } },
	{ "newfstatat", SYS_newfstatat, INT_MIN, { AT_FDCWD, P("/etc"), P(space) } },
#endif
	{ "execve", SYS_execve, INT_MIN, { P("/bin/true"), P(space), P(space) } },
	{ "socket", SYS_socket, INT_MIN, { AF_UNIX, SOCK_DGRAM, 0 } },
	{ "socketpair", SYS_socketpair, INT_MIN, { AF_UNIX, SOCK_DGRAM, 0, P(space) } },
	{ "connect", SYS_connect, INT_MIN, { ISOLATE_REPORT, P(space), 16 } },
	{ "sendto", SYS_sendto, INT_MIN, { ISOLATE_REPORT, P(space), 16 } },
	{ "sendmsg, another socket", SYS_sendmsg, INT_MIN, { 5, P(space), 0 } },
	{ "recvmsg, another socket", SYS_recvmsg, INT_MIN, { 5, P(space), 0 } },
	{ "clone, a process", SYS_clone, INT_MIN, { SIGCHLD } },
	{ "clone, a process with this memory",
	  SYS_clone,
	  INT_MIN,
	  { CLONE_VM | SIGCHLD } },
	{ "clone, a user namespace", SYS_clone, INT_MIN, { CLONE_NEWUSER | SIGCHLD } },
	{ "clone3", SYS_clone3, -ENOSYS, { P(space), 64 } },
	{ "unshare", SYS_unshare, INT_MIN, { CLONE_NEWUSER } },
	{ "setns", SYS_setns, INT_MIN, { 1, 0 } },
	{ "kill", SYS_kill, INT_MIN, { 1, SIGCONT } },
	{ "tgkill, another process", SYS_tgkill, INT_MIN, { 1, 1, SIGABRT } },
	{ "ptrace", SYS_ptrace, INT_MIN, { 16, 1 } },
	{ "process_vm_readv", SYS_process_vm_readv, INT_MIN, { 1 } },
	{ "prctl, dumpable", SYS_prctl, INT_MIN, { 4, 1 } },
	{ "setresuid", SYS_setresuid, INT_MIN, { 0, 0, 0 } },
	{ "ioctl, TIOCSTI", SYS_ioctl, INT_MIN, { 1, 0x5412, P(space) } },
	{ "fcntl, F_SETFL", SYS_fcntl, INT_MIN, { 1, F_SETFL, 0 } },
	{ "dup2", SYS_dup2, INT_MIN, { 1, 5 } },
	{ "unlinkat", SYS_unlinkat, INT_MIN, { AT_FDCWD, P("/tmp/x"), 0 } },
	{ "fchmod", SYS_fchmod, INT_MIN, { 1, 0777 } },
	{ "mmap, code",
	  SYS_mmap,
	  INT_MIN,
	  { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0 } },
	{ "mprotect, code", SYS_mprotect, INT_MIN, { P(space), 4096, PROT_EXEC } },
	{ "memfd_create", SYS_memfd_create, INT_MIN, { P("x"), 0 } },
	{ "io_uring_setup", SYS_io_uring_setup, INT_MIN, { 1, P(space) } },
	{ "bpf", SYS_bpf, INT_MIN, { 0, P(space), 8 } },
	{ "getppid", SYS_getppid, INT_MIN, { 0 } },
	{ "write, nowhere", SYS_write, 1, { STDOUT_FILENO, P(space), 1 } },
	{ "lseek", SYS_lseek, -ESPIPE, { ISOLATE_REPORT, 0, SEEK_SET } },
	{ "read, closed", SYS_read, -EBADF, { 7, P(space), 1 } },
	{ "prlimit64", SYS_prlimit64, -EPERM, { 0, 7, 0, P(space) } },
};

static void *nothing(void *context)
{
	return context;
}

static int end_with(pid_t child)
{
	int status = 0;

	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

/* In a child. It is ended by SIGSYS, or its status is 0 for the right result. */
static pid_t start(void (*run)(const void *), const void *context, int *ret_socket)
{
	int ends[2];
	pid_t child;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	child = fork();
	if (child == 0) {
		pthread_t thread;

		/* what the C library does with the first one */
		if (pthread_create(&thread, NULL, nothing, NULL) == 0)
			(void)pthread_join(thread, NULL);
		if (isolate_dump_reader(ends[1]) < 0)
			_exit(NOT_CONFINED);
		run(context);
	}
	assert_true(child > 0);
	assert_int_equal(close(ends[1]), 0);
	*ret_socket = ends[0];
	return child;
}

static void call(const void *context)
{
	const struct row *row = context;
	const long *a = row->arguments;
	long r = syscall(row->number, a[0], a[1], a[2], a[3], a[4], a[5]);

	_exit((r < 0 ? -errno : (int)r) == row->result ? 0 : 1);
}

static void test_call(void **state)
{
	const struct row *row = *state;
	int socket, status = end_with(start(call, row, &socket));

	assert_int_equal(close(socket), 0);
	if (row->result == INT_MIN) {
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGSYS);
	} else {
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
}

static void answer(const void *context)
{
	pthread_t threads[4];
	char byte = 0;
	struct iovec part = { &byte, 1 };
	const struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	(void)context;
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
		if (pthread_create(&threads[i], NULL, nothing, NULL) != 0)
			_exit(2);
	}
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
		if (pthread_join(threads[i], NULL) != 0)
			_exit(3);
	}
	if (sendmsg(ISOLATE_REPORT, &message, MSG_NOSIGNAL) != 1)
		_exit(4);
	(void)!read(ISOLATE_REPORT, &byte, 1); /* until the test has looked */
	_exit(0);
}

static void status_field(pid_t pid, const char *name, char *ret, size_t size)
{
	char path[64], line[256], format[32];
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", pid);
	(void)snprintf(format, sizeof(format), "%s: ", name);
	ret[0] = '\0';
	file = fopen(path, "re");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, format, strlen(name) + 1) == 0)
			(void)snprintf(ret, size, "%.*s",
				       (int)strcspn(line + strlen(name) + 2, "\n\t"),
				       line + strlen(name) + 2);
	}
	assert_int_equal(fclose(file), 0);
}

static void test_rights(void **state)
{
	static const char *const sets[] = { "CapInh", "CapPrm", "CapEff", "CapAmb" };
	int socket;
	pid_t child = start(answer, NULL, &socket);
	char byte, text[256];

	(void)state;
	assert_int_equal(recv(socket, &byte, 1, 0), 1);
	status_field(child, "Seccomp", text, sizeof(text));
	assert_string_equal(text, "2");
	status_field(child, "NoNewPrivs", text, sizeof(text));
	assert_string_equal(text, "1");
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		status_field(child, sets[i], text, sizeof(text));
		assert_string_equal(text, "0000000000000000");
	}
	status_field(child, "Uid", text, sizeof(text));
	assert_string_not_equal(text, "0");
	assert_int_equal(close(socket), 0);
	assert_int_equal(end_with(child), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_rights) };

	return RUN_TABLE(rows, test_call) +
	       cmocka_run_group_tests_name("reader", tests, NULL, NULL);
}
