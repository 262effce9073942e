/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>

#include "base/cleanup.h"
#include "handler/isolate.h"
#include "handler/isolate_caps.h"
#include "handler/isolate_limit.h"
#include "handler/isolate_seccomp.h"

/* Its socket, what it was handed for one dump, and what is on the way for the next ones. */
#define DESCRIPTORS_MAX 128

/*
 * To filter anew takes a few times a giant's headers, of 256 MiB (CORE_HEADER_MAX of filter/core.h), and some MiB for
 * each thread.
 */
#define MEMORY_MAX (UINT64_C(4) << 30)

static int limit_resources(void)
{
	int r = isolate_limit(RLIMIT_CORE, 0);

	if (r == 0)
		r = isolate_limit(RLIMIT_NOFILE, DESCRIPTORS_MAX);
#ifndef __SANITIZE_ADDRESS__
	if (r == 0)
		r = isolate_limit(RLIMIT_DATA, MEMORY_MAX);
#endif
	return r;
}

/* What it said there would go to a terminal unescaped. Sanitizers have something to say. */
static int be_silent(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int r = 0;

	if (null < 0)
		return -errno;
	if (dup2(null, STDOUT_FILENO) < 0)
		r = -errno;
#ifndef ISOLATE_WRITES_FILES
	if (r == 0 && dup2(null, STDERR_FILENO) < 0)
		r = -errno;
#endif
	(void)close(null); /* nothing was written */
	return r;
}

/*
 * Root of a user namespace may have no other id to go to, and of some containers no right to: then it is root
 * without capabilities, and the filter holds it all the same.
 */
static int give_up_rights(void)
{
	struct isolate_user user;
	int r;

	isolate_find_user(&user);
	r = isolate_ids(&user);
	if ((r != -EPERM && r != -EINVAL) || geteuid() != 0)
		return r;
	r = isolate_caps_drop(ISOLATE_CAPS_NONE);
	if (r == 0 &&
	    (prctl(PR_SET_DUMPABLE, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0))
		r = -errno;
	return r;
}

int isolate_dump_reader(int socket)
{
	const struct isolate_fds fds = { .core = -1,
					 .file = -1,
					 .report = socket,
					 .memory = -1,
					 .pagemap = -1,
					 .status = -1 };
	struct isolate_domain domain = { .fd = -1 };
	int r = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;

	(void)signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of write() */
	(void)signal(SIGXFSZ, SIG_IGN); /* `ulimit -f' shall be an error */
	(void)signal(SIGSYS, SIG_DFL); /* a call that is not allowed is its end */
	/* of a terminal, to all that run there: dumpctl decides, and this ends with it */
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGQUIT, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	if (r == 0)
		r = be_silent();
	if (r == 0)
		r = isolate_worker(&fds, &domain);
	(void)!isolate_domain(
		&domain); /* closes it: the handler's alone has one to go to */
	if (r == 0)
		r = give_up_rights();
	if (r == 0)
		r = limit_resources();
	if (r == 0)
		r = isolate_seccomp_reader();
	return r == -ENOSYS ? 0 : r; /* this kernel has none: the rest holds it */
}
