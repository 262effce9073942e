/* SPDX-License-Identifier: MIT */
/*
 * Whether another process has the crashed process' address space (clone(2) with CLONE_VM, vfork(2)): it runs
 * on, also while the crashed one is held, and goes on to write to its memory. By kcmp(2), KCMP_VM.
 *
 * Mustn't: wait for a process that is no part of this. kcmp() takes the lock of a process in execve(2)
 * (kernel/kcmp.c, exec_update_lock), for which only SIGKILL ends the wait; so only who has an address space
 * of the very same size is asked.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Two are what 600 processes take; on a machine with so many more it is not known. */
#define PROCESS_SHARING_TIME 10000 /* µs */

/* Of a thread's name in /proc; 16 of a program's (fs/proc/array.c, proc_task_name()). */
#define PROCESS_COMM_SIZE 64

enum process_sharing_answer {
	PROCESS_SHARING_UNKNOWN, /* not finished, refused, or no such system call */
	PROCESS_ALONE,
	PROCESS_SHARED,
};

struct process_sharing {
	enum process_sharing_answer answer;
	bool parent_only; /* ALONE: others than the parent were not asked, the process being small */
	int64_t pid; /* SHARED: who has it, too */
	char comm
		[PROCESS_COMM_SIZE]; /* its name: any bytes but NUL and newline; may be empty */
	const char *reason; /* UNKNOWN: why */
};

struct process_sharing_ask {
	int dirfd; /* /proc/PID of the crashed process, or of its thread */
	int64_t pid,
		tid; /* tid: of a thread with memory; a first thread that ended has none */
	int64_t parent; /* 0: none that can be seen */
	int64_t uid; /* real; others of this user are asked first */
	bool all; /* not the parent alone: the dump may be large */
};

/* Fills ret in any case; at most PROCESS_SHARING_TIME. */
void process_sharing_read(const struct process_sharing_ask *ask,
			  struct process_sharing *ret);
