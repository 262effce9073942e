/* SPDX-License-Identifier: MIT */
#include <sys/mman.h>

#include "handler/capture_stock.h"
#include "handler/priority.h"
#include "handler/spool.h"

/* What is kept of a smaller process is copied before a thread has come to it. */
#define PRESENT_MIN (UINT64_C(8) << 20)

/* What a mini dump of a thousand threads needs; for more there is no time. */
#define BUFFERS_MAX 8u

/* A page, or a part of a larger one. */
#define STEP 4096u

/*
 * A byte that is in use meanwhile is not changed by it. MADV_POPULATE_WRITE, which does the same, holds the lock of the
 * whole address space: the thread that plans then waits for it at each mmap(2), and is woken on this thread's
 * processor, which it gets with the next tick, milliseconds later.
 */
static void work(void *context, unsigned int thread)
{
	struct stock *stock = context;
	size_t size = stock->count * SPOOL_BUFFER;

	(void)thread; /* there is one */
	priority_lowest();
	for (size_t at = 0; at < size && !atomic_load(&stock->ended); at += STEP)
		(void)__atomic_fetch_add((volatile uint8_t *)stock->bytes + at, 0,
					 __ATOMIC_RELAXED);
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

void stock_open(uint64_t present, bool (*may_work)(void), struct stock *ret)
{
	*ret = (struct stock){ .present = present };
	/* who plans has a processor */
	if (present > PRESENT_MIN && present != UINT64_MAX && pool_processors() > 1)
		pool_open(1, may_work, &ret->thread);
}

void stock_begin(struct stock *stock, uint64_t likely)
{
	uint64_t most = stock->present < likely ? stock->present : likely;
	uint64_t count = most / SPOOL_BUFFER + (most % SPOOL_BUFFER != 0);

	if (stock->thread.count == 0)
		return;
	stock->count = count < BUFFERS_MAX ? (size_t)count : BUFFERS_MAX;
	stock->bytes = make(stock->count * SPOOL_BUFFER);
	if (stock->bytes)
		pool_go(&stock->thread, work, stock);
}

void stock_end(struct stock *stock)
{
	atomic_store(&stock->ended, true);
}
