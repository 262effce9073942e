/* SPDX-License-Identifier: MIT */
#include <sys/mman.h>

#include "handler/capture_stock.h"
#include "handler/spool.h"

/* What is kept of a smaller process is copied before a thread has come to it. */
#define PRESENT_MIN (UINT64_C(8) << 20)

/* What a mini dump of a thousand threads needs; for more there is no time. */
#define BUFFERS_MAX 8u

/* What is faulted in between two looks whether there is time: 20 us. */
#define STEP (128u << 10)

#ifndef MADV_POPULATE_WRITE /* Linux 5.14 */
#define MADV_POPULATE_WRITE 23
#endif

/* A buffer that is in use meanwhile is not changed by it, nor is what is there where one was. */
static void work(void *context)
{
	struct stock *stock = context;
	size_t size = stock->count * SPOOL_BUFFER;

	for (size_t at = 0; at < size && !atomic_load(&stock->ended); at += STEP) {
		if (madvise(stock->bytes + at, STEP, MADV_POPULATE_WRITE) < 0)
			break; /* an older kernel: who fills them faults them in */
	}
}

/* At a multiple of a buffer's size, as handler/spool.c has them. */
static uint8_t *make(size_t size)
{
	uint8_t *p = mmap(NULL, size + SPOOL_BUFFER, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t before;

	if (p == MAP_FAILED)
		return NULL;
	before = (SPOOL_BUFFER - (uintptr_t)p % SPOOL_BUFFER) % SPOOL_BUFFER;
	if (before)
		(void)munmap(p, before); /* its own, whole pages, as below */
	(void)munmap(p + before + size, SPOOL_BUFFER - before);
	return p + before;
}

void stock_begin(struct stock *stock, uint64_t present, uint64_t likely,
		 struct pool *pool)
{
	uint64_t most = present < likely ? present : likely;
	uint64_t count = most / SPOOL_BUFFER + (most % SPOOL_BUFFER != 0);

	*stock = (struct stock){ .bytes = NULL };
	/* the caller plans, and the other processors must have one left */
	if (present <= PRESENT_MIN || present == UINT64_MAX || !pool || pool->count < 3)
		return;
	stock->count = count < BUFFERS_MAX ? (size_t)count : BUFFERS_MAX;
	stock->bytes = make(stock->count * SPOOL_BUFFER);
	if (stock->bytes)
		pool_early(pool, work, stock);
}

void stock_end(struct stock *stock)
{
	atomic_store(&stock->ended, true);
}
