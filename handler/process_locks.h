/* SPDX-License-Identifier: MIT */
/*
 * Locks of open files, and io_uring rings: what outlives a crashed process whose memory is kept, if a mapping
 * refers to it. Pure: texts of /proc/PID/maps and fdinfo in; handler/process_fds.c reads them.
 *
 * A mapping keeps the very open file of the descriptor that it was made with, locks and all, under the name
 * that the descriptor has. So a descriptor counts if what it is called is called so in maps; a lock
 * of another descriptor, as of most, ends with it. Whether the mapping is shared, private or of text
 * alone makes no difference.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

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
	 * Descriptors of io_uring, where any ring is mapped. Rings that are mapped (maps: anon_inode:[io_uring],
	 * each once at IORING_OFF_SQES, 10000000) may be more: of those nothing can be told.
	 */
	size_t rings;
	size_t open_rings; /* descriptors of io_uring, whether any ring is mapped or not */
	bool no_userfault; /* all descriptors were seen, and none is of userfaultfd(2) */
	bool registered; /* one of them has files registered, or did not say that it has none */
};

/* What is mapped: names in the text of maps, sorted. */
struct process_mapped {
	struct process_mapped_name {
		const char *bytes;
		size_t n;
	} * names;
	size_t count;
	const char *reason; /* they are not all: why; NULL */
};

/* maps: its text, which has to stay; NULL: it could not be read. cut: there was more. */
void process_mapped_read(const char *maps, bool cut, struct process_mapped *ret);
void process_mapped_done(struct process_mapped *mapped);

/* Whether a descriptor's link has the name of a mapping. */
bool process_mapped_has(const struct process_mapped *mapped, const char *link, size_t n);

/* Whether a descriptor's link is that of an io_uring. */
bool process_locks_is_ring(const char *link, size_t n);

/*
 * Add what the fdinfo of such a descriptor says. cut: there was more of it. What cannot be
 * understood makes all of it unknown.
 */
void process_locks_add(const char *link, size_t n, const char *fdinfo, bool cut,
		       struct process_locks *locks);
/* What was found stays, and is not all. */
void process_locks_forget(const char *reason, struct process_locks *locks);
