/* SPDX-License-Identifier: MIT */
/*
 * What Landlock alone forbids, without a filter of system calls before it; by what the kernel has.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/table.h"

#include "handler/isolate_landlock.h"

/* Not 0, nor any errno. */
#define SKIPPED 200

struct row {
	const char *name;
	int (*attempt)(void); /* 0 or errno */
	int version; /* of Landlock, since which it is refused */
	int refusal;
};

static int file; /* open before, of mode 0600 */
static pid_t parent;

static int error_of(long result)
{
	return result < 0 ? errno : 0;
}

static int read_file(void)
{
	return error_of(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
}

static int read_directory(void)
{
	return error_of(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

static int write_file(void)
{
	return error_of(open("/dev/null", O_WRONLY | O_CLOEXEC));
}

static int make_file(void)
{
	return error_of(open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
}

static int make_directory(void)
{
	return error_of(mkdir("/tmp/dumpd-test-landlock", 0700));
}

static int execute(void)
{
	return error_of(execl("/bin/true", "true", NULL));
}

static int bind_port(void)
{
	const struct sockaddr_in any = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return error_of(fd < 0 ? fd
			       : bind(fd, (const struct sockaddr *)&any, sizeof(any)));
}

static int signal_parent(void)
{
	return error_of(kill(parent, 0));
}

static int write_open_file(void)
{
	return error_of(pwrite(file, "x", 1, 0));
}

static int shorten_open_file(void)
{
	return error_of(ftruncate(file, 0));
}

static int signal_itself(void)
{
	return error_of(kill(getpid(), 0));
}

static const struct row rows[] = {
	{ "read a file", read_file, 1, EACCES },
	{ "read a directory", read_directory, 1, EACCES },
	{ "write a file", write_file, 1, EACCES },
	{ "make a file", make_file, 1, EACCES },
	{ "make a directory", make_directory, 1, EACCES },
	{ "execute", execute, 1, EACCES },
	{ "bind a port", bind_port, 4, EACCES },
	{ "signal another", signal_parent, 6, EPERM },
	{ "write what is open", write_open_file, 1, 0 },
	{ "shorten what is open", shorten_open_file, 1, 0 },
	{ "signal itself", signal_itself, 1, 0 },
};

static long version_here(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);

	return version < 0 ? -errno : version;
}

static void *in_thread(void *context)
{
	const struct row *row = context;

	_exit(row->attempt());
}

static _noreturn_ void child(const struct row *row, bool thread, int want)
{
	pthread_t id;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || isolate_landlock() != want)
		_exit(SKIPPED + 1);
	if (want < 0) /* without it nothing is refused, and all else is tested */
		_exit(SKIPPED);
	if (!thread)
		_exit(row->attempt());
	(void)pthread_create(&id, NULL, in_thread, (void *)(uintptr_t)row);
	(void)pthread_join(id, NULL);
	_exit(SKIPPED + 2);
}

static void test_row(void **state)
{
	const struct row *row = *state;
	long version = version_here();

	for (int thread = 0; thread < 2; thread++) {
		pid_t pid = fork();
		int status;

		if (pid == 0)
			child(row, thread, version < 0 ? (int)version : 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		if (version < 0)
			assert_int_equal(WEXITSTATUS(status), SKIPPED);
		else if (version >= row->version)
			assert_int_equal(WEXITSTATUS(status), row->refusal);
	}
}

int main(void)
{
	char path[] = "/tmp/dumpd-test-XXXXXX";
	int failed;

	file = mkostemp(path, O_CLOEXEC);
	parent = getpid();
	(void)unlink(path); /* the name is not needed */
	print_message("# Landlock here: %ld\n", version_here());
	failed = file < 0 ? 1 : RUN_TABLE(rows, test_row);
	(void)close(file); /* nothing in it counts */
	return failed;
}
