/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation: who may do what.
 *
 * 1. isolate_start(), first of all: descriptors 0 to 2 are made to exist (the kernel starts a
 *    handler with 1 and 2 closed, and the first open() would become standard output), the
 *    handler is made non-dumpable, so that it cannot be its own next crash, and umask 077.
 * 2. The parent stays root: it reads /proc, opens the store, publishes, tells the journal. It
 *    never looks at the core.
 * 3. isolate_worker(), in the child, before a byte of the core is read: only the descriptors
 *    that it works with stay open, the crashed process' memory among them (to read, and only
 *    of a process that dumps core: handler/process_memory.h); no capability is to be had again
 *    (bounding set, no_new_privs).
 * 4. The child opens what only root may and what a worker without rights may not make: a
 *    userfaultfd (handler/anchor.h), and threads that wait (handler/pool.h).
 * 5. isolate_rights(): user dumpd, or nobody where there is none; no groups, no capabilities, and
 *    limits that allow no further descriptor and no further process or thread. What is left is read
 *    back, by each thread before it works, and the worker ends itself if that is not exactly nothing.
 *
 * No other file may change ids, capabilities, prctl state or resource limits.
 */
#pragma once

#include <stdbool.h>

/* The worker's descriptors after isolate_worker(). */
enum isolate_fd {
	ISOLATE_CORE = 0,
	ISOLATE_FILE = 3,
	ISOLATE_REPORT = 4,
	ISOLATE_MEMORY = 5, /* /proc/PID/mem */
	ISOLATE_PAGEMAP = 6, /* /proc/PID/pagemap */
	ISOLATE_FDS,
	ISOLATE_ANCHOR =
		ISOLATE_FDS, /* of handler/anchor.h, which the worker opens itself */
};

/* What the parent has open for the worker; core and report must be there. */
struct isolate_fds {
	int core, file, report, memory, pagemap; /* -1: there is none */
};

struct isolate_user {
	unsigned int uid, gid;
};

/* *ret_stderr: somebody can read standard error. Return: 0 or negative errno. */
int isolate_start(bool *ret_stderr);

/* Where the worker goes: user dumpd of /etc/passwd, else nobody. */
void isolate_find_user(struct isolate_user *ret);

/*
 * In the child. fds become the descriptors above, all others are closed. Return: 0 or
 * negative errno, then nothing may be read.
 */
int isolate_worker(const struct isolate_fds *fds);

/*
 * After isolate_worker(), and after the last thread was started: ids and capabilities. Return as
 * above.
 */
int isolate_rights(const struct isolate_user *user);

/* What holds for the calling thread: it has no capabilities, and is not root. */
bool isolate_is_done(void);
