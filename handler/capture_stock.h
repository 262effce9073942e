/* SPDX-License-Identifier: MIT */
/*
 * Buffers of the spool that are faulted in while the plan is made, by a thread that has nothing else to do: to
 * fault them in takes three times as long as to copy into them, while the crashed process is held.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "handler/pool.h"

struct stock {
	uint8_t *bytes; /* NULL: there are none */
	size_t count; /* buffers of SPOOL_BUFFER bytes */

	/* set by stock_end(), read by the thread that faults in */
	atomic_bool ended;
};

/*
 * For a process that has so many bytes in memory, UINT64_MAX if unknown, of which so many are likely to be kept:
 * nothing for a tiny one. Without memory or threads there are no buffers. stock stays where it is until the
 * pool is closed.
 */
void stock_begin(struct stock *stock, uint64_t present, uint64_t likely,
		 struct pool *pool);

/* No more is faulted in. */
void stock_end(struct stock *stock);
