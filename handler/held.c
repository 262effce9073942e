/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <time.h>

#include "base/clock.h"
#include "handler/held.h"
#include "handler/pack_queue.h"

/*
 * What one thread reads in 5 ms, and packs in 50. A second one, often of the same core, costs more in all than
 * it saves.
 */
#define LITTLE (16u << 20)

/* What readers did not get: all of a stream, and what memory refused. */
static void copy(struct held *held)
{
	int r = held->has_memory ? readers_end(&held->readers) : 0;

	if (r == 0)
		r = copy_memory(held->plan, held->source, held->pack);
	(void)pthread_mutex_lock(&held->lock);
	held->result = r;
	held->done = true;
	(void)pthread_cond_broadcast(&held->changed);
	(void)pthread_mutex_unlock(&held->lock);
}

/* The first threads read, the very first copies what is left, then they pack like the others. */
static void work(void *context, unsigned int thread)
{
	struct held *held = context;
	struct packer packer = { 0 };

	if (held->anchor && thread + 1 == held->pool->count) {
		anchor_work(held->anchor);
		return;
	}
	if (thread > 0 && held->plan->size - held->plan->header_size <= LITTLE)
		return;
	packer.frame = pack_frame_open();
	if (packer.frame && thread < READERS_MAX && held->has_memory)
		readers_work(&held->readers, &packer);
	if (thread == 0)
		copy(held);
	if (packer.frame)
		pack_work(held->pack, &packer);
	pack_frame_close(packer.frame);
}

static void open_lock(struct held *held)
{
	pthread_condattr_t attr;

	(void)pthread_condattr_init(&attr); /* these cannot fail with glibc */
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&held->changed, &attr);
	(void)pthread_condattr_destroy(&attr);
	(void)pthread_mutex_init(&held->lock, NULL);
}

/* Return: whether it is done. */
static bool wait_until(struct held *held, int64_t deadline)
{
	const struct timespec until = { .tv_sec = deadline / 1000000,
					.tv_nsec = deadline % 1000000 * 1000 };
	int r = 0;

	(void)pthread_mutex_lock(&held->lock);
	while (!held->done && r != ETIMEDOUT) {
		if (deadline == INT64_MAX)
			r = pthread_cond_wait(&held->changed, &held->lock);
		else
			r = pthread_cond_timedwait(&held->changed, &held->lock, &until);
	}
	r = held->done;
	(void)pthread_mutex_unlock(&held->lock);
	return r;
}

/* Nobody is held: packing may take its time, and only what stands still has failed. */
static bool wait_with_patience(struct held *held)
{
	uint64_t before, now = pack_size(held->pack);
	bool done;

	do {
		int64_t deadline;

		before = now;
		if (__builtin_add_overflow(clock_usec(CLOCK_MONOTONIC), held->patience,
					   &deadline))
			deadline = INT64_MAX;
		done = wait_until(held, deadline);
		now = pack_size(held->pack);
	} while (!done && now != before);
	return done;
}

/*
 * Its memory stays. The stream is not read any more: who copies needs it only if memory cannot be
 * had, and of that it was made certain.
 */
static void release(struct held *held)
{
	source_release(held->source);
	held->released = clock_usec(CLOCK_MONOTONIC);
	if (held->let_go)
		held->let_go();
	pack_release(held->pack);
}

int held_copy(struct held *held)
{
	bool done;

	open_lock(held);
	readers_open(held->plan, held->source, held->pack, &held->readers);
	held->has_memory = held->source->memory != NULL;
	held->done = false;
	if (!held->pool || held->pool->count == 0) {
		copy(held);
		return held->result;
	}
	if (held->pool->count < 2 || (held->anchor && anchor_open(held->anchor) < 0))
		held->anchor = NULL;
	pool_go(held->pool, work, held);
	if (held->anchor && anchor_holds(held->anchor) && !readers_failed(&held->readers))
		release(held);
	done = held->released ? wait_with_patience(held)
			      : wait_until(held, held->deadline);
	if (held->anchor)
		anchor_drop(held->anchor);
	if (done)
		return held->result;
	pack_abandon(held->pack);
	return -ETIMEDOUT;
}

void held_end(struct held *held)
{
	pack_end(held->pack);
	if (held->pool)
		pool_close(held->pool);
	readers_close(&held->readers);
	(void)pthread_cond_destroy(&held->changed);
	(void)pthread_mutex_destroy(&held->lock);
}
