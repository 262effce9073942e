/* SPDX-License-Identifier: MIT */
/*
 * Memory on its way into frames. One thread hands it in, in order; any number of threads make
 * frames of it; the frames go out in order again, one at a time. What waits, memory and frames, is
 * bounded by the spool: who hands in then makes frames itself.
 */
#pragma once

#include <pthread.h>

#include "handler/pack_frame.h"
#include "handler/spool.h"

/* A piece of memory, first as it is, then as a frame. */
struct parcel {
	struct parcel *next;
	uint8_t *bytes; /* of the spool; NULL: there are none, or none any more */
	size_t n; /* bytes of memory */
	uint64_t zeros; /* or so many zeros, for which there are no bytes */
	uint8_t *frame;
	size_t frame_n;
	bool loose; /* bytes are not of the spool */
	bool packed; /* it can go out */
};

struct pack_queue {
	int level;
	/* Called in order, by one thread at a time, with its frame. Return: 0 or negative errno. */
	int (*out)(void *context, const struct parcel *parcel, struct pack_frame *frame);
	void *context;

	/* its own */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct spool spool;
	struct parcel *first, *last; /* in order; the first goes out next */
	struct parcel *todo; /* the first that nobody makes a frame of */
	size_t loose; /* bytes that wait outside of the spool */
	size_t framed; /* bytes of frames that wait to go out */
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
 * frames with `frame`. Return: 0; negative errno: the queue's error.
 */
int pack_queue_buffer(struct pack_queue *queue, struct pack_frame *frame,
		      uint8_t **ret) _must_check_;
/* Hand it in with n bytes in it. Return: as above. */
int pack_queue_add(struct pack_queue *queue, uint8_t *buffer, size_t n) _must_check_;
/* It is not needed. */
void pack_queue_back(struct pack_queue *queue, uint8_t *buffer);
int pack_queue_zeros(struct pack_queue *queue, uint64_t n) _must_check_;
/* A copy of n bytes, without a buffer. */
int pack_queue_add_copy(struct pack_queue *queue, const uint8_t *p,
			size_t n) _must_check_;

/* For a thread of its own: make frames until pack_queue_end(). */
void pack_queue_work(struct pack_queue *queue, struct pack_frame *frame);
void pack_queue_end(struct pack_queue *queue);

/* The crashed process is gone: what is still to be packed has time. */
void pack_queue_release(struct pack_queue *queue);

/* Wait until all is out, helping. Return: 0 or the queue's error. */
int pack_queue_flush(struct pack_queue *queue, struct pack_frame *frame) _must_check_;

/* Give up what is not out, and the error. */
void pack_queue_discard(struct pack_queue *queue);
