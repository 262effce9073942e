/* SPDX-License-Identifier: MIT */
/*
 * Whether all threads of the crashed process have the rights of the one that crashed: ids, groups, capabilities and
 * no_new_privs are a thread's own (credentials(7)), and what one of them read is in the memory of all.
 *
 * Threads that have ended, and rights that all have given up, cannot be seen.
 */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"

/* Of more it is not known. 1,000 take some 20 ms. */
#define PROCESS_THREADS_MAX 4096

/*
 * pid_fd: /proc/PID. status: of the thread that crashed, the text. Return: 1 they have, 0 one has not, or
 * CREDENTIALS_UNKNOWN.
 */
int64_t process_threads_agree(int pid_fd, const char *status);

/* The part of it, for its tests: two texts of /proc/PID/status. Return as above. */
int64_t process_threads_compare(const char *a, const char *b);
