/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "dumpctl/debug_home.h"
#include "handler/isolate_debugger.h"

/* Descriptors that removing may hold. */
#define REMOVE_FDS 16

/* Processes that start others as fast as they are ended are not waited for: some seconds in all. */
#define ROUNDS	 1000
#define ROUND_NS 1000000
#define SECONDS	 10

/* Numbers of children, each with a space: more than a caller has. */
#define CHILDREN_MAX (1 << 20)

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	if (ftw->level > 0)
		(void)(type == FTW_DP ? rmdir(path)
				      : unlink(path)); /* rmdir() says what is left */
	return 0;
}

/* The caller's children that this user may end: no others are that user's. Return: how many there were. */
static size_t end_children(int task)
{
	_cleanup_free_ char *text = NULL;
	size_t size, n = 0;
	char *p, *end;
	long pid;

	if (io_read_file(task, "children", CHILDREN_MAX, &text, &size) < 0)
		return 0; /* CONFIG_PROC_CHILDREN */
	for (p = text; (pid = strtol(p, &end, 10)) > 0; p = end)
		n += pid != getpid() && kill((pid_t)pid, SIGKILL) == 0;
	return n;
}

/* In the child, which an alarm ends where there is no end of files. task: of its parent. */
static _noreturn_ void tidy(const char *home, int task, const struct isolate_user *user)
{
	const struct timespec pause = { .tv_nsec = ROUND_NS };

	(void)signal(SIGALRM, SIG_DFL);
	(void)alarm(SECONDS);
	if (isolate_debugger_look(user) < 0)
		_exit(1);
	for (int i = 0; i < ROUNDS && end_children(task) > 0; i++)
		(void)nanosleep(&pause, NULL);
	(void)nftw(home, remove_one, REMOVE_FDS, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	_exit(0);
}

/* Ended processes count as children until they are waited for. */
static int wait_for(pid_t child)
{
	pid_t ended;
	int status;

	do {
		ended = waitpid(-1, &status, 0);
		if (ended < 0 && errno != EINTR)
			return -errno;
	} while (ended != child);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EBUSY;
}

/* Opened by root: to others /proc may not show root's processes (hidepid=). */
static int open_task(void)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%d", getpid()); /* fits */
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int debug_home_remove(const char *home, const struct isolate_user *user)
{
	_cleanup_fd_ int task = open_task();
	pid_t child;
	int r;

	if (task < 0)
		return task;
	child = fork();
	if (child == 0)
		tidy(home, task, user);
	r = child < 0 ? -errno : wait_for(child);
	/* what is in it by now is not looked at */
	if (r == 0 && rmdir(home) < 0 && errno != ENOENT)
		r = -errno;
	return r;
}
