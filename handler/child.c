/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>

#include "handler/child.h"
#include "handler/isolate.h"

/* Status of a worker that could not isolate itself: it has read nothing. */
#define STATUS_NOT_ISOLATED 100

static _noreturn_ void worker(const struct worker_job *job,
			      const struct isolate_user *user, int report_fd)
{
	const struct isolate_fds fds = {
		.core = STDIN_FILENO,
		.file = job->file_fd,
		.report = report_fd,
		.memory = job->process->memory.mem_fd,
		.pagemap = job->process->memory.pagemap_fd,
	};

	if (isolate_worker(user, &fds) < 0)
		_exit(STATUS_NOT_ISOLATED);
	_exit(worker_run(job));
}

static void fail(struct report *report, const char *what, int number)
{
	report_init(report);
	report->outcome = REPORT_FAILED;
	report_say(report, "%s %d", what, number);
}

static pid_t start(const struct worker_job *job, int pipe_fds[2])
{
	struct isolate_user user;
	pid_t pid;

	isolate_find_user(&user);
	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		worker(job, &user, pipe_fds[1]);
	return pid < 0 ? -errno : pid;
}

static int wait_for(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return 0;
	}
	return status;
}

static void collect(pid_t pid, int report_fd, struct report *ret)
{
	int r = report_receive(report_fd, ret);
	int status = wait_for(pid);

	if (WIFSIGNALED(status))
		fail(ret, "the worker was killed by signal", WTERMSIG(status));
	else if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_NOT_ISOLATED)
		fail(ret, "the worker could not give up its rights: status",
		     WEXITSTATUS(status));
	else if (r == -EBADMSG)
		fail(ret, "the worker's report is not valid: status", status);
	else if (r < 0)
		fail(ret, "the worker ended without a report: status", status);
}

void child_run(const struct worker_job *job, struct report *ret)
{
	int pipe_fds[2] = { -1, -1 };
	pid_t pid = start(job, pipe_fds);

	(void)close(STDIN_FILENO); /* the worker has it */
	if (pipe_fds[1] >= 0)
		(void)close(pipe_fds[1]); /* nothing was written here */
	if (pid < 0)
		fail(ret, "the worker could not be started: error", (int)-pid);
	else
		collect(pid, pipe_fds[0], ret);
	if (pipe_fds[0] >= 0)
		(void)close(pipe_fds[0]); /* read only */
}
