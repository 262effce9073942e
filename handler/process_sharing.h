/* SPDX-License-Identifier: MIT */
/*
 * Whether another process has the crashed process' address space (clone(2) with CLONE_VM, vfork(2)): it runs
 * on, also while the crashed one is held, and may write to its memory. By kcmp(2), KCMP_VM.
 *
 * Mustn't: wait for strangers. kcmp() takes a lock of both processes (kernel/kcmp.c, exec_update_lock), which
 * one in execve(2) has for as long as a file server of its user's likes, and only SIGKILL ends the wait. So
 * this is asked by children, which are killed if need be; the parent process' alone only if its address
 * space has the very same size: most have not. Where kcmp() is refused, another size tells that it is
 * another, too.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * What the child may work, and how long it is waited for, when all else was read, unless it only lacks a
 * processor. 600 processes take 2 ms; where there are so many more that this ends it, it is not known.
 */
#define PROCESS_SHARING_TIME 10000 /* µs */

/* Of a name in /proc/PID/comm: 16 of a program's, 64 of a kernel thread's (fs/proc/array.c). */
#define PROCESS_COMM_SIZE 64

enum process_sharing_answer {
	PROCESS_SHARING_UNKNOWN, /* not finished, refused, or no such system call */
	PROCESS_ALONE,
	PROCESS_SHARED,
};

struct process_sharing {
	enum process_sharing_answer answer;
	bool parent_only; /* ALONE: others than the parent were not asked, the process being small */
	int64_t pid; /* SHARED: the other process */
	char comm
		[PROCESS_COMM_SIZE]; /* its name: any bytes but NUL and newline; may be empty */
	bool waits; /* it is the parent, and waits in the kernel as in vfork(2) */
	const char *reason; /* UNKNOWN: why */
};

struct process_sharing_ask {
	int dirfd; /* /proc/PID of the crashed process, or of its thread */
	int64_t pid,
		tid; /* tid: a thread with memory; a first thread that ended has none */
	int64_t parent; /* 0: none that can be seen */
	int64_t uid; /* real; -1 unknown */
};

/* Of one that is being made. */
struct process_sharing_scan {
	struct process_sharing result; /* so far */
	pid_t child; /* which asks the others; 0: none does */
	int fd; /* where its answer comes from */
};

/* The parent process alone. May hang: for a child. */
void process_sharing_ask_parent(const struct process_sharing_ask *ask,
				struct process_sharing *ret);

/*
 * All, by a child of its own, in this order: the parent process, children of the crashed one, others of its user,
 * the rest. ask is not needed after it.
 */
void process_sharing_start(const struct process_sharing_ask *ask,
			   struct process_sharing_scan *ret);
/* Fills ret in any case. */
void process_sharing_finish(struct process_sharing_scan *scan,
			    struct process_sharing *ret);
