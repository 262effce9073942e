/* SPDX-License-Identifier: MIT */
/*
 * What a debugger of root's may do after isolate_debugger(): each row is a child that tries. Without root the
 * ids stay, and what depends on them is not asked.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/table.h"

#include "handler/isolate_debugger.h"

/* Not 0, nor any errno. */
#define NOT_ISOLATED 200
#define WRONG	     201

#define ID 64987

enum network {
	WITHOUT,
	WITH
};

struct row {
	const char *name;
	enum network network;
	int (*attempt)(void); /* 0, errno or WRONG */
	int refusal;
	int killed_by; /* 0: it ends by itself */
};

static int handed[2]; /* descriptors of root's: one of "/", one of a file of mode 0600 */
static pid_t parent;

static int error_of(long result)
{
	return result < 0 ? errno : 0;
}

static int make_socket(void)
{
	return error_of(socket(AF_INET, SOCK_STREAM, 0));
}

static int make_unix_socket(void)
{
	return error_of(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int make_netlink_socket(void)
{
	return error_of(socket(AF_NETLINK, SOCK_RAW, 0));
}

static int pair(int domain, int type)
{
	int fds[2];

	return error_of(socketpair(domain, type, 0, fds));
}

static int make_pair(void)
{
	return pair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK);
}

static int make_packet_pair(void)
{
	return pair(AF_UNIX, SOCK_SEQPACKET);
}

static int make_datagram_pair(void)
{
	return pair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC);
}

static int make_raw_pair(void)
{
	return pair(AF_UNIX, SOCK_RAW);
}

static int make_pair_elsewhere(void)
{
	return pair(AF_TIPC, SOCK_STREAM);
}

static int connect_input(void)
{
	struct sockaddr to = { .sa_family = AF_UNIX };

	return error_of(connect(STDIN_FILENO, &to, sizeof(to)));
}

static int make_ring(void)
{
	char parameters[128] = { 0 };

	return error_of(syscall(SYS_io_uring_setup, 1, parameters));
}

static int take_descriptor(void)
{
	return error_of(syscall(SYS_pidfd_getfd, handed[0], 0, 0));
}

#ifdef __x86_64__
/* socket(), by its number of x32; and getpid() of i386, where the kernel has those. */
static int call_x32(void)
{
	return error_of(syscall(0x40000000 | SYS_socket, AF_INET, SOCK_STREAM, 0));
}

static int call_i386(void)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory");
	return result < 0 ? (int)-result : 0;
}
#endif

static int signal_parent(void)
{
	return error_of(kill(parent, 0));
}

static int read_shadow(void)
{
	return error_of(open("/etc/shadow", O_RDONLY));
}

static int regain_root(void)
{
	return error_of(setuid(0));
}

static int regain_group(void)
{
	gid_t group = 0;

	return error_of(setgroups(1, &group));
}

static int are_private(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 && getuid() == ID &&
			       geteuid() == ID && getgid() == ID &&
			       getgroups(0, NULL) == 0
		       ? 0
		       : WRONG;
}

static int is_directory(int fd)
{
	return fcntl(fd, F_GETFL) & O_DIRECTORY;
}

/* In their order, and without close-on-exec: a debugger is to have them. */
static int are_in_place(void)
{
	int first = ISOLATE_DEBUGGER_FDS;

	if (!is_directory(first) || is_directory(first + 1) ||
	    fcntl(first, F_GETFD) != 0 || fcntl(first + 1, F_GETFD) != 0)
		return WRONG;
	for (int fd = first + 2; fd < 1024; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			return WRONG;
	}
	return 0;
}

static int ends_with_parent(void)
{
	int signal = 0;

	return prctl(PR_GET_PDEATHSIG, &signal) == 0 && signal == SIGKILL ? 0 : WRONG;
}

static const struct row rows[] = {
	{ "a socket", WITHOUT, make_socket, EACCES, 0 },
	{ "a socket with a path", WITHOUT, make_unix_socket, EACCES, 0 },
	{ "a socket of the kernel's", WITHOUT, make_netlink_socket, EACCES, 0 },
	{ "a pair", WITHOUT, make_pair, 0, 0 },
	{ "a pair for packets", WITHOUT, make_packet_pair, 0, 0 },
	{ "a pair for datagrams", WITHOUT, make_datagram_pair, EACCES, 0 },
	{ "a pair, raw", WITHOUT, make_raw_pair, EACCES, 0 },
	{ "a pair of another family", WITHOUT, make_pair_elsewhere, EACCES, 0 },
	{ "connect", WITHOUT, connect_input, EACCES, 0 },
	{ "io_uring", WITHOUT, make_ring, EACCES, 0 },
	{ "another's descriptor", WITHOUT, take_descriptor, EACCES, 0 },
#ifdef __x86_64__
	{ "x32", WITHOUT, call_x32, 0, SIGSYS },
	{ "i386", WITHOUT, call_i386, 0, SIGSYS },
#endif
	{ "with network: a socket", WITH, make_socket, 0, 0 },
	{ "with network: a pair for datagrams", WITH, make_datagram_pair, 0, 0 },
	{ "with network: signal root's process", WITH, signal_parent, EPERM, 0 },
	{ "signal root's process", WITHOUT, signal_parent, EPERM, 0 },
	{ "read what is root's", WITHOUT, read_shadow, EACCES, 0 },
	{ "become root", WITHOUT, regain_root, EPERM, 0 },
	{ "become one of a group", WITHOUT, regain_group, EPERM, 0 },
	{ "ids and no_new_privs", WITHOUT, are_private, 0, 0 },
	{ "descriptors", WITHOUT, are_in_place, 0, 0 },
	{ "ends with its parent", WITHOUT, ends_with_parent, 0, 0 },
};

static _noreturn_ void child(const struct row *row)
{
	const struct isolate_debugger debugger = {
		.user = { ID, ID },
		.parent = parent,
		.fds = handed,
		.n = ARRAY_SIZE(handed),
		.network = row->network == WITH,
	};

	if (isolate_debugger(&debugger) < 0)
		_exit(NOT_ISOLATED);
	_exit(row->attempt());
}

static void test_row(void **state)
{
	const struct row *row = *state;
	pid_t pid;
	int status;

	if (geteuid() != 0)
		skip();
	pid = fork();
	if (pid == 0)
		child(row);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (row->killed_by) {
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), row->killed_by);
		return;
	}
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), row->refusal);
}

/* A debugger whose dumpctl has ended in between is not started. */
static void test_orphan(void **state)
{
	pid_t pid;
	int status;

	(void)state;
	if (geteuid() != 0)
		skip();
	pid = fork();
	if (pid == 0) {
		parent = 1;
		_exit(isolate_debugger(
			      &(struct isolate_debugger){ .user = { ID, ID },
							  .parent = getppid() + 1,
							  .network = true }) == -ESRCH
			      ? 0
			      : WRONG);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest others[] = { cmocka_unit_test(test_orphan) };
	char path[] = "/tmp/dumpd-test-XXXXXX";
	int file = mkostemp(path, O_CLOEXEC), failed;

	parent = getpid();
	(void)unlink(path); /* the name is not needed */
	/* the second has the number that the first is to get */
	handed[1] = fcntl(file, F_DUPFD_CLOEXEC, ISOLATE_DEBUGGER_FDS);
	handed[0] = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	failed = file < 0 || handed[0] < 0 || handed[1] < 0;
	if (!failed)
		failed = RUN_TABLE(rows, test_row) +
			 cmocka_run_group_tests(others, NULL, NULL);
	return failed;
}
