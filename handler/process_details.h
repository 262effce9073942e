/* SPDX-License-Identifier: MIT */
/*
 * What /proc/PID tells of a crashed process beside the first facts (handler/process.h): all that is long, that costs
 * time, or for which the reader may have to wait.
 *
 * Mustn't: be waited for without an end. Who has the memory of the crashed process, too (CLONE_VM), can keep its
 * mmap_lock busy, and who is in execve(2) the lock that kcmp(2) takes; SIGKILL alone ends such a wait. So a child
 * reads, with the parent's rights and without the core, and hands on what it has read one by one
 * (handler/process_handover.h). When the time is over it is killed, and one that does not even then end is
 * left behind.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "handler/args.h"
#include "handler/process.h"

/* The child's part of Deadline=, and what it has where that is for ever. */
#define PROCESS_DETAILS_PART 4
#define PROCESS_DETAILS_LONG INT64_C(15000000) /* µs */

struct process_details {
	int socket; /* -1: nothing more comes */
	pid_t child; /* 0: there is none */
	struct process *process; /* of process_details_finish() */
	int core_fd; /* -1, or the core's pipe, for which the process is held while more may come */
	int64_t let_go; /* µs of CLOCK_MONOTONIC, when that was closed */
	int64_t span, until; /* µs; the second of CLOCK_MONOTONIC */
	struct process_sharing_scan sharing; /* where the dump may be large */
};

/* process: as process_read() left it. deadline: in seconds, as in struct settings. */
void process_details_start(const struct args *args, const struct process *process,
			   uint64_t deadline, struct process_details *ret);

/*
 * Adds to process what was handed on. What was not in time is in process->missing, and counts as if it could not be
 * read. Of a process that does not dump any more there is nothing: its memory was gone, or going.
 */
void process_details_finish(struct process_details *details, struct process *process);

/*
 * The rights of many threads take longer than a process should be held for: they are read while the worker plans, and
 * until then the core's pipe stays open here, too, as threads that end have none. Adds them if they have come, or gives
 * them up when their time is over. Return: whether there is nothing more to come; the pipe is closed then.
 */
bool process_details_settle(struct process_details *details);

/* A sentence for people, what is missing; a new string. NULL: nothing is, or without memory. */
char *process_details_missing(const struct process_details *details,
			      const struct process *process);
