/* SPDX-License-Identifier: MIT */
/*
 * Where each thread has its list of robust futexes (get_robust_list(2)), the words of which the kernel
 * changes as the thread ends. Addresses that the process chose, in its own memory.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct process_robust {
	bool known; /* every thread was asked; otherwise heads are some of them */
	const char *reason; /* unknown: why */
	uint64_t
		*heads; /* of struct robust_list_head; threads without one are left out */
	size_t count;
};

/* dirfd: /proc/PID, not of a thread. A 32-bit process' lists are not told to a 64-bit caller: it has none. */
void process_robust_read(int dirfd, struct process_robust *ret);
void process_robust_done(struct process_robust *robust);
