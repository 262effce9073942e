/* SPDX-License-Identifier: MIT */
/*
 * The time in which the crashed process is held: several threads read its memory, or one the stream,
 * and all pack, while the caller waits, so that a read that hangs does not hang all. With an anchor,
 * which is the last thread's, its memory is held in its stead.
 */
#pragma once

#include "handler/anchor.h"
#include "handler/capture_overlay.h"
#include "handler/copy.h"
#include "handler/event.h"
#include "handler/pool.h"
#include "handler/readers.h"

struct held {
	const struct plan *plan;
	struct source *source;
	struct pack *pack;
	struct pool *pool; /* whose threads wait; without any the caller copies */
	struct anchor
		*anchor; /* NULL, or what pins memory when the process is released */
	bool copy_first; /* it is released when all was copied; else when the overlay was */
	struct overlay *overlay; /* sealed, of the source; NULL: there is none */
	/*
	 * Copies into the overlay what may change, if that does not wait for anybody: is called when copying first
	 * takes long. Return: whether it did. NULL: it cannot be done.
	 */
	bool (*hurry)(void *context);
	void *context;
	int64_t deadline; /* µs of CLOCK_MONOTONIC; INT64_MAX: none */
	void (*let_go)(void); /* is called when the process was; NULL */
	int64_t patience; /* µs without a byte when the process was let go before; INT64_MAX */

	struct copy_turn turn; /* of copy_memory() */
	int64_t released; /* µs of CLOCK_MONOTONIC when it was let go before; 0: it was not */
	bool early; /* then: before all was copied */

	/* its own */
	struct readers readers;
	bool has_memory; /* when it began */
	bool little; /* then: one thread is enough; the plan is cut while others still come */
	struct event
		settled; /* then the overlay is ready, or there is a result, or neither comes */
	struct event copied; /* then there is a result */
	struct event tried; /* then it was released, or that waits for something else */
	int result;
};

/*
 * As copy_memory(), and -ETIMEDOUT if the deadline came first: a thread may still hang in the
 * source, which must not be used again. The threads go on packing until held_end().
 */
int held_copy(struct held *held);

/* Nothing is left to be packed. Not after -ETIMEDOUT. */
void held_end(struct held *held);
