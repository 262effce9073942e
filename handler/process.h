/* SPDX-License-Identifier: MIT */
/*
 * Facts from /proc/PID, through one directory descriptor, each file capped. Nothing here is
 * needed: a fact that cannot be had is left out.
 *
 * First the few that decide about rate limit and slot, for which nobody can make the reader wait; the others are
 * of handler/process_details.h.
 *
 * Should: be called before the core is read, while the kernel holds the process.
 * Mustn't: open what the crashed process named (cwd, root, exe): links are read, not followed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "handler/args.h"
#include "handler/credentials.h"
#include "handler/process_files.h"
#include "handler/process_locks.h"
#include "handler/process_memory.h"
#include "handler/process_memory_group.h"
#include "handler/process_robust.h"
#include "handler/process_sharing.h"

/* Memory up to which all of it is copied in a few milliseconds, before the process is let go. */
#define PROCESS_SMALL (UINT64_C(32) << 20)

/* The PID namespace of the process, to find who sent its signal: handler/process_sender.h. */
struct process_namespace {
	int fd; /* -1: unknown */
	bool ours; /* the initial one */
};

struct process {
	bool known; /* the process was there and dumping core */
	bool verified; /* %F's pidfd names it, and it lived until the first facts were read */
	int pid_fd; /* /proc/PID */
	int memory_fd; /* the same, or the directory of its crashing thread: what has its memory */
	uint64_t
		missing; /* what was not told in time: bits of handler/process_details.h */
	struct blob files[PROCESS_FILES];
	struct blob open_fds;
	char *comm; /* of the process, "" is one; NULL unknown */
	char *thread_comm; /* of the crashing thread */
	char *exe, *cwd, *root;
	int64_t uid, gid; /* real; -1 unknown */
	char *thread_status; /* of the crashing thread: its status, in which its rights are */
	struct credentials credentials;
	int64_t rlimit; /* soft RLIMIT_CORE; INT64_MAX unlimited, -1 unknown */
	char *cgroup, *unit, *user_unit, *slice, *session;
	int64_t owner_uid;
	int64_t own_mount_namespace; /* 1: in another mount namespace than the handler; -1 unknown */
	int64_t namespace_pid; /* in its own PID namespace, as the core has it; -1 unknown */
	struct process_memory memory; /* for the worker */
	struct process_namespace pid_namespace;

	/* whom it harms if memory is kept when the process was let go, and what then changes in it */
	uint64_t present; /* bytes in memory and in swap; UINT64_MAX unknown */
	struct process_sharing sharing;
	struct process_locks locks;
	struct process_memory_group group;
	struct process_robust robust; /* where present is above PROCESS_SMALL */
};

/* Nothing is known. */
void process_init(struct process *process);
/* The first facts. Fills ret, initialised or not. */
void process_read(const struct args *args, struct process *ret);
void process_done(struct process *process);
/* Whether it still dumps core: then what was read until now is of the process that was there at first. */
bool process_is_dumping(const struct process *process);
/* Arguments and environment: a secret is among them. */
void process_forget_strings(struct process *process);
/* All that is long, these among it. */
void process_forget_files(struct process *process);

/* What follows the key at the beginning of a line, to the text's end; NULL without one. */
const char *process_status_value(const char *text, const char *key);
/*
 * The real id of a line "Uid:" or "Gid:" of /proc/PID/status, -1 if there is none. Only for
 * text from the kernel: comm comes first in it, escaped by the kernel.
 */
int64_t process_status_number(const char *status, const char *key);
/* The last number of a line: of NStgid the id in the innermost PID namespace. */
int64_t process_status_innermost(const char *status, const char *key);
/*
 * VmRSS, VmSwap and HugetlbPages of /proc/PID/status, in bytes. UINT64_MAX: VmRSS or VmSwap, which every
 * process with memory has, is missing.
 */
uint64_t process_status_present(const char *status);
/* Soft limit of "Max core file size" in /proc/PID/limits; -1, or INT64_MAX for unlimited. */
int64_t process_limits_core(const char *limits);
/* The path of the unified hierarchy, or of name=systemd, in /proc/PID/cgroup. New string. */
char *process_cgroup_path(const char *cgroup);
