/* SPDX-License-Identifier: MIT */
/*
 * Locks of open files, and io_uring rings: what outlives a crashed process whose memory is kept, if a mapping
 * refers to it. Out of /proc/PID/fd and fdinfo; nothing that a descriptor leads to is opened or asked.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Databases hold a few; whoever has more mapped files locked is held. */
#define PROCESS_LOCKS_MAX 64

/* As /proc/PID/maps has them: a mapping of this file keeps its lock. */
struct process_lock {
	uint32_t major, minor;
	uint64_t inode;
};

struct process_locks {
	bool known; /* all was seen; otherwise take each mapped file for locked, each ring for registered */
	const char *reason; /* unknown: why */
	/* flock(2), open file description locks and leases; not POSIX locks, which end with the process */
	struct process_lock locks[PROCESS_LOCKS_MAX];
	size_t count;
	/*
	 * Descriptors of io_uring that were seen. Rings that are mapped (maps: anon_inode:[io_uring], one
	 * mapping each at IORING_OFF_SQES, 10000000) may be more: of those nothing can be told.
	 */
	size_t rings;
	bool registered; /* one of them has files registered, or did not say that it has none */
};

/*
 * dirfd: /proc/PID. maps: its text, to its NUL; NULL: unknown. Only descriptors with the name of a
 * file that is mapped are looked at: a mapping keeps the very description of its descriptor.
 */
void process_locks_read(int dirfd, const char *maps, struct process_locks *ret);

/* The locks of a text of fdinfo, added to ret. Return: false if there is no more place. */
bool process_locks_add(const char *fdinfo, struct process_locks *ret);
