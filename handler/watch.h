/* SPDX-License-Identifier: MIT */
/*
 * When the parent gives up on its worker. A worker keeps Deadline= itself, but not one that does not
 * run: it is stopped, frozen, or never gets a processor. Pure: who looks says what the time is.
 *
 * Until the crashed process is let go the worker has Deadline=, and WATCH_MARGIN more to keep it, but only
 * WATCH_IDLE where it waits for anything but a processor: it hangs in a read of memory whose lock others
 * keep busy, or is stopped. After that nobody is held, and it may pack while it gets on; what tells is
 * its CPU time, as every read, write and frame takes some. That has an end, too, by how much memory the process had:
 * a worker that was taken over keeps a slot, and memory that nobody sees, for no longer. When the process was let go
 * the kernel says, not the worker.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

/* µs. A worker on a machine in a storm is late, and its dump is worth more than these. */
#define WATCH_MARGIN 10000000

#define WATCH_IDLE 1000000 /* µs */

/* µs from one look to the next. */
#define WATCH_STEP 500000

/* What a worker may take after the release: so much, and a second for each of these parts of memory. */
#define WATCH_PACKING	   60 /* s */
#define WATCH_PACKING_PART (UINT64_C(4) << 20)
#define WATCH_PACKING_SLOW (UINT64_C(1) << 20) /* with a CompressionLevel= above 9 */

struct watch {
	int64_t deadline, limit; /* µs; INT64_MAX: none */
	int64_t looked; /* µs of CLOCK_MONOTONIC */
	int64_t stood; /* µs that count against it */
	int64_t packing,
		packed; /* µs that it may take after the release, and that it took */
	int64_t idle; /* µs for which no thread of it was ready, whenever somebody looked */
	int64_t cpu; /* µs that it has had */
	bool let_go;
	bool fixed; /* the child holds no process, so nothing gives it more time */
};

/* µs. present: bytes that the process had in memory and in swap. level: CompressionLevel=. */
int64_t watch_packing(uint64_t present, int level);

/*
 * deadline: in seconds, as in struct settings. packing: of the above. start: since when the process is held.
 */
void watch_open(uint64_t deadline, int64_t packing, int64_t start, int64_t now,
		struct watch *ret);

/* The crashed process is let go. */
void watch_let_go(struct watch *watch);

/* Of a worker that hangs: it was given up as it packed for too long. */
bool watch_packed_too_long(const struct watch *watch);

/*
 * After a WATCH_STEP or less. A longer time in which nobody looked was one in which nobody ran, neither
 * of both: it counts as two. ready: a thread of it runs, or would if it had a processor. Return: whether the
 * worker hangs.
 */
bool watch_hangs(struct watch *watch, int64_t now, int64_t cpu, bool ready);
