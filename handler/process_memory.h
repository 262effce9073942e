/* SPDX-License-Identifier: MIT */
/*
 * The memory of the crashed process, opened for the worker, which could not: the kernel asks
 * for the rights of ptrace(2) here and never again (fs/proc/base.c, mem_open).
 */
#pragma once

#include <stdbool.h>

#include "base/cleanup.h"

struct process_memory {
	int mem_fd, pagemap_fd; /* /proc/PID/mem and pagemap; both or neither (-1) */
	int status_fd; /* of the thread that dumps; -1: there is none */
};

#define PROCESS_NO_MEMORY ((struct process_memory){ -1, -1, -1 })

/*
 * dirfd: /proc/PID, or the directory of a thread. The descriptors keep the address space's
 * frame, not its pages: the process ends as it would without them.
 */
void process_memory_open(int dirfd, struct process_memory *ret);
/* A status file of the process, of the thread that dumps if that is known. It needs no rights to be read. */
void process_memory_open_status(int dirfd, const char *path,
				struct process_memory *memory);
void process_memory_close(struct process_memory *memory);
/* The core is read from the stream alone. */
void process_memory_close_pages(struct process_memory *memory);

/*
 * The process still dumps core: no thread of it has begun to end, by which its memory changes. A reader may keep
 * that memory for longer.
 * Return: 0; -ESRCH: it does not; another negative errno: it cannot be told.
 */
int process_memory_held(int status_fd) _must_check_;

/* The process has ended since pagemap_fd was opened: its memory looks empty. Waits for nothing. */
bool process_memory_gone(int pagemap_fd);
