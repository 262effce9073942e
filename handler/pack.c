/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "handler/pack.h"
#include "handler/pack_file.h"
#include "handler/pack_queue.h"

struct pack {
	struct pack_file file;
	struct pack_queue queue;
	const uint8_t *header; /* the caller's */
	size_t header_n;
	struct packer reader, closer; /* of who hands memory in, and who ends */

	pthread_mutex_t lock; /* of what follows: see pack_abandon() */
	uint8_t *waiting; /* FRAME_MEMORY_MAX bytes; NULL: none yet */
	size_t waiting_n;
	uint64_t taken; /* extracted bytes that were handed in, header too */
	bool abandoned;
};

static int out(void *context, const struct parcel *parcel, struct pack_frame *frame)
{
	struct pack *pack = context;

	if (parcel->header)
		return pack_file_header(&pack->file, frame, pack->header, pack->header_n);
	if (parcel->zeros)
		return pack_file_zeros(&pack->file, frame, parcel->zeros);
	return pack_file_put(&pack->file, parcel->frame, parcel->frame_n, parcel->n);
}

int pack_open(int fd, int level, uint64_t spool, struct pack **ret)
{
	_cleanup_pack_ struct pack *pack = calloc(1, sizeof(*pack));
	int r;

	if (!pack)
		return -ENOMEM;
	(void)pthread_mutex_init(&pack->lock, NULL); /* cannot fail with glibc */
	pack->queue.level = level;
	pack->queue.out = out;
	pack->queue.context = pack;
	r = pack_queue_open(&pack->queue, spool);
	if (pack_file_open(fd, level, &pack->file) < 0)
		r = -ENOMEM;
	pack->closer.frame = pack->file.frame;
	pack->reader.frame = pack_frame_open();
	if (r < 0 || !pack->reader.frame)
		return -ENOMEM;
	*ret = TAKE_PTR(pack);
	return 0;
}

void pack_close(struct pack *pack)
{
	if (!pack)
		return;
	if (pack->waiting)
		pack_queue_back(&pack->queue, pack->waiting);
	pack_queue_close(&pack->queue);
	pack_file_close(&pack->file);
	pack_frame_close(pack->reader.frame);
	(void)pthread_mutex_destroy(&pack->lock);
	free(pack);
}

void pack_limit(struct pack *pack, const struct room *room)
{
	pack->file.room = *room;
}

void pack_adopt(struct pack *pack, uint8_t *buffers, size_t count)
{
	spool_adopt(&pack->queue.parcels.spool, buffers, count);
}

int pack_header(struct pack *pack, const uint8_t *p, size_t n)
{
	pack->taken = n;
	pack->header = p;
	pack->header_n = n;
	return pack_queue_header(&pack->queue);
}

/* What waits goes into the queue; a frame need not be full. */
static int hand_in(struct pack *pack)
{
	uint8_t *buffer = pack->waiting;
	size_t n = pack->waiting_n;

	pack->waiting = NULL;
	pack->waiting_n = 0;
	return buffer ? pack_queue_add(&pack->queue, buffer, n) : 0;
}

/* Only who hands in changes what waits, so that thread may look without the lock. */
static int fetch_buffer(struct pack *pack)
{
	uint8_t *buffer;
	int r = pack_queue_buffer(&pack->queue, &pack->reader, &buffer);

	if (r < 0)
		return r;
	(void)pthread_mutex_lock(&pack->lock);
	pack->waiting = buffer;
	(void)pthread_mutex_unlock(&pack->lock);
	return 0;
}

int pack_space(struct pack *pack, uint8_t **ret, size_t *ret_room)
{
	int r = pack->waiting ? 0 : fetch_buffer(pack);

	if (r < 0)
		return r;
	*ret = pack->waiting + pack->waiting_n;
	*ret_room = FRAME_MEMORY_MAX - pack->waiting_n;
	return 0;
}

int pack_commit(struct pack *pack, size_t n)
{
	int r = 0;

	(void)pthread_mutex_lock(&pack->lock);
	if (pack->abandoned) {
		r = -ETIMEDOUT;
	} else {
		pack->waiting_n += n;
		pack->taken += n;
		if (pack->waiting_n == FRAME_MEMORY_MAX)
			r = hand_in(pack);
	}
	(void)pthread_mutex_unlock(&pack->lock);
	return r;
}

int pack_border(struct pack *pack)
{
	int r;

	(void)pthread_mutex_lock(&pack->lock);
	r = pack->abandoned ? -ETIMEDOUT : hand_in(pack);
	(void)pthread_mutex_unlock(&pack->lock);
	return r;
}

int pack_zeros(struct pack *pack, uint64_t n)
{
	int r;

	(void)pthread_mutex_lock(&pack->lock);
	r = pack->abandoned ? -ETIMEDOUT : hand_in(pack);
	if (r == 0)
		r = pack_queue_zeros(&pack->queue, n);
	if (r == 0)
		pack->taken += n;
	(void)pthread_mutex_unlock(&pack->lock);
	return r;
}

int pack_buffer(struct pack *pack, struct packer *packer, uint8_t **ret)
{
	return pack_queue_buffer(&pack->queue, packer, ret);
}

void pack_buffer_back(struct pack *pack, uint8_t *buffer)
{
	pack_queue_back(&pack->queue, buffer);
}

int pack_reserve(struct pack *pack, uint8_t *buffer, struct parcel **ret)
{
	int r;

	(void)pthread_mutex_lock(&pack->lock);
	r = pack->abandoned ? -ETIMEDOUT : pack_queue_reserve(&pack->queue, buffer, ret);
	(void)pthread_mutex_unlock(&pack->lock);
	return r;
}

int pack_filled(struct pack *pack, struct parcel *parcel, size_t n)
{
	int r;

	(void)pthread_mutex_lock(&pack->lock);
	r = pack->abandoned ? -ETIMEDOUT : pack_queue_filled(&pack->queue, parcel, n);
	if (r == 0)
		pack->taken += n;
	(void)pthread_mutex_unlock(&pack->lock);
	return r;
}

void pack_unfilled(struct pack *pack, struct parcel *parcel, size_t n)
{
	(void)pthread_mutex_lock(&pack->lock);
	if (pack_queue_unfilled(&pack->queue, parcel, n))
		pack->taken -= n;
	(void)pthread_mutex_unlock(&pack->lock);
}

void pack_leave(struct pack *pack, struct parcel *parcel, bool whole)
{
	pack_queue_leave(&pack->queue, parcel, whole);
}

void pack_cut(struct pack *pack)
{
	(void)pthread_mutex_lock(&pack->lock);
	if (!pack->abandoned)
		pack->taken -= pack_queue_cut(&pack->queue);
	(void)pthread_mutex_unlock(&pack->lock);
}

void pack_abandon(struct pack *pack)
{
	(void)pthread_mutex_lock(&pack->lock);
	pack->abandoned = true;
	pack->taken -= pack_queue_cut(&pack->queue);
	/* the buffer stays who hangs', who may be writing into it */
	if (pack->waiting)
		(void)!pack_queue_add_copy(&pack->queue, pack->waiting, pack->waiting_n);
	(void)pthread_mutex_unlock(&pack->lock);
}

void pack_work(struct pack *pack, struct packer *packer)
{
	pack_queue_work(&pack->queue, packer);
}

void pack_end(struct pack *pack)
{
	pack_queue_end(&pack->queue);
}

void pack_release(struct pack *pack)
{
	pack_queue_release(&pack->queue);
}

int pack_flush(struct pack *pack)
{
	int r = pack->abandoned ? 0 : hand_in(pack);

	return r < 0 ? r : pack_queue_flush(&pack->queue, &pack->closer);
}

/* Where who handed in hangs, the queue takes nothing more. */
static int put_behind(struct pack *pack, const uint8_t *p, size_t n)
{
	int r = pack_flush(pack);

	if (r < 0 || n == 0)
		return r;
	pack->taken += n;
	return pack_file_memory(&pack->file, pack->closer.frame, p, n);
}

int pack_memory(struct pack *pack, const uint8_t *p, size_t n)
{
	if (pack->abandoned)
		return put_behind(pack, p, n);
	while (n > 0) {
		uint8_t *space;
		size_t room;
		int r = pack_space(pack, &space, &room);

		if (r < 0)
			return r;
		if (room > n)
			room = n;
		memcpy(space, p, room);
		r = pack_commit(pack, room);
		if (r < 0)
			return r;
		p += room;
		n -= room;
	}
	return 0;
}

uint64_t pack_size(struct pack *pack)
{
	uint64_t taken;

	(void)pthread_mutex_lock(&pack->lock);
	taken = pack->taken;
	(void)pthread_mutex_unlock(&pack->lock);
	return taken;
}

int pack_map(struct pack *pack, const uint8_t *p, size_t n)
{
	return pack_file_map(&pack->file, p, n);
}

int pack_drop(struct pack *pack, size_t frames)
{
	int r;

	pack_queue_discard(&pack->queue);
	r = pack_file_drop(&pack->file, frames);
	if (!pack->abandoned)
		pack->waiting_n = 0;
	pack->taken = pack->file.size;
	return r;
}

int pack_header_again(struct pack *pack, const uint8_t *p, size_t n)
{
	return pack_file_header_again(&pack->file, p, n);
}

int pack_finish(struct pack *pack)
{
	return pack_file_finish(&pack->file);
}
