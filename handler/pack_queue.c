/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "handler/pack_queue.h"
#include "handler/priority.h"

/* While a process is held and half the spool is full. */
#define LEVEL_FAST 1

/* One to read into, and two to pack: with fewer, reading and packing take turns. */
#define BUFFERS_MIN 3

/*
 * When nobody is held any more there is no hurry to read: buffers that are in the cache are faster than
 * new ones, and what waits is enough for eight threads.
 */
#define BUFFERS_RELEASED 16

static void lock(struct pack_queue *queue)
{
	(void)pthread_mutex_lock(
		&queue->lock); /* cannot fail: initialised, not recursive */
}

static void unlock(struct pack_queue *queue)
{
	(void)pthread_mutex_unlock(&queue->lock);
}

static void wait(struct pack_queue *queue)
{
	(void)pthread_cond_wait(&queue->changed, &queue->lock);
}

static void tell_all(struct pack_queue *queue)
{
	(void)pthread_cond_broadcast(&queue->changed);
}

int pack_queue_open(struct pack_queue *queue, uint64_t spool)
{
	(void)pthread_mutex_init(&queue->lock, NULL); /* cannot fail with glibc */
	(void)pthread_cond_init(&queue->changed, NULL);
	return spool_open(spool, BUFFERS_MIN, &queue->parcels.spool);
}

void pack_queue_close(struct pack_queue *queue)
{
	pack_queue_discard(queue);
	spool_close(&queue->parcels.spool);
	(void)pthread_cond_destroy(&queue->changed);
	(void)pthread_mutex_destroy(&queue->lock);
}

static int level_now(const struct pack_queue *queue)
{
	const struct spool *spool = &queue->parcels.spool;
	bool pressed = !queue->released && spool->used > spool->max / 2;

	return pressed && queue->level > LEVEL_FAST ? LEVEL_FAST : queue->level;
}

/* Without the lock. Return: 0 or negative errno. */
static int make_frame(struct parcel *parcel, int level, struct pack_frame *frame)
{
	const uint8_t *made;
	ssize_t n;

	if (pack_frame_is_noise(parcel->bytes, parcel->n))
		level = PACK_LEVEL_STORE;
	n = pack_frame_make(frame, level, parcel->bytes, parcel->n, &made);
	if (n < 0)
		return (int)n;
	parcel->frame = malloc((size_t)n);
	if (!parcel->frame)
		return -ENOMEM;
	memcpy(parcel->frame, made, (size_t)n);
	parcel->frame_n = (size_t)n;
	return 0;
}

static void fail(struct pack_queue *queue, int error)
{
	if (error < 0 && queue->error == 0)
		queue->error = error;
}

static struct parcel *first_packed(const struct pack_queue *queue)
{
	struct parcel *first = queue->parcels.first;

	return first && first->state == PARCEL_PACKED && !queue->error ? first : NULL;
}

/* What is packed and next in order. The lock is given away meanwhile. */
static void send_out(struct pack_queue *queue, struct packer *packer)
{
	struct parcel *parcel;

	if (queue->going_out)
		return;
	queue->going_out = true;
	while ((parcel = first_packed(queue)) != NULL) {
		int r;

		unlock(queue);
		r = queue->out(queue->context, parcel, packer->frame);
		lock(queue);
		fail(queue, r);
		parcels_remove_first(&queue->parcels);
		tell_all(queue); /* there is room again */
	}
	queue->going_out = false;
	tell_all(queue);
}

/* Make one frame. The lock is given away meanwhile. */
static void pack_one(struct pack_queue *queue, struct packer *packer)
{
	struct parcel *parcel = parcels_take(&queue->parcels);
	int level = level_now(queue), r;

	queue->busy++;
	unlock(queue);
	r = make_frame(parcel, level, packer->frame);
	lock(queue);
	queue->busy--;
	fail(queue, r);
	parcels_packed(&queue->parcels, parcel);
	tell_all(queue);
	send_out(queue, packer);
}

/* Nobody waits for the crashed process any more: others come first. */
static void be_modest(const struct pack_queue *queue, struct packer *packer)
{
	if (queue->released && !packer->modest) {
		priority_lower();
		packer->modest = true;
	}
}

/* Do what there is to do, or wait until there is. The lock is given away meanwhile. */
static void help(struct pack_queue *queue, struct packer *packer)
{
	be_modest(queue, packer);
	if (first_packed(queue) && !queue->going_out)
		send_out(queue, packer);
	else if (queue->parcels.todo && !queue->error)
		pack_one(queue, packer);
	else
		wait(queue);
}

/*
 * What was begun and left keeps all that is behind it, and its buffers, until pack_queue_cut(), for which
 * who waits for a buffer would be waited.
 */
static bool is_left(const struct parcels *parcels)
{
	return parcels->first && parcels->first->state == PARCEL_LEFT;
}

int pack_queue_buffer(struct pack_queue *queue, struct packer *packer, uint8_t **ret)
{
	struct parcels *parcels = &queue->parcels;
	uint8_t *buffer = NULL;
	int r;

	lock(queue);
	be_modest(queue, packer);
	while (!buffer && !queue->error && !is_left(parcels)) {
		if (parcels_have_room(parcels))
			buffer = spool_get(&parcels->spool);
		if (!buffer && !parcels->first && parcels->spool.used == 0)
			fail(queue, -ENOMEM); /* nobody has any, and none is to be had */
		else if (!buffer)
			help(queue, packer);
	}
	r = queue->error;
	if (r == 0 && !buffer)
		r = -ECANCELED;
	if (r < 0 && buffer)
		spool_put(&parcels->spool, buffer);
	else
		*ret = buffer;
	unlock(queue);
	return r;
}

/* With the lock. Return: as pack_queue_reserve(). */
static int append(struct pack_queue *queue, const struct parcel *from,
		  struct parcel **ret)
{
	*ret = queue->error ? NULL : parcels_append(&queue->parcels, from);
	if (!*ret)
		fail(queue, -ENOMEM);
	return queue->error;
}

int pack_queue_reserve(struct pack_queue *queue, uint8_t *buffer, struct parcel **ret)
{
	const struct parcel parcel = { .state = PARCEL_FILLING, .bytes = buffer };
	int r;

	lock(queue);
	r = append(queue, &parcel, ret);
	unlock(queue);
	return r;
}

int pack_queue_filled(struct pack_queue *queue, struct parcel *parcel, size_t n)
{
	int r;

	lock(queue);
	r = parcel->cut ? -ECANCELED : queue->error;
	if (!parcel->cut)
		parcel->n += n;
	unlock(queue);
	return r;
}

bool pack_queue_unfilled(struct pack_queue *queue, struct parcel *parcel, size_t n)
{
	bool counted;

	lock(queue);
	counted = !parcel->cut;
	if (counted)
		parcel->n -= n;
	unlock(queue);
	return counted;
}

void pack_queue_leave(struct pack_queue *queue, struct parcel *parcel, bool whole)
{
	lock(queue);
	if (parcel->cut)
		parcels_free(&queue->parcels, parcel);
	else if (whole)
		parcels_full(&queue->parcels, parcel);
	else
		parcel->state = PARCEL_LEFT;
	tell_all(queue);
	unlock(queue);
}

/* What is going out right now is packed, so that it stays. */
uint64_t pack_queue_cut(struct pack_queue *queue)
{
	uint64_t lost;

	lock(queue);
	lost = parcels_cut(&queue->parcels);
	tell_all(queue);
	unlock(queue);
	return lost;
}

int pack_queue_add(struct pack_queue *queue, uint8_t *buffer, size_t n)
{
	const struct parcel from = { .state = PARCEL_FILLING, .bytes = buffer, .n = n };
	struct parcel *parcel = NULL;
	int r;

	lock(queue);
	r = n > 0 ? append(queue, &from, &parcel) : queue->error;
	if (parcel)
		parcels_full(&queue->parcels, parcel);
	else
		spool_put(&queue->parcels.spool, buffer);
	tell_all(queue);
	unlock(queue);
	return r;
}

void pack_queue_back(struct pack_queue *queue, uint8_t *buffer)
{
	lock(queue);
	spool_put(&queue->parcels.spool, buffer);
	tell_all(queue);
	unlock(queue);
}

int pack_queue_add_copy(struct pack_queue *queue, const uint8_t *p, size_t n)
{
	int r;

	lock(queue);
	if (n > 0 && !queue->error)
		fail(queue, parcels_append_copy(&queue->parcels, p, n));
	r = queue->error;
	tell_all(queue);
	unlock(queue);
	return r;
}

/* What needs no frame of anybody. */
static int append_packed(struct pack_queue *queue, const struct parcel *from)
{
	struct parcel *parcel;
	int r;

	lock(queue);
	r = append(queue, from, &parcel);
	tell_all(queue);
	unlock(queue);
	return r;
}

int pack_queue_zeros(struct pack_queue *queue, uint64_t n)
{
	return append_packed(queue,
			     &(struct parcel){ .state = PARCEL_PACKED, .zeros = n });
}

int pack_queue_header(struct pack_queue *queue)
{
	return append_packed(queue,
			     &(struct parcel){ .state = PARCEL_PACKED, .header = true });
}

void pack_queue_work(struct pack_queue *queue, struct packer *packer)
{
	lock(queue);
	while (!queue->ending)
		help(queue, packer);
	unlock(queue);
}

void pack_queue_end(struct pack_queue *queue)
{
	lock(queue);
	queue->ending = true;
	tell_all(queue);
	unlock(queue);
}

void pack_queue_release(struct pack_queue *queue)
{
	struct spool *spool = &queue->parcels.spool;

	lock(queue);
	queue->released = true;
	if (spool->max > BUFFERS_RELEASED)
		spool->max = BUFFERS_RELEASED;
	tell_all(queue);
	unlock(queue);
}

int pack_queue_flush(struct pack_queue *queue, struct packer *packer)
{
	int r;

	lock(queue);
	while (queue->parcels.first && !queue->error)
		help(queue, packer);
	r = queue->error;
	unlock(queue);
	return r;
}

void pack_queue_discard(struct pack_queue *queue)
{
	lock(queue);
	queue->parcels.todo = NULL; /* nobody begins anything new */
	while (queue->busy || queue->going_out)
		wait(queue);
	parcels_clear(&queue->parcels);
	queue->error = 0;
	unlock(queue);
}
