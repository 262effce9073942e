/* SPDX-License-Identifier: MIT */
/*
 * Threads that wait for work of one kind: started while the worker still may start any, let loose
 * when it has given up its rights (handler/isolate.h), and each looks at its own before it works.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>

/* Eight that pack: more do not make it faster, as all of it comes from one reader. */
#define POOL_MAX 9

struct pool {
	pthread_t threads[POOL_MAX];
	unsigned int count; /* 0: none could be started; the caller works alone */

	/* its own */
	pthread_mutex_t lock;
	pthread_cond_t gate;
	bool closed;
	unsigned int next; /* number of the thread that comes next */
	enum pool_state {
		POOL_WAITS,
		POOL_WORKS,
		POOL_ENDS
	} state;
	bool (*may_work)(void); /* asked by each thread; NULL: it may */
	void (*work)(void *context, unsigned int thread);
	void *context;
};

/* Threads that are worth it: one for each processor, at least 1, less than POOL_MAX. */
unsigned int pool_processors(void);

/* At most n threads. pool stays where it is. */
void pool_open(unsigned int n, bool (*may_work)(void), struct pool *pool);

/* Let every thread call work(context, its number), once. */
void pool_go(struct pool *pool, void (*work)(void *context, unsigned int thread),
	     void *context);

/* Wait until every thread has ended. Again: nothing. */
void pool_close(struct pool *pool);
