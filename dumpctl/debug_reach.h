/* SPDX-License-Identifier: MIT */
/*
 * Files that root may read, and the debugger's user may not. A module with the build-id of the one that crashed is handed
 * over as a descriptor, for whoever has a build-id has that program; the debugger opens it at /proc/self/fd/N. Where not
 * its directories are in the way, but its own mode, that is a descriptor of a copy, without a name, that belongs
 * to the user. Nothing else is handed over: which files of data are mapped, a dump says as it likes, /etc/shadow
 * among them, and a first page that is the same proves no right to the others.
 */
#pragma once

#include "dumpctl/debug_choice.h"
#include "dumpctl/debug_sysroot.h"
#include "handler/isolate_debugger.h"

/* What the debugger gets beside its standard input, output and error. */
struct debug_reach {
	int fds[ISOLATE_DEBUGGER_FDS_MAX]; /* the n-th is its descriptor ISOLATE_DEBUGGER_FDS + n; the first: the core's */
	size_t n;
};

/*
 * Which of the choices are not shown for that reason, and which are handed over. reach has the core. Return: 0 or
 * negative errno.
 */
int debug_reach_limit(const struct debug_core *core, const struct isolate_user *user,
		      const struct debug_sysroot *temporary,
		      struct debug_choices *choices,
		      struct debug_reach *reach) _must_check_;

/* But for the core, which is the caller's. */
void debug_reach_done(struct debug_reach *reach);
