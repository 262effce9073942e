/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "handler/isolate_caps.h"
#include "handler/isolate_debugger.h"
#include "handler/isolate_helper.h"
#include "handler/isolate_seccomp.h"
#include "handler/isolate_user.h"

int isolate_debugger_find(struct isolate_user *ret)
{
	struct isolate_user worker, user;

	if (isolate_user_find(ISOLATE_DEBUGGER_USER, &user) < 0)
		return -ENOENT;
	isolate_find_user(&worker);
	if (user.uid == worker.uid)
		return -EEXIST;
	*ret = user;
	return 0;
}

/* First out of the way of each other's numbers. */
static int place_descriptors(const int *fds, size_t n)
{
	int away[ISOLATE_DEBUGGER_FDS_MAX];
	int first = ISOLATE_DEBUGGER_FDS, beyond = first + (int)n;

	if (n > ISOLATE_DEBUGGER_FDS_MAX)
		return -E2BIG;
	for (size_t i = 0; i < n; i++) {
		away[i] = fcntl(fds[i], F_DUPFD, beyond);
		if (away[i] < 0)
			return -errno;
	}
	for (size_t i = 0; i < n; i++) {
		if (dup2(away[i], first + (int)i) < 0)
			return -errno;
	}
	return isolate_close(beyond, INT_MAX);
}

/* Who has a keyring may use its keys, whoever it has become since. Without keys in the kernel nothing is lost. */
static void leave_keyring(void)
{
	(void)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
}

int isolate_debugger_look(const struct isolate_user *user)
{
	int r = isolate_user_become(user);

	if (r == 0)
		r = isolate_caps_drop(ISOLATE_CAPS_NONE);
	/* a change of ids sets both anew; to start a program makes it dumpable */
	if (r == 0 &&
	    (prctl(PR_SET_DUMPABLE, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0))
		r = -errno;
	return r;
}

int isolate_debugger(const struct isolate_debugger *debugger)
{
	int r = place_descriptors(debugger->fds, debugger->n);

	if (r == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		r = -errno;
	if (r == 0)
		r = isolate_debugger_look(&debugger->user);
	if (r == 0 && getppid() != debugger->parent)
		r = -ESRCH; /* it ended before there was a signal for that */
	if (r < 0)
		return r;
	leave_keyring();
	(void)umask(0077);
	return debugger->network ? 0 : isolate_seccomp_connections();
}

void isolate_debugger_adopt(void)
{
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}
