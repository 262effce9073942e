/* SPDX-License-Identifier: MIT */
/*
 * What the plan keeps, out of memory, by several threads at once: each takes what comes next, at most a
 * frame of it, and reads it while others read what comes behind. One reads as fast as a processor
 * copies, and most of that is to make room.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "handler/cursor.h"
#include "handler/pack.h"
#include "handler/source.h"

/* More than that memory does not feed. */
#define READERS_MAX 4

struct readers {
	const struct plan *plan;
	struct source *source; /* with memory */
	struct pack *pack;

	/* its own */
	pthread_mutex_t turn;
	pthread_cond_t left;
	struct cursor next; /* what nobody reads yet */
	unsigned int inside;
	atomic_int
		error; /* of memory (what comes then is for the stream), or of the pack */
	bool pack_failed;
	bool closed;
};

void readers_open(const struct plan *plan, struct source *source, struct pack *pack,
		  struct readers *ret);
void readers_close(struct readers *readers);

/* For each thread: read until nothing is left or somebody failed. */
void readers_work(struct readers *readers, struct packer *packer);

/* From another thread: something could not be had, and the stream may be needed. */
bool readers_failed(const struct readers *readers);

/*
 * Wait until all have left. What is in the pack then is in order, and the source is behind it. Return:
 * 0, whether all was read or not; negative errno: the pack failed.
 */
int readers_end(struct readers *readers);
