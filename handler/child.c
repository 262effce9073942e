/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "base/clock.h"
#include "base/processors.h"
#include "handler/anchor.h"
#include "handler/capture_stock.h"
#include "handler/child.h"
#include "handler/isolate.h"
#include "handler/isolate_seccomp.h"
#include "handler/mend.h"
#include "handler/pool.h"
#include "handler/process_state.h"
#include "handler/watch.h"

/* Status of a worker that could not isolate itself: it has read nothing. */
#define STATUS_NOT_ISOLATED 100

/* A worker that has reported ends at once; to free 8 GiB takes it a second. */
#define PATIENCE 2000000 /* µs */

/* One that does not wait for anything is ending all the same. */
#define PATIENCE_SLOW 30000000 /* µs */

#define SECOND 1000000 /* µs */
#define MIB    (UINT64_C(1) << 20)

#define DETAILS_STEP 20 /* ms */

/* Of a processor's time, where Deadline= is infinity: a day. */
#define FOR_EVER 86400 /* s */

/* The report says which, as nothing else can: a signal's number says only that. */
static _noreturn_ void forbidden(int number, siginfo_t *info, void *context)
{
	struct report report;

	(void)number;
	(void)context;
	report_init(&report);
	report.forbidden = info->si_syscall;
	(void)!report_send(ISOLATE_REPORT,
			   &report); /* then the parent knows the signal */
	(void)syscall(SYS_kill, 0, 0); /* its own end: see isolate_forbidden */
	_exit(STATUS_NOT_ISOLATED);
}

static bool is_for_ever(const struct worker_job *job)
{
	return clock_span(job->deadline) == INT64_MAX;
}

/* A worker that packs has no more threads than there are processors. */
static struct isolate_limits limits_of(const struct worker_job *job)
{
	uint64_t seconds = (uint64_t)(job->packing / SECOND) +
			   (is_for_ever(job) ? FOR_EVER : job->deadline);
	uint64_t most = job->room.most;

	return (struct isolate_limits){
		.memory = job->available / 2,
		.file = most < UINT64_MAX / 2 ? (most / MIB + 2) * MIB : UINT64_MAX,
		.cpu = seconds * processors_count(1),
	};
}

static _noreturn_ void worker(const struct worker_job *job,
			      const struct isolate_user *user, int report_fd)
{
	const struct isolate_fds fds = {
		.core = STDIN_FILENO,
		.file = job->file_fd,
		.report = report_fd,
		.memory = job->process->memory.mem_fd,
		.pagemap = job->process->memory.pagemap_fd,
		.status = job->process->memory.status_fd,
	};

	const struct isolate_limits limits = limits_of(job);
	static struct pool pool;
	static struct stock stock;
	struct isolate_domain domain;
	struct anchor anchor;
	const char *notices[WORKER_NOTICES];

	if (isolate_worker(&fds, &domain) < 0)
		_exit(STATUS_NOT_ISOLATED);
	(void)!anchor_open(ISOLATE_ANCHOR, &anchor); /* without, memory is copied first */
	if (isolate_ids(user) < 0)
		_exit(STATUS_NOT_ISOLATED);
	notices[0] = isolate_domain(&domain);
	/* one more, which only waits: see handler/held.h */
	pool_open(pool_processors() + (anchor.fd >= 0), isolate_is_done, &pool);
	stock_open(job->process->present, isolate_is_done, &stock);
	if (isolate_rights(&limits, forbidden, &notices[1]) < 0)
		_exit(STATUS_NOT_ISOLATED);
	_exit(worker_run(job, &(struct worker_threads){ &pool, &stock }, &anchor,
			 notices));
}

/* It has the facts of the first report, and of all descriptors the file's alone. */
static _noreturn_ void mender(const struct worker_job *job, const struct report *begun,
			      int number, const struct isolate_user *user, int report_fd)
{
	const struct isolate_fds fds = {
		.core = -1,
		.file = job->file_fd,
		.report = report_fd,
		.memory = -1,
		.pagemap = -1,
		.status = -1,
	};
	const struct isolate_limits limits = limits_of(job);
	struct isolate_domain domain;
	const char *missing;

	if (isolate_worker(&fds, &domain) < 0 || isolate_ids(user) < 0)
		_exit(STATUS_NOT_ISOLATED);
	(void)!isolate_domain(&domain); /* the first report has it, as what follows */
	if (isolate_rights(&limits, forbidden, &missing) < 0)
		_exit(STATUS_NOT_ISOLATED);
	_exit(mend_run(begun, number));
}

static void fail(struct report *report, const char *what, int number)
{
	report_init(report);
	report->outcome = REPORT_FAILED;
	report_say(report, "%s %d", what, number);
}

/* begun: NULL, or of the worker that a signal ended, whose number it is. */
static pid_t start(const struct worker_job *job, const struct report *begun, int number,
		   int pipe_fds[2])
{
	struct isolate_user user;
	pid_t pid;

	isolate_find_user(&user);
	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0 && begun)
		mender(job, begun, number, &user, pipe_fds[1]);
	if (pid == 0)
		worker(job, &user, pipe_fds[1]);
	return pid < 0 ? -errno : pid;
}

/* Return: whether it has ended until then. */
static bool ends_until(pid_t pid, int64_t until, int *status)
{
	static const struct timespec moment = { 0, 100000 };

	*status = 0;
	do {
		pid_t r = waitpid(pid, status, WNOHANG);

		if (r == pid || (r < 0 && errno != EINTR))
			return true;
		if (r == 0)
			(void)nanosleep(&moment, NULL); /* shorter is as good */
	} while (clock_usec(CLOCK_MONOTONIC) < until);
	return false;
}

/*
 * With its report, or without one when it was given up, the worker has done its work. A thread of it may
 * hang in a read that not even SIGKILL ends, of a file on a server that is gone: then it is left behind. One that ends
 * slowly, on a busy machine, is waited for. Return: its status, or -EAGAIN.
 */
static int wait_for(pid_t pid)
{
	int64_t since = clock_usec(CLOCK_MONOTONIC), now = since;
	int status;

	if (ends_until(pid, since + PATIENCE, &status))
		return status;
	(void)kill(pid, SIGKILL); /* when its read ends */
	do {
		if (ends_until(pid, now + PATIENCE, &status))
			return status;
		now = clock_usec(CLOCK_MONOTONIC);
	} while (now - since < PATIENCE_SLOW && !process_state_any(pid, 'D'));
	return -EAGAIN;
}

/* All of its threads; the same as before where that cannot be told. */
static int64_t cpu_of(pid_t pid)
{
	clockid_t clock;

	return clock_getcpuclockid(pid, &clock) == 0 ? clock_usec(clock) : 0;
}

/*
 * The worker's word is not enough, where the kernel tells: its dump is over, or the process has ended. What is held is
 * not known where there is no process, as of a core that comes from a file.
 */
static bool is_let_go(const struct worker_job *job, const struct report_inbox *inbox)
{
	int fd = job->process->memory.status_fd;

	return fd < 0 ? inbox->let_go : process_memory_held(fd) == -ESRCH;
}

/* Who may read the dump is decided then. */
static void wait_for_details(struct process_details *details)
{
	struct pollfd fd = { .fd = details->socket, .events = POLLIN };

	while (!process_details_settle(details))
		(void)poll(&fd, 1, DETAILS_STEP); /* failed: as if nothing had come */
}

/* Return: 0; as report_receive(); -ETIMEDOUT: the worker stood still, and was told to end. */
static int receive(const struct worker_job *job, pid_t pid, int report_fd,
		   struct watch *watch, struct report_inbox *inbox)
{
	int r = 0;

	while (r == 0) {
		struct pollfd fds[] = {
			{ .fd = report_fd, .events = POLLIN },
			{ .fd = job->details->socket, .events = POLLIN },
		};

		/* failed: as if nothing had come */
		if (poll(fds, ARRAY_SIZE(fds), WATCH_STEP / 1000) > 0 && fds[0].revents)
			r = report_take(report_fd, inbox);
		(void)process_details_settle(job->details);
		if (!watch->let_go && is_let_go(job, inbox))
			watch_let_go(watch);
		if (r == 0 && watch_hangs(watch, clock_usec(CLOCK_MONOTONIC), cpu_of(pid),
					  process_state_any(pid, 'R')))
			r = -ETIMEDOUT;
	}
	if (r == -ETIMEDOUT)
		(void)kill(pid, SIGKILL); /* ours, and not waited for: it is there */
	return r < 0 ? r : 0;
}

/* What it knew before it wrote memory is told, as where it says itself that there is no dump. */
static void fail_begun(const struct report_inbox *inbox, struct report *ret)
{
	report_init(ret);
	if (inbox->has_begun) {
		*ret = inbox->begun;
		report_release(ret, RELEASE_WAYS, "");
		ret->size_dump = ret->size_header = 0;
	}
	ret->outcome = REPORT_FAILED;
}

/* number: of the worker, by assumption hostile. */
static void fail_forbidden(struct report *ret, int64_t number)
{
	const char *name = number >= 0 && number <= INT_MAX
				   ? isolate_seccomp_name((int)number)
				   : NULL;

	fail(ret, "the worker was killed by signal", SIGSYS);
	if (number >= 0)
		report_say(ret,
			   "it made the system call %" PRId64 " (%s), which it may not",
			   number, name ? name : "without a name");
}

static void say_hanging(const struct watch *watch, struct report *ret)
{
	if (watch_packed_too_long(watch))
		report_say(ret,
			   "the worker was packing for %" PRId64
			   " s, which is too long for what the process had in memory, "
			   "and was ended",
			   watch->packed / SECOND);
	else
		report_say(ret,
			   "Deadline: the worker stood still and was ended; it had %s",
			   watch->let_go ? "let the process go, and was packing"
					 : "not let the process go");
}

static void fail_hanging(const struct worker_job *job, const struct watch *watch,
			 const struct report_inbox *inbox, struct report *ret)
{
	fail_begun(inbox, ret);
	say_hanging(watch, ret);
	if (!watch->let_go)
		ret->held = clock_usec(CLOCK_MONOTONIC) - job->start;
}

/* What one that the filter ended has written is not looked at: see handler/mend.h. */
static bool may_mend(const struct worker_job *job, const struct report_inbox *inbox)
{
	return job->file_fd >= 0 && inbox->has_begun && !inbox->turned;
}

/* No process is held: its time begins now. */
static bool take_mended(const struct worker_job *job, pid_t pid, int report_fd,
			pid_t *left, struct report *ret)
{
	const int64_t now = clock_usec(CLOCK_MONOTONIC);
	struct report_inbox inbox = { .n = 0 };
	struct watch watch;
	int r, status;

	watch_open(MEND_SECONDS, 0, now, now, &watch);
	watch.fixed = true;
	r = receive(job, pid, report_fd, &watch, &inbox);
	status = wait_for(pid);
	*left = status < 0 ? pid : 0;
	*ret = inbox.report;
	return r == 0 && status == 0 && ret->outcome == REPORT_CUT;
}

/* left: as of child_run(). Return: whether there is a dump, and its report. */
static bool mend(const struct worker_job *job, const struct report *begun, int number,
		 pid_t *left, struct report *ret)
{
	int pipe_fds[2] = { -1, -1 };
	pid_t pid = start(job, begun, number, pipe_fds);
	bool mended;

	if (pipe_fds[1] >= 0)
		(void)close(pipe_fds[1]); /* as in child_run() */
	mended = pid > 0 && take_mended(job, pid, pipe_fds[0], left, ret);
	if (pipe_fds[0] >= 0)
		(void)close(pipe_fds[0]);
	return mended;
}

/* By a signal that is not the filter's. */
static void take_killed(const struct worker_job *job, const struct report_inbox *inbox,
			int number, pid_t *left, struct report *ret)
{
	int64_t held = inbox->let_go ? -1 : clock_usec(CLOCK_MONOTONIC) - job->start;

	if (!may_mend(job, inbox) || !mend(job, &inbox->begun, number, left, ret)) {
		fail_begun(inbox, ret);
		report_say(ret, "the worker was killed by signal %d", number);
	}
	ret->held = held;
}

/* One that hangs in the kernel may go on to write: what is in the file is nobody's then. */
static void take_hanging(const struct worker_job *job, const struct watch *watch,
			 const struct report_inbox *inbox, int status, pid_t *left,
			 struct report *ret)
{
	bool dead = status >= 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;

	if (!dead || !may_mend(job, inbox) ||
	    !mend(job, &inbox->begun, SIGKILL, left, ret)) {
		fail_hanging(job, watch, inbox, ret);
		return;
	}
	say_hanging(watch, ret);
	if (!watch->let_go)
		ret->held = clock_usec(CLOCK_MONOTONIC) - job->start;
}

/* The worker does not know how long the parent held the process. */
static void take_report(const struct worker_job *job, const struct report *report,
			struct report *ret)
{
	int64_t held = job->details->let_go - job->start;

	*ret = *report;
	if (ret->held >= 0 && ret->held < held)
		ret->held = held;
}

/* r: of receive(). status: of wait_for(); one that is left behind has told all that it will. */
static void take(const struct worker_job *job, const struct watch *watch,
		 const struct report_inbox *inbox, int r, int status, pid_t *left,
		 struct report *ret)
{
	int signal = status >= 0 && WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (r == 0)
		take_report(job, &inbox->report, ret);
	if (r == -ETIMEDOUT)
		take_hanging(job, watch, inbox, status, left, ret);
	else if (signal == SIGSYS || (r == 0 && ret->forbidden >= 0))
		fail_forbidden(ret, r == 0 ? ret->forbidden : -1);
	else if (signal && r < 0) /* else it had nothing left to do */
		take_killed(job, inbox, signal, left, ret);
	else if (status >= 0 && WIFEXITED(status) &&
		 WEXITSTATUS(status) == STATUS_NOT_ISOLATED)
		fail(ret, "the worker could not give up its rights: status",
		     WEXITSTATUS(status));
	else if (r == -EBADMSG)
		fail(ret, "the worker's report is not valid: status", status);
	else if (r < 0)
		fail(ret, "the worker ended without a report: status", status);
}

/* Return: as child_run(). */
static pid_t collect(const struct worker_job *job, pid_t pid, int report_fd,
		     struct report *ret)
{
	struct report_inbox inbox = { .n = 0 };
	struct watch watch;
	pid_t left = 0;
	int r, status;

	watch_open(job->deadline, job->packing, job->start, clock_usec(CLOCK_MONOTONIC),
		   &watch);
	r = receive(job, pid, report_fd, &watch, &inbox);
	wait_for_details(job->details);
	status = wait_for(pid);
	if (status < 0)
		left = pid;
	take(job, &watch, &inbox, r, status, &left, ret);
	return left;
}

void child_refuse(int error, struct report *ret)
{
	(void)close(STDIN_FILENO); /* read only */
	report_init(ret);
	report_say(
		ret,
		"the handler could not give up its capabilities (%s), so the core was not read",
		strerror(-error));
}

pid_t child_run(const struct worker_job *job, struct report *ret)
{
	int pipe_fds[2] = { -1, -1 };
	pid_t pid = start(job, NULL, 0, pipe_fds);
	int r = isolate_parent();
	pid_t left = 0;

	job->details->core_fd = STDIN_FILENO;
	(void)process_details_settle(job->details);
	if (pipe_fds[1] >= 0)
		(void)close(pipe_fds[1]); /* nothing was written here */
	if (pid < 0)
		fail(ret, "the worker could not be started: error", (int)-pid);
	else
		left = collect(job, pid, pipe_fds[0], ret);
	wait_for_details(job->details); /* where no worker could be started */
	if (pipe_fds[0] >= 0)
		(void)close(pipe_fds[0]); /* read only */
	if (r == 0)
		r = isolate_keeper();
	if (r < 0)
		fail(ret, "the handler could not give up its capabilities: error", -r);
	return left;
}
