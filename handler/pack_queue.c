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

/*
 * Less memory than this does not keep a whole buffer from others: a process of which one page in
 * 256 exists comes in such pieces.
 */
#define LOOSE_MAX (128u << 10)

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
	return spool_open(spool, BUFFERS_MIN, &queue->spool);
}

void pack_queue_close(struct pack_queue *queue)
{
	pack_queue_discard(queue);
	spool_close(&queue->spool);
	(void)pthread_cond_destroy(&queue->changed);
	(void)pthread_mutex_destroy(&queue->lock);
}

static int level_now(const struct pack_queue *queue)
{
	bool pressed = !queue->released && queue->spool.used > queue->spool.max / 2;

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

static void free_bytes(struct pack_queue *queue, struct parcel *parcel)
{
	if (parcel->loose) {
		queue->loose -= parcel->n;
		free(parcel->bytes);
	} else if (parcel->bytes) {
		spool_put(&queue->spool, parcel->bytes);
	}
	parcel->bytes = NULL;
	parcel->loose = false;
}

static void free_parcel(struct pack_queue *queue, struct parcel *parcel)
{
	free_bytes(queue, parcel);
	queue->framed -= parcel->frame_n;
	free(parcel->frame);
	free(parcel);
}

static void fail(struct pack_queue *queue, int error)
{
	if (error < 0 && queue->error == 0)
		queue->error = error;
}

static void take_first(struct pack_queue *queue)
{
	struct parcel *parcel = queue->first;

	queue->first = parcel->next;
	if (!queue->first)
		queue->last = NULL;
	if (queue->todo == parcel) /* zeros, which nobody looked at yet */
		queue->todo = parcel->next;
	free_parcel(queue, parcel);
}

/* What is packed and next in order. The lock is given away meanwhile. */
static void send_out(struct pack_queue *queue, struct pack_frame *frame)
{
	if (queue->going_out)
		return;
	queue->going_out = true;
	while (queue->first && queue->first->packed && !queue->error) {
		struct parcel *parcel = queue->first;
		int r;

		unlock(queue);
		r = queue->out(queue->context, parcel, frame);
		lock(queue);
		fail(queue, r);
		take_first(queue);
		tell_all(queue); /* there is room again */
	}
	queue->going_out = false;
	tell_all(queue);
}

/* Make one frame. The lock is given away meanwhile. */
static void pack_one(struct pack_queue *queue, struct pack_frame *frame)
{
	struct parcel *parcel = queue->todo;
	int level = level_now(queue), r;

	queue->todo = parcel->next;
	queue->busy++;
	unlock(queue);
	r = make_frame(parcel, level, frame);
	lock(queue);
	queue->busy--;
	fail(queue, r);
	free_bytes(queue, parcel);
	queue->framed += parcel->frame_n;
	parcel->packed = r == 0;
	tell_all(queue);
	send_out(queue, frame);
}

/* Zeros are packed as they are. */
static bool has_work(struct pack_queue *queue)
{
	while (queue->todo && queue->todo->packed)
		queue->todo = queue->todo->next;
	return queue->todo && !queue->error;
}

static int append(struct pack_queue *queue, const struct parcel *from)
{
	struct parcel *parcel = malloc(sizeof(*parcel));

	if (!parcel) {
		fail(queue, -ENOMEM);
		return queue->error;
	}
	*parcel = *from;
	if (queue->last)
		queue->last->next = parcel;
	else
		queue->first = parcel;
	queue->last = parcel;
	if (!queue->todo && !parcel->packed)
		queue->todo = parcel;
	tell_all(queue);
	return 0;
}

static bool has_room(const struct pack_queue *queue)
{
	size_t outside = queue->loose + queue->framed;

	return outside / SPOOL_BUFFER + queue->spool.used < queue->spool.max;
}

static bool can_send(const struct pack_queue *queue)
{
	return queue->first && queue->first->packed && !queue->going_out && !queue->error;
}

/* Do what there is to do, or wait until there is. The lock is given away meanwhile. */
static void help(struct pack_queue *queue, struct pack_frame *frame)
{
	if (can_send(queue))
		send_out(queue, frame);
	else if (has_work(queue))
		pack_one(queue, frame);
	else
		wait(queue);
}

int pack_queue_buffer(struct pack_queue *queue, struct pack_frame *frame, uint8_t **ret)
{
	int r;

	lock(queue);
	for (*ret = NULL; !*ret && !queue->error;) {
		if (has_room(queue))
			*ret = spool_get(&queue->spool);
		if (!*ret && !queue->first) /* nothing waits: there is no memory at all */
			fail(queue, -ENOMEM);
		else if (!*ret)
			help(queue, frame);
	}
	r = queue->error;
	unlock(queue);
	return r;
}

static int append_copy(struct pack_queue *queue, const uint8_t *p, size_t n)
{
	struct parcel parcel = { .bytes = malloc(n), .n = n, .loose = true };
	int r;

	if (!parcel.bytes) {
		fail(queue, -ENOMEM);
		return queue->error;
	}
	memcpy(parcel.bytes, p, n);
	r = append(queue, &parcel);
	if (r == 0)
		queue->loose += n;
	else
		free(parcel.bytes);
	return r;
}

int pack_queue_add(struct pack_queue *queue, uint8_t *buffer, size_t n)
{
	int r;

	lock(queue);
	r = queue->error;
	if (r == 0 && n > 0 && n <= LOOSE_MAX)
		r = append_copy(queue, buffer, n);
	else if (r == 0 && n > 0)
		r = append(queue, &(struct parcel){ .bytes = buffer, .n = n });
	if (r < 0 || n <= LOOSE_MAX)
		spool_put(&queue->spool, buffer);
	unlock(queue);
	return r;
}

void pack_queue_back(struct pack_queue *queue, uint8_t *buffer)
{
	lock(queue);
	spool_put(&queue->spool, buffer);
	unlock(queue);
}

int pack_queue_add_copy(struct pack_queue *queue, const uint8_t *p, size_t n)
{
	int r;

	lock(queue);
	r = queue->error;
	if (r == 0 && n > 0)
		r = append_copy(queue, p, n);
	unlock(queue);
	return r;
}

int pack_queue_zeros(struct pack_queue *queue, uint64_t n)
{
	int r;

	lock(queue);
	r = queue->error;
	if (r == 0)
		r = append(queue, &(struct parcel){ .zeros = n, .packed = true });
	unlock(queue);
	return r;
}

void pack_queue_work(struct pack_queue *queue, struct pack_frame *frame)
{
	bool modest = false;

	lock(queue);
	while (!queue->ending) {
		if (queue->released && !modest) {
			priority_lower();
			modest = true;
		}
		help(queue, frame);
	}
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
	lock(queue);
	queue->released = true;
	if (queue->spool.max > BUFFERS_RELEASED)
		queue->spool.max = BUFFERS_RELEASED;
	tell_all(queue);
	unlock(queue);
}

int pack_queue_flush(struct pack_queue *queue, struct pack_frame *frame)
{
	int r;

	lock(queue);
	while (queue->first && !queue->error)
		help(queue, frame);
	r = queue->error;
	unlock(queue);
	return r;
}

void pack_queue_discard(struct pack_queue *queue)
{
	lock(queue);
	queue->todo = NULL; /* nobody begins anything new */
	while (queue->busy || queue->going_out)
		wait(queue);
	while (queue->first)
		take_first(queue);
	queue->error = 0;
	unlock(queue);
}
