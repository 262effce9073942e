/* SPDX-License-Identifier: MIT */
/*
 * Workers that are left behind: SIGKILL does not end a read of a file system that does not answer (FUSE, NFS), and
 * until it does the worker keeps the dead process' memory, which no OOM killer finds. They are remembered in a file of
 * the runtime directory until they have ended, for whom they crashed (handler/slot_share.h), so that nobody has more
 * of them than slots.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"

/* All that 12 shares may have with Slots=2. Where there are as many in all, each share has too many. */
#define WORKER_LEFT_MAX 64

/* Room for a path's end. */
#define WORKER_LEFT_EXE 96

struct worker_left {
	int64_t key; /* of the share */
	int64_t pid,
		started; /* of the worker: clock ticks after the boot tell it from a later one */
	int64_t crashed; /* the process id */
	int64_t since; /* µs of CLOCK_BOOTTIME */
	char exe[WORKER_LEFT_EXE]; /* of the crashed process, its end: any bytes */
};

/* Those that still are there, in any order. Return: how many. */
size_t worker_left_list(int runtime_fd, struct worker_left ret[WORKER_LEFT_MAX]);

/* How many of the share there are; all that fit where there are as many in all. */
unsigned int worker_left_count(int runtime_fd, int64_t key);

/* The worker is ours and not waited for. Return: 0; -ENOSPC: there is no room; or negative errno. */
int worker_left_note(int runtime_fd, int64_t key, pid_t worker, int64_t crashed,
		     const char *exe) _must_check_;
