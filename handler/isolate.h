/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation: who may do what.
 *
 * 1. isolate_start(), first of all: descriptors 0 to 2 are made to exist (the kernel starts a
 *    handler with 1 and 2 closed, and the first open() would become standard output), the
 *    handler is made non-dumpable, so that it cannot be its own next crash, SIGTERM ends no dump,
 *    umask 077, and no_new_privs, for it and the worker: neither executes anything.
 * 2. isolate_reader(), at once after it: root still, of whose some 40 capabilities these stay
 *       CAP_SYS_PTRACE        to open what /proc/PID has of any process: mem, maps, environ, exe,
 *                             fd; to ask kcmp(2) and get_robust_list(2) about any; and for a
 *                             userfaultfd that holds the kernel's own faults (4.)
 *       CAP_DAC_READ_SEARCH   since these files and directories are their owner's alone
 *       CAP_SETUID, SETGID    for the worker to become somebody else
 *       CAP_KILL              to end it then, and to ask a pidfd whether its process lives
 *    and these do not: CAP_SETPCAP, once the bounding set is empty; CAP_DAC_OVERRIDE, CHOWN,
 *    FOWNER, as store, dumps and /dev/kmsg are root's; CAP_SYS_RESOURCE, NICE, SYSLOG, ADMIN, as
 *    what the handler asks for is everybody's right (a lower priority, a larger oom_score_adj, to
 *    write to the kernel's log).
 *    It reads the configuration and /proc, opens the store, and forks the worker. Where more
 *    than that is left, it forks none: the core is not read, and the record says so. Before, for some
 *    milliseconds, it has children with its rights, but without the core, for reads that may hang: of /proc/PID
 *    (handler/process_details.h), and of other processes (handler/process_sharing.h).
 * 3. isolate_worker(), in the child, before a byte of the core is read: only the descriptors
 *    that it works with stay open, the crashed process' memory among them (to read, and only
 *    of a process that dumps core: handler/process_memory.h); Landlock forbids the rest. Before that it opens
 *    where SELinux and AppArmor are asked for another domain, if the handler is in one (handler/isolate_domain.h).
 * 4. The child opens what only root may: a userfaultfd (handler/anchor.h), and registers the one page that it
 *    holds back.
 * 5. isolate_ids(): user dumpd, or nobody where there is none; no groups, no capabilities. What is
 *    left is read back, and the worker ends itself if that is not exactly nothing. Then isolate_domain(): the
 *    worker's own domain, which allows none of what was done until here. Where the policy knows none, as it is
 *    older than the handler, the worker stays in the handler's, and the record says so.
 * 6. The child starts what a worker without rights may not: threads that wait (handler/pool.h).
 *    Before 5. each would have to change its ids, too, which takes a signal to it for each id.
 * 7. isolate_rights(): limits that allow no further descriptor, no further process or thread, and no
 *    more memory than a share of what there is, no more of the file than the disk has for it, and no more time of
 *    the processors than the parent waits for it (handler/watch.h). At last, in all threads, the system
 *    calls that it needs and no others (handler/isolate_seccomp.h). Each thread reads back what holds
 *    for it before it works: isolate_is_done().
 * 8. isolate_parent(), in the parent, when it has started the worker: three are left. CAP_KILL, as the
 *    worker dies with its parent (5., PR_SET_PDEATHSIG), and for the kernel that signal is one that
 *    the parent sends, to another user's process. CAP_SETUID and SETGID, as of what a worker wrote that
 *    was killed a second child makes a dump (handler/mend.h): it goes through 3., 5. and 7., with the
 *    file and a report alone. Meanwhile the parent waits, and checks a report.
 * 9. isolate_keeper(), when the last child has ended: no capability. What is left to do is done to
 *    root's own files: to publish, to write to the journal's socket or to the kernel's log. The
 *    parent never looks at the core: nothing that main() reaches but worker_run() and mend_run() has
 *    code for ELF or zstd (tests/lint/parent).
 *
 * A container may have fewer capabilities, and a developer's own run has none: what is not there is
 * not missed, but without CAP_SETUID and SETGID root has no worker.
 *
 * No other file may change ids, capabilities, prctl state or resource limits (tests/lint/arrows). Of
 * this one's parts, isolate_*.c, nobody else includes a header but for a system call's name.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

/* The worker's descriptors after isolate_worker(). */
enum isolate_fd {
	ISOLATE_CORE = 0,
	ISOLATE_FILE = 3,
	ISOLATE_REPORT = 4,
	ISOLATE_MEMORY = 5, /* /proc/PID/mem */
	ISOLATE_PAGEMAP = 6, /* /proc/PID/pagemap */
	ISOLATE_STATUS = 7, /* /proc/PID/task/TID/status */
	ISOLATE_FDS,
	ISOLATE_ANCHOR =
		ISOLATE_FDS, /* of handler/anchor.h, which the worker opens itself */
};

/* What the parent has open for a child; the report must be there. */
struct isolate_fds {
	int core, file, report, memory, pagemap, status; /* -1: there is none */
};

struct isolate_user {
	unsigned int uid, gid;
};

/* A label of SELinux' has some 40 bytes, with lists of categories a few hundred. */
#define ISOLATE_DOMAIN_MAX 1024

/* A domain that the worker is to enter: of isolate_worker(), for isolate_domain(). */
struct isolate_domain {
	int fd; /* what is written to; -1: there is none to enter, or */
	int error; /* negative errno: why it cannot be asked for */
	size_t n;
	char change[ISOLATE_DOMAIN_MAX]; /* n bytes to write */
};

/*
 * Is told by SIGSYS of a system call that is not allowed, and must not return: si_syscall has its
 * number. It may make those that are; another that is not ends the process by SIGSYS.
 */
typedef void (*isolate_forbidden)(int number, siginfo_t *info, void *context);

/* *ret_stderr: somebody can read standard error. Return: 0 or negative errno. */
int isolate_start(bool *ret_stderr) _must_check_;

/* Return: 0, -EPERM if more is left than stage 2 says, or negative errno. */
int isolate_reader(void) _must_check_;

/* Where the worker goes: user dumpd of /etc/passwd, else nobody. */
void isolate_find_user(struct isolate_user *ret);

/*
 * In the child. fds become the descriptors above, all others are closed, but for one of *ret_domain that
 * isolate_domain() closes. Return: 0 or negative errno, then nothing may be read.
 */
int isolate_worker(const struct isolate_fds *fds,
		   struct isolate_domain *ret_domain) _must_check_;

/* After isolate_worker(), before any thread was started. Return as above. */
int isolate_ids(const struct isolate_user *user) _must_check_;

/*
 * After isolate_ids(), before any thread was started. Return: NULL, or for people that the worker stays in the
 * handler's domain, which is no reason to lose a dump.
 */
const char *isolate_domain(struct isolate_domain *domain) _must_check_;

struct isolate_limits {
	uint64_t memory; /* bytes that it may have; 0: no limit */
	uint64_t file; /* bytes that a file may have; UINT64_MAX: no limit */
	uint64_t cpu; /* seconds, of all processors together */
};

/*
 * After the last thread was started: limits and system calls. *ret_missing: what this kernel cannot forbid, for people; NULL. Return as above.
 */
int isolate_rights(const struct isolate_limits *limits, isolate_forbidden forbidden,
		   const char **ret_missing) _must_check_;

/*
 * A child of dumpctl that reads stored dumps, which are as hostile as a core (dumpctl/reader.h): all of this at once.
 * socket becomes ISOLATE_REPORT, all other descriptors are closed, 1 and 2 lead nowhere. User and group dumpd where
 * root may give up its own, no capabilities, no_new_privs, limits, Landlock, a filter of system calls by which it
 * reads, writes and cuts what it is handed, and begins threads. It ends with its parent. May raise SIGSYS from then on.
 * Return: 0 or negative errno, then nothing may be read.
 */
int isolate_dump_reader(int socket) _must_check_;

/* What holds for the calling thread: it has no capabilities, is not root, and is confined. */
bool isolate_is_done(void);

/* Stages 8 and 9, of the parent. Return: 0, -EPERM if more is left, or negative errno. */
int isolate_parent(void) _must_check_;
int isolate_keeper(void) _must_check_;
