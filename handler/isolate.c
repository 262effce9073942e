/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/cleanup.h"
#include "handler/isolate.h"
#include "handler/isolate_caps.h"
#include "handler/isolate_domain.h"
#include "handler/isolate_helper.h"
#include "handler/isolate_landlock.h"
#include "handler/isolate_limit.h"
#include "handler/isolate_seccomp.h"
#include "handler/isolate_user.h"

/* Below it the kernel's own headers of a large core do not fit (CORE_HEADER_MAX of filter/core.h). */
#define MEMORY_MIN (UINT64_C(1) << 30)

#ifdef __SANITIZE_ADDRESS__
/* LeakSanitizer attaches to its own process, which a non-dumpable one forbids. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

static int ensure_open(int fd, int flags)
{
	int null;

	if (fcntl(fd, F_GETFD) >= 0)
		return 0;
	null = open("/dev/null", flags); /* the lowest free number is fd */
	if (null < 0)
		return -errno;
	return null == fd ? 0 : -EBADF;
}

int isolate_start(bool *ret_stderr)
{
	int r;

	*ret_stderr = fcntl(STDERR_FILENO, F_GETFD) >= 0;
	r = ensure_open(STDIN_FILENO, O_RDONLY);
	if (r == 0)
		r = ensure_open(STDOUT_FILENO, O_WRONLY);
	if (r == 0)
		r = ensure_open(STDERR_FILENO, O_WRONLY);
	if (r < 0)
		return r;
	(void)umask(0077);
	(void)signal(SIGPIPE, SIG_IGN); /* a worker that died is seen by its report */
	(void)signal(SIGXFSZ, SIG_IGN); /* beyond RLIMIT_FSIZE a write says EFBIG */
	/*
	 * A machine that goes down sends it to all, and SIGKILL later: until then the dump may be done. Who
	 * blocks it can wait for it still (handler/load.c).
	 */
	(void)signal(SIGTERM, SIG_IGN);
	/* nothing is executed, so nothing is lost; children have it, too */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return prctl(PR_SET_DUMPABLE, 0) < 0 ? -errno : 0;
}

/* Move fd to number `to`; where there is none, close what is at `to`. */
static int place(int fd, int to)
{
	if (fd < 0)
		return close(to) < 0 && errno != EBADF ? -errno : 0;
	return dup2(fd, to) < 0 ? -errno : 0;
}

static int keep_descriptors(const struct isolate_fds *fds)
{
	const struct {
		int from, to;
	} moves[] = {
		{ fds->core, ISOLATE_CORE },	   { fds->file, ISOLATE_FILE },
		{ fds->report, ISOLATE_REPORT },   { fds->memory, ISOLATE_MEMORY },
		{ fds->pagemap, ISOLATE_PAGEMAP }, { fds->status, ISOLATE_STATUS },
	};
	int away[ARRAY_SIZE(moves)];
	int r = 0;

	/* first out of the way of each other's numbers */
	for (size_t i = 0; i < ARRAY_SIZE(moves); i++) {
		away[i] = moves[i].from < 0 ? -1 : fcntl(moves[i].from, F_DUPFD, 16);
		if (moves[i].from >= 0 && away[i] < 0)
			return -errno;
	}
	for (size_t i = 0; i < ARRAY_SIZE(moves) && r == 0; i++)
		r = place(away[i], moves[i].to);
	return r == 0 ? isolate_close(ISOLATE_FDS, INT_MAX) : r;
}

/*
 * No descriptor beside those that are there, no process beside this one. What is written at the
 * end needs the first; the sanitizers' shadow needs more memory than there is.
 */
static int limit_resources(const struct isolate_limits *limits)
{
	uint64_t memory = limits->memory;
	int r = isolate_limit(RLIMIT_NPROC, 0);

	if (r == 0)
		r = isolate_limit(RLIMIT_CPU, limits->cpu);
#ifndef ISOLATE_WRITES_FILES
	if (r == 0)
		r = isolate_limit(RLIMIT_NOFILE, 0);
	if (r == 0 && limits->file != UINT64_MAX)
		r = isolate_limit(RLIMIT_FSIZE, limits->file);
#endif
#ifndef __SANITIZE_ADDRESS__
	if (r == 0 && memory > 0)
		r = isolate_limit(RLIMIT_DATA, memory < MEMORY_MIN ? MEMORY_MIN : memory);
#endif
	(void)memory; /* with sanitizers */
	return r;
}

/*
 * A change of ids takes back both (kernel/cred.c, commit_creds()): it makes a process dumpable
 * by suid_dumpable, and it outlives its parent, without which nobody publishes what it writes.
 */
static int stay_hidden(void)
{
	return prctl(PR_SET_DUMPABLE, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0
		       ? -errno
		       : 0;
}

/* May raise SIGSYS from here on. */
static int confine(isolate_forbidden forbidden, const char **ret_missing)
{
	const struct sigaction told = { .sa_sigaction = forbidden,
					.sa_flags = SA_SIGINFO };
	int r;

	if (sigaction(SIGSYS, &told, NULL) < 0)
		return -errno;
	r = isolate_seccomp();
	if (r != -ENOSYS)
		return r;
	*ret_missing =
		"the kernel has no filters of system calls (CONFIG_SECCOMP_FILTER): "
		"the worker had ids, capabilities and limits alone to hold it";
	return 0;
}

int isolate_reader(void)
{
	return isolate_caps_drop(ISOLATE_CAPS_READ);
}

int isolate_parent(void)
{
	return isolate_caps_drop(ISOLATE_CAPS_CHILD);
}

int isolate_keeper(void)
{
	return isolate_caps_drop(ISOLATE_CAPS_NONE);
}

int isolate_worker(const struct isolate_fds *fds, struct isolate_domain *ret_domain)
{
	int r = keep_descriptors(fds);

	if (r < 0)
		return r;
	isolate_domain_open(ISOLATE_ANCHOR + 1, ret_domain);
#ifndef ISOLATE_WRITES_FILES
	r = isolate_landlock();
	if (r == -ENOSYS || r == -EOPNOTSUPP)
		r = 0;
#endif
	return r;
}

int isolate_ids(const struct isolate_user *user)
{
	int r = 0;

	if (geteuid() == 0)
		r = isolate_user_become(
			user); /* and the capabilities, by leaving uid 0 */
	if (r == 0)
		r = isolate_caps_drop(ISOLATE_CAPS_NONE);
	return r == 0 ? stay_hidden() : r;
}

const char *isolate_domain(struct isolate_domain *domain)
{
	if (isolate_domain_enter(domain) == 0)
		return NULL;
	return "the worker was refused a domain of its own by SELinux or AppArmor, and had "
	       "the handler's: the policy that is loaded is older than dumpd, or was changed";
}

int isolate_rights(const struct isolate_limits *limits, isolate_forbidden forbidden,
		   const char **ret_missing)
{
	int r = limit_resources(limits);

	*ret_missing = NULL;
	return r == 0 ? confine(forbidden, ret_missing) : r;
}

bool isolate_is_done(void)
{
	return isolate_caps_none() && (uid_t)syscall(SYS_geteuid) != 0 &&
	       isolate_seccomp_holds();
}
