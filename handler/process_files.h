/* SPDX-License-Identifier: MIT */
/*
 * Files of /proc/PID as text, each capped, as the crashed program chooses how long they are.
 *
 * Which may be waited for (fs/proc/base.c, task_mmu.c): maps, cmdline and environ take the lock of the address
 * space, mmap_lock, which a process that has the same memory can keep busy for as long as it likes, and mountinfo
 * takes the lock of its mount namespace. A status, a control group, limits and the auxiliary vector take none that
 * others can hold.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

struct blob {
	char *bytes;
	size_t n;
	bool cut; /* there was more than is read */
};

enum process_file {
	PROCESS_STATUS,
	PROCESS_MAPS,
	PROCESS_LIMITS,
	PROCESS_CGROUP,
	PROCESS_MOUNTINFO,
	PROCESS_AUXV,
	PROCESS_CMDLINE,
	PROCESS_ENVIRON,
	PROCESS_FILES,
};

/* The file's name, and how much of it is read. */
const char *process_file_name(enum process_file file);
size_t process_file_cap(enum process_file file);

/* dirfd: /proc/PID, or the directory of a thread. ret: a new text with a NUL behind it; NULL if it cannot be had. */
void process_file_read(int dirfd, enum process_file file, struct blob *ret);
