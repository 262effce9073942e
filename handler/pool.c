/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/processors.h"
#include "handler/pool.h"

/* zstd has its tables on the heap; a page cache or a core is in no frame. */
#define STACK_SIZE (256u << 10)

unsigned int pool_processors(void)
{
	unsigned int n = processors_count(1);

	return n < POOL_MAX ? n : POOL_MAX - 1;
}

static void make_certain(const struct pool *pool)
{
	if (pool->may_work && !pool->may_work())
		abort(); /* a thread with rights must not see hostile bytes */
}

/* Return: it shall work. */
static bool wait_at_gate(struct pool *pool, unsigned int *ret_number)
{
	bool works;

	(void)pthread_mutex_lock(&pool->lock);
	*ret_number = pool->next++;
	while (pool->state == POOL_WAITS)
		(void)pthread_cond_wait(&pool->gate, &pool->lock);
	works = pool->state == POOL_WORKS;
	(void)pthread_mutex_unlock(&pool->lock);
	return works;
}

static void *thread_main(void *argument)
{
	struct pool *pool = argument;
	unsigned int number;

	if (!wait_at_gate(pool, &number))
		return NULL;
	make_certain(pool);
	pool->work(pool->context, number);
	return NULL;
}

void pool_open(unsigned int n, bool (*may_work)(void), struct pool *pool)
{
	pthread_attr_t attr;

	memset(pool, 0, sizeof(*pool));
	pool->may_work = may_work;
	(void)pthread_mutex_init(&pool->lock, NULL); /* cannot fail with glibc */
	(void)pthread_cond_init(&pool->gate, NULL);
	if (pthread_attr_init(&attr) != 0)
		return;
	(void)pthread_attr_setstacksize(&attr, STACK_SIZE); /* refused: it is larger */
	while (pool->count < n && pool->count < POOL_MAX &&
	       pthread_create(&pool->threads[pool->count], &attr, thread_main, pool) == 0)
		pool->count++;
	(void)pthread_attr_destroy(&attr);
}

static void open_gate(struct pool *pool, enum pool_state state)
{
	(void)pthread_mutex_lock(&pool->lock);
	if (pool->state == POOL_WAITS)
		pool->state = state;
	(void)pthread_cond_broadcast(&pool->gate);
	(void)pthread_mutex_unlock(&pool->lock);
}

void pool_go(struct pool *pool, void (*work)(void *context, unsigned int thread),
	     void *context)
{
	pool->work = work;
	pool->context = context;
	open_gate(pool, POOL_WORKS);
}

void pool_close(struct pool *pool)
{
	if (pool->closed)
		return;
	pool->closed = true;
	open_gate(pool, POOL_ENDS);
	for (unsigned int i = 0; i < pool->count; i++)
		(void)pthread_join(pool->threads[i], NULL);
	pool->count = 0;
	(void)pthread_cond_destroy(&pool->gate);
	(void)pthread_mutex_destroy(&pool->lock);
}
