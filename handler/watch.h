/* SPDX-License-Identifier: MIT */
/*
 * When the parent gives up on its worker. A worker keeps Deadline= itself, but not one that does not
 * run: it is stopped, frozen, or never gets a processor. Pure: who looks says what the time is.
 *
 * Until the crashed process is let go the worker has Deadline=, and WATCH_MARGIN more to keep it, but only
 * WATCH_IDLE where it waits for anything but a processor: it hangs in a read of memory whose lock others
 * keep busy, or is stopped. After that nobody is held, and it may pack for as long as it gets on; what tells is
 * its CPU time, as every read, write and frame takes some.
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

struct watch {
	int64_t deadline, limit; /* µs; INT64_MAX: none */
	int64_t looked; /* µs of CLOCK_MONOTONIC */
	int64_t stood; /* µs that count against it */
	int64_t idle; /* µs for which no thread of it was ready, whenever somebody looked */
	int64_t cpu; /* µs that it has had */
	bool let_go;
	bool fixed; /* the child holds no process, so REPORT_LET_GO gives it no more time */
};

/* deadline: in seconds, as in struct settings. start: since when the process is held. */
void watch_open(uint64_t deadline, int64_t start, int64_t now, struct watch *ret);

/* The worker says that the crashed process is let go. */
void watch_let_go(struct watch *watch);

/*
 * After a WATCH_STEP or less. A longer time in which nobody looked was one in which nobody ran, neither
 * of both: it counts as two. ready: a thread of it runs, or would if it had a processor. Return: whether the
 * worker hangs.
 */
bool watch_hangs(struct watch *watch, int64_t now, int64_t cpu, bool ready);
