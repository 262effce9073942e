/* SPDX-License-Identifier: MIT */
/*
 * What the crashed process, its thread and its executable are called: by one rule, for the rate limit,
 * the policy, the record and the file's name.
 *
 * The kernel's /proc/PID says it best. core(5)'s %e has `!' for `/' and at most 15 bytes of the thread's
 * name (fs/coredump.c, cn_esc_printf); NT_PRPSINFO has the process' name as it is; NT_FILE has the
 * path that the mapping was made with, which on overlayfs is the layer's, and inside of a chroot the one there.
 */
#pragma once

#include "base/cleanup.h"
#include "handler/args.h"
#include "handler/process.h"
#include "handler/report.h"

/* Longer than any: TASK_COMM_LEN is 16, and the kernel's own workers have up to 64. */
#define PROCESS_NAME_MAX 64

/* Borrowed from the sources; NULL is unknown, a name may be empty. */
struct process_names {
	const char *process; /* of the process, which is its first thread's */
	const char *thread; /* of the crashing thread */
	const char *exe;
	const char *exe_in_core; /* only where the core's map of files has another path */
};

/* report: of the notes; NULL: they are not known yet. */
void process_names_choose(const struct args *args, const struct process *process,
			  const struct report *report, struct process_names *ret);

/* Name of the process for people; never NULL. */
const char *process_names_shown(const struct args *args, const struct process *process);

/* The name in a file comm of /proc. Return: a new string, NULL if it cannot be had. */
char *process_names_read_one(int dirfd, const char *file);

/*
 * Into process->comm and process->thread_comm. dirfd: /proc/PID itself, which has the process' name also
 * where the first thread has ended. tid: of the crashing thread, ARGS_UNKNOWN or 0 if that is not known.
 */
void process_names_read(int dirfd, int64_t tid, struct process *process);
