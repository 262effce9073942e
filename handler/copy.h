/* SPDX-License-Identifier: MIT */
/*
 * What the plan keeps: from the source into frames, by one thread, in order. What several threads can
 * do at once is handler/readers.h, and comes before.
 */
#pragma once

#include <stdatomic.h>

#include "filter/plan.h"
#include "handler/pack.h"
#include "handler/source.h"

/* What is lost of a read that hangs; to ask twice as often would take 5 % longer. */
#define COPY_PIECE_MAX (512u << 10)

/* Where the order of a plan by rank became the stream's, as memory could not be had any more. */
struct copy_turn {
	_Atomic uint64_t at; /* in the new core; 0: nowhere */
	void (*tell)(
		void); /* is called before a byte goes out in the other order; NULL */
};

/*
 * Behind what the pack has already. Return: 1 all is there; 0 the source ended early (see
 * source->error); negative errno: it cannot be packed, or took too long (-ETIMEDOUT, see
 * pack_abandon()). Where turn->at is known then, plan_follow() is due.
 */
int copy_memory(const struct plan *plan, struct source *source, struct pack *pack,
		struct copy_turn *turn);
