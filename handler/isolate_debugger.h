/* SPDX-License-Identifier: MIT */
/*
 * What `dumpctl debug` of root gives up for a debugger: it reads what a crashed program wrote, has been written for
 * who owns that program, and is not ours. For dumpctl; handler/isolate.h is the handler's.
 *
 * It has a user of its own, not the worker's, whose processes it could end otherwise. The kernel keeps that user from
 * root's processes and files (kill(2), ptrace(2), /etc/shadow) as it does any other, and two debuggers of
 * that user not from each other. It gains no rights by starting a setuid program (no_new_privs), has no descriptor
 * that it was not given and no key of root's session keyring, and ends with dumpctl.
 *
 * Without network is: it may make no socket (handler/isolate_seccomp.h). A network namespace would take CAP_SYS_ADMIN,
 * which root lacks in many a container, and leave it all the sockets that have a path, D-Bus among them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "handler/isolate.h"

#define ISOLATE_DEBUGGER_USER "dumpd-debug"

/* The first of its descriptors beside standard input, output and error. */
#define ISOLATE_DEBUGGER_FDS 3
/* At most so many: the core, and files that the debugger may not open itself. Few processes map any. */
#define ISOLATE_DEBUGGER_FDS_MAX 65

/* The user above. Return: 0; -ENOENT: there is none; -EEXIST: it is the worker's, too. */
int isolate_debugger_find(struct isolate_user *ret) _must_check_;

struct isolate_debugger {
	struct isolate_user user;
	pid_t parent; /* with which it ends */
	const int *
		fds; /* get numbers from ISOLATE_DEBUGGER_FDS on, and stay open; all others are closed */
	size_t n;
	bool network;
};

/*
 * In the child that becomes the debugger. Return: 0; -ENOSYS: the kernel cannot keep it from the network; or
 * negative errno: it must not be started.
 */
int isolate_debugger(const struct isolate_debugger *debugger) _must_check_;

/* In a child that does something as that user, and starts no program. Return: 0 or negative errno. */
int isolate_debugger_look(const struct isolate_user *user) _must_check_;

/*
 * What the debugger started, and left behind, becomes a child of the caller's, which can find and end it then. A kernel
 * that cannot do that (before 3.4) is none that is supported.
 */
void isolate_debugger_adopt(void);
