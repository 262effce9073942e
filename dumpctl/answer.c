/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "dumpctl/answer.h"

/* What the handler says first; nothing more is read. */
static const char expected[] = "dumpd ";
#define EXPECTED_LENGTH (sizeof(expected) - 1)

static int64_t now_ms(void)
{
	return clock_usec(CLOCK_MONOTONIC) / 1000;
}

static _noreturn_ void become(const char *path, int out)
{
	char option[] = "--version";
	char *argv[] = { (char *)path, option, NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* A group of its own: what it starts ends with it. */
	(void)setpgid(0, 0);
	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
	    dup2(null, STDERR_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
		execv(path, argv);
	_exit(127);
}

/* The first bytes of what it prints. Return: 0, -ENOEXEC, -ETIMEDOUT, negative errno. */
static int listen_to(int fd)
{
	int64_t until = now_ms() + ANSWER_MS;
	char text[EXPECTED_LENGTH] = { 0 };
	size_t n = 0;

	while (n < sizeof(text)) {
		struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
		int64_t left = until - now_ms();
		ssize_t r;

		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&poll_fd, 1, (int)left) <= 0)
			continue; /* the time decides; a signal is no answer */
		r = read(fd, text + n, sizeof(text) - n);
		if (r < 0)
			return -errno;
		if (r == 0)
			return -ENOEXEC;
		n += (size_t)r;
	}
	return memcmp(text, expected, sizeof(text)) == 0 ? 0 : -ENOEXEC;
}

static void end(pid_t child)
{
	/* The group is not there before the child made it. */
	if (kill(-child, SIGKILL) < 0)
		(void)kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}

int answers_as_handler(const char *path)
{
	_cleanup_fd_ int in = -1;
	int pipes[2], r;
	pid_t child;

	if (strcmp(path, HANDLER_PATH) == 0)
		return 0;
	if (pipe2(pipes, O_CLOEXEC) < 0)
		return -errno;
	in = pipes[0];
	(void)fflush(NULL); /* or the child would print it again */
	child = fork();
	if (child == 0)
		become(path, pipes[1]);
	r = child < 0 ? -errno : 0;
	(void)close(pipes[1]); /* or the end would not be seen */
	if (r < 0)
		return r;
	r = listen_to(in);
	end(child);
	return r;
}
