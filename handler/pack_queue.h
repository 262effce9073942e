/* SPDX-License-Identifier: MIT */
/*
 * Memory on its way into frames. It is handed in in order, whole, or as a place in the order that
 * another thread fills later; any number of threads make frames of it; the frames go out in order
 * again, one at a time. What waits, memory and frames, is bounded by the spool: who hands in then
 * makes frames itself.
 */
#pragma once

#include <pthread.h>

#include "handler/pack_frame.h"
#include "handler/parcels.h"

/* A thread that makes frames. */
struct packer {
	struct pack_frame *frame;
	bool modest; /* it has lowered its priority */
};

struct pack_queue {
	int level;
	/* Called in order, by one thread at a time, with its frame. Return: 0 or negative errno. */
	int (*out)(void *context, const struct parcel *parcel, struct pack_frame *frame);
	void *context;

	/* its own */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct parcels parcels;
	unsigned int busy; /* threads that do */
	bool going_out; /* a thread is at it */
	bool released; /* nobody waits for the crashed process any more */
	bool ending;
	int error; /* the first of out(), or -ENOMEM; then nothing more goes out */
};

/* spool: bytes that may wait. Return: 0 or -ENOMEM. */
int pack_queue_open(struct pack_queue *queue, uint64_t spool) _must_check_;
/* No thread is in pack_queue_work() any more. */
void pack_queue_close(struct pack_queue *queue);

/*
 * A buffer of SPOOL_BUFFER bytes to fill and hand in. While there is none this thread makes
 * frames. Return: 0; -ECANCELED: what comes first was begun and left, see pack_queue_cut(); other negative
 * errno: the queue's error.
 */
int pack_queue_buffer(struct pack_queue *queue, struct packer *packer,
		      uint8_t **ret) _must_check_;
/* Hand it in with n bytes in it. Return: as above. */
int pack_queue_add(struct pack_queue *queue, uint8_t *buffer, size_t n) _must_check_;
/* It is not needed. */
void pack_queue_back(struct pack_queue *queue, uint8_t *buffer);
int pack_queue_zeros(struct pack_queue *queue, uint64_t n) _must_check_;
/* The place of what stands before all memory, once. */
int pack_queue_header(struct pack_queue *queue) _must_check_;
/* A copy of n bytes, without a buffer. */
int pack_queue_add_copy(struct pack_queue *queue, const uint8_t *p,
			size_t n) _must_check_;

/* The place that comes next, to be filled with what the buffer gets. Return: as above. */
int pack_queue_reserve(struct pack_queue *queue, uint8_t *buffer,
		       struct parcel **ret) _must_check_;
/* n bytes more are in it. Return: as above; -ECANCELED: it was cut off, and must be left. */
int pack_queue_filled(struct pack_queue *queue, struct parcel *parcel,
		      size_t n) _must_check_;
/* The last n do not count. Return: whether they did; else it was cut off. */
bool pack_queue_unfilled(struct pack_queue *queue, struct parcel *parcel, size_t n);
/* No more comes: it is whole, or a place at which the order can only be cut. */
void pack_queue_leave(struct pack_queue *queue, struct parcel *parcel, bool whole);
/*
 * Keep what is in order up to the first byte that was not filled. Who still fills something is told by
 * pack_queue_filled(). Return: bytes that were there, and are not any more.
 */
uint64_t pack_queue_cut(struct pack_queue *queue);

/* For a thread of its own: make frames until pack_queue_end(). */
void pack_queue_work(struct pack_queue *queue, struct packer *packer);
void pack_queue_end(struct pack_queue *queue);

/* The crashed process is gone: what is still to be packed has time. */
void pack_queue_release(struct pack_queue *queue);

/* Wait until all is out, helping. Return: 0 or the queue's error. */
int pack_queue_flush(struct pack_queue *queue, struct packer *packer) _must_check_;

/* Give up what is not out, and the error. */
void pack_queue_discard(struct pack_queue *queue);
