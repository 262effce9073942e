/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "base/clock.h"
#include "handler/capture_release.h"
#include "handler/held.h"
#include "handler/pack_queue.h"

/*
 * What one thread reads in 5 ms, and packs in 50. A second one, often of the same core, costs more in
 * all than it saves.
 */
#define LITTLE (16u << 20)

/* What readers did not get: all of a stream, and what memory refused. */
static void copy(struct held *held)
{
	int r = held->has_memory ? readers_end(&held->readers) : 0;

	if (r == 0)
		r = copy_memory(held->plan, held->source, held->pack, &held->turn);
	held->result = r;
	event_happen(&held->copied);
	event_happen(&held->settled);
}

/*
 * Whatever becomes of it, memory is pinned for as long as it is wanted. Not while all of a larger process is
 * copied first: SIGKILL would change what is pinned, and nobody would see that it came.
 */
static void pin(struct held *held)
{
	if (!held->copy_first)
		(void)!overlay_copy(held->overlay, held->source->memory); /* not ready */
	event_happen(&held->settled);
	if (held->copy_first && !held->hurry &&
	    !event_wait(&held->copied, held->deadline))
		return;
	anchor_work(held->anchor);
}

/*
 * Who works takes a processor from the thread that releases the process: the scheduler lets it have a slice of
 * milliseconds. Copying into the overlay may hang, so nobody waits for long.
 */
static void leave_processors(struct held *held)
{
	int64_t until = clock_after(clock_usec(CLOCK_MONOTONIC), RELEASE_PATIENCE);

	if (held->anchor)
		(void)!event_wait(&held->tried,
				  until < held->deadline ? until : held->deadline);
}

/* The first threads read, the very first copies what is left, then they pack like the others. */
static void work(void *context, unsigned int thread)
{
	struct held *held = context;
	struct packer packer = { 0 };

	if (held->anchor && thread + 1 == held->pool->count) {
		pin(held);
		return;
	}
	if (thread > 0 && held->little)
		return;
	packer.frame = pack_frame_open();
	if (!held->copy_first)
		leave_processors(held);
	if (packer.frame && thread < READERS_MAX && held->has_memory)
		readers_work(&held->readers, &packer);
	if (thread == 0)
		copy(held);
	if (held->copy_first && held->hurry) /* all of it has room in memory */
		leave_processors(held);
	if (packer.frame)
		pack_work(held->pack, &packer);
	pack_frame_close(packer.frame);
}

/* Nobody is held: packing may take its time, and only what stands still has failed. */
static bool wait_with_patience(struct held *held)
{
	uint64_t before, now = pack_size(held->pack);
	bool done;

	do {
		before = now;
		done = event_wait(&held->copied, clock_after(clock_usec(CLOCK_MONOTONIC),
							     held->patience));
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
	held->early = !event_wait(&held->copied, 0);
	source_release(held->source);
	held->released = clock_usec(CLOCK_MONOTONIC);
	if (held->let_go)
		held->let_go();
	pack_release(held->pack);
}

/* All that may have changed since was copied, and what memory refused is not needed. */
static bool may_release(struct held *held)
{
	if (event_wait(&held->copied, 0))
		return held->result == 1;
	return held->overlay && overlay_is_ready(held->overlay) &&
	       !readers_failed(&held->readers);
}

static void try_to_release(struct held *held)
{
	/* if it was killed, what was read since then is not of the crash: the stream ends the dump */
	if (may_release(held) && anchor_holds(held->anchor) &&
	    source_believe(held->source) == 0)
		release(held);
}

static void release_when(struct held *held, struct event *event)
{
	if (!held->released && event_wait(event, held->deadline))
		try_to_release(held);
}

/* What is small was not copied in a moment: it waits for somebody. Return: what may change was. */
static bool hurry(struct held *held)
{
	int64_t patience = clock_after(clock_usec(CLOCK_MONOTONIC), RELEASE_PATIENCE);

	return held->hurry && patience < held->deadline &&
	       !event_wait(&held->copied, patience) && held->hurry(held->context);
}

/* With an anchor. */
static void release_pinned(struct held *held)
{
	if (!held->copy_first) {
		release_when(held, &held->settled);
		event_happen(&held->tried);
	} else if (hurry(held)) {
		try_to_release(held);
	}
	release_when(held, &held->copied);
	event_happen(&held->tried);
}

/* It takes a thread, and one is left to copy. */
static bool has_room_for_anchor(const struct held *held)
{
	return held->anchor && held->pool && held->pool->count >= 2;
}

int held_copy(struct held *held)
{
	bool done;

	event_open(&held->copied);
	event_open(&held->settled);
	event_open(&held->tried);
	readers_open(held->plan, held->source, held->pack, &held->readers);
	held->has_memory = held->source->memory != NULL;
	held->little = held->plan->size - held->plan->header_size <= LITTLE;
	if (!has_room_for_anchor(held) || held->anchor->fd < 0)
		held->anchor = NULL;
	if (!held->pool || held->pool->count == 0) {
		copy(held);
		return held->result;
	}
	pool_go(held->pool, work, held);
	if (held->anchor)
		release_pinned(held);
	done = held->released ? wait_with_patience(held)
			      : event_wait(&held->copied, held->deadline);
	if (done)
		return held->result;
	if (held->anchor)
		anchor_drop(held->anchor);
	pack_abandon(held->pack);
	return -ETIMEDOUT;
}

/*
 * Who lets go of memory last frees it, 0.1 s for each GiB. Little is copied before the process is on its
 * way out, so its memory is let go when that is packed, too.
 */
void held_end(struct held *held)
{
	pack_end(held->pack);
	if (held->anchor)
		anchor_drop(held->anchor);
	if (held->pool)
		pool_close(held->pool);
	readers_close(&held->readers);
	event_close(&held->tried);
	event_close(&held->settled);
	event_close(&held->copied);
}
