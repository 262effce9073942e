/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/io.h"
#include "dumpctl/debug_reach.h"

/* Of one call of sendfile(2), which copies no more than 2 GiB. */
#define COPY_STEP (1 << 30)

/* In the child: a byte for each choice, 1 where its file can be read. A FIFO for it is no file, and was never chosen. */
static _noreturn_ void answer(const struct debug_choices *choices,
			      const struct isolate_user *user, int to)
{
	int r = isolate_debugger_look(user);

	for (size_t i = 0; i < choices->count && r == 0; i++) {
		const struct debug_choice *choice = &choices->list[i];
		uint8_t yes = choice->shown && access(choice->file.path, R_OK) == 0;

		r = io_write_full(to, &yes, 1);
	}
	_exit(r == 0 ? 0 : 1);
}

static int end_of(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EPERM;
}

/* Who may read it only that user can tell: modes, lists, file systems and policies have a say. */
static int ask(const struct debug_choices *choices, const struct isolate_user *user,
	       uint8_t *readable)
{
	_cleanup_fd_ int from = -1;
	int pipes[2], r;
	ssize_t n;
	pid_t child;

	if (pipe2(pipes, O_CLOEXEC) < 0)
		return -errno;
	from = pipes[0];
	child = fork();
	if (child == 0)
		answer(choices, user, pipes[1]);
	(void)close(pipes[1]); /* nothing was written to it here */
	if (child < 0)
		return -errno;
	n = io_read_full(from, readable, choices->count);
	r = end_of(child);
	return r == 0 && n != (ssize_t)choices->count ? -EIO : r;
}

/* A descriptor alone does not help: a debugger opens /proc/self/fd/N, for which the file's mode is asked again. */
static int copy(const struct debug_sysroot *temporary, const struct isolate_user *user,
		int from)
{
	_cleanup_fd_ int to = debug_sysroot_scratch(temporary);
	ssize_t n = 1;

	if (to < 0)
		return to;
	while (n > 0)
		n = sendfile(to, from, NULL, COPY_STEP);
	if (n < 0 || fchown(to, user->uid, user->gid) < 0)
		return -errno;
	return TAKE_FD(to);
}

/*
 * The very file that is handed over has the build-id: since it was chosen another may have got its path, or a
 * directory of it become a link.
 */
static int open_module(const struct debug_core *core, const struct debug_choice *choice)
{
	_cleanup_fd_ int fd = open(choice->file.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
							      O_NOCTTY | O_CLOEXEC);
	struct build_id id;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) ||
	    debug_file_compare(core, choice->module, fd, &id) != DEBUG_RIGHT)
		return -EACCES;
	return TAKE_FD(fd);
}

static int hand_over(const struct debug_core *core, const struct isolate_user *user,
		     const struct debug_sysroot *temporary, struct debug_choice *choice,
		     struct debug_reach *reach)
{
	_cleanup_fd_ int fd = -1;
	struct stat st;

	if (!choice->module || choice->file.verdict != DEBUG_RIGHT)
		return -EACCES;
	if (reach->n == ARRAY_SIZE(reach->fds))
		return -EMFILE;
	fd = open_module(core, choice);
	if (fd < 0 || fstat(fd, &st) < 0)
		return fd < 0 ? fd : -errno;
	if (!(st.st_mode & S_IROTH)) {
		int own = copy(temporary, user, fd);

		if (own < 0)
			return own;
		(void)close(fd); /* only read */
		fd = own;
	}
	if (asprintf(&choice->given, "/proc/self/fd/%zu",
		     ISOLATE_DEBUGGER_FDS + reach->n) < 0) {
		choice->given = NULL;
		return -ENOMEM;
	}
	reach->fds[reach->n++] = TAKE_FD(fd);
	return 0;
}

int debug_reach_limit(const struct debug_core *core, const struct isolate_user *user,
		      const struct debug_sysroot *temporary,
		      struct debug_choices *choices, struct debug_reach *reach)
{
	_cleanup_free_ uint8_t *readable = calloc(choices->count + 1, 1);
	int r = readable ? ask(choices, user, readable) : -ENOMEM;

	for (size_t i = 0; i < choices->count && r == 0; i++) {
		struct debug_choice *choice = &choices->list[i];

		if (!choice->shown || readable[i])
			continue;
		choice->file.error = hand_over(core, user, temporary, choice, reach);
		choice->barred = choice->file.error < 0;
		choice->shown = !choice->barred;
	}
	return r;
}

void debug_reach_done(struct debug_reach *reach)
{
	for (size_t i = 1; i < reach->n; i++)
		(void)close(reach->fds[i]); /* only read, or written by nobody any more */
	reach->n = 0;
}
