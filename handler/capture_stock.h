/* SPDX-License-Identifier: MIT */
/*
 * Buffers of the spool that are faulted in while the plan is made, by a thread of the lowest priority: to fault them
 * in takes three times as long as to copy into them, while the crashed process is held.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "handler/pool.h"

struct stock {
	uint8_t *bytes; /* NULL: there are none */
	size_t count; /* buffers of SPOOL_BUFFER bytes */
	uint64_t present; /* bytes that the process has in memory; UINT64_MAX: unknown */
	struct pool thread; /* of one, or none */
	bool lent; /* the bytes have another use */

	/* set by stock_end(), read by the thread that faults in */
	atomic_bool ended;
};

/*
 * For a process that has so many bytes in memory: the thread, which waits, for none that is tiny. As pool_open(),
 * while threads may be started. stock stays where it is, and its buffers stay mapped, until the worker ends.
 */
void stock_open(uint64_t present, bool (*may_work)(void), struct stock *ret);

/* Of what is present, so much is likely to be kept. Without memory or a thread there are no buffers. */
void stock_begin(struct stock *stock, uint64_t likely);

/* No more is faulted in, but for one page that the thread is about to touch, whenever it gets a processor: nobody waits. */
void stock_end(struct stock *stock);
