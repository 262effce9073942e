/* SPDX-License-Identifier: MIT */
/*
 * thread_ends MIB THREADS MUTEXES: what the kernel writes into memory as threads end. Each thread has a
 * thread-local number and holds robust mutexes, with and without priority inheritance, in private and in
 * shared memory; one waits for a robust mutex; the first holds MUTEXES of them and crashes.
 */
#include <pthread.h>

#include "release.h"

#define STACK (64 * 1024)

struct locks {
	pthread_mutex_t robust, robust_inheriting, inheriting;
};

static struct locks *own, *shared;
static pthread_mutex_t *many;
static pthread_barrier_t all_here;
static __thread long number = -1;

static void init(pthread_mutex_t *mutex, int robust, int protocol)
{
	pthread_mutexattr_t attr;

	MUST(pthread_mutexattr_init(&attr) == 0);
	MUST(pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED) == 0);
	MUST(pthread_mutexattr_setrobust(&attr, robust) == 0);
	MUST(pthread_mutexattr_setprotocol(&attr, protocol) == 0);
	MUST(pthread_mutex_init(mutex, &attr) == 0);
}

static void hold(struct locks *locks)
{
	init(&locks->robust, PTHREAD_MUTEX_ROBUST, PTHREAD_PRIO_NONE);
	init(&locks->robust_inheriting, PTHREAD_MUTEX_ROBUST, PTHREAD_PRIO_INHERIT);
	init(&locks->inheriting, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_INHERIT);
	MUST(pthread_mutex_lock(&locks->robust) == 0);
	MUST(pthread_mutex_lock(&locks->robust_inheriting) == 0);
	MUST(pthread_mutex_lock(&locks->inheriting) == 0);
}

static void *thread(void *argument)
{
	number = (long)argument;
	hold(&own[number]);
	hold(&shared[number]);
	(void)pthread_barrier_wait(&all_here);
	for (;;)
		(void)pause();
	return NULL;
}

static void *waiting_thread(void *argument)
{
	number = (long)argument;
	(void)pthread_barrier_wait(&all_here);
	(void)pthread_mutex_lock(&many[0]);
	return NULL;
}

static void start(pthread_attr_t *attr, void *(*entry)(void *), long argument)
{
	pthread_t id;

	MUST(pthread_create(&id, attr, entry, (void *)argument) == 0);
}

int main(int argc, char **argv)
{
	pthread_attr_t attr;
	long count, mutexes;

	MUST(argc == 4 && (count = atol(argv[2])) > 0 && (mutexes = atol(argv[3])) > 0);
	(void)private_memory(strtoul(argv[1], NULL, 10));
	many = calloc((size_t)mutexes, sizeof(*many));
	own = calloc((size_t)count, sizeof(*own));
	shared = mmap(NULL, (size_t)count * sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	MUST(many && own && shared != MAP_FAILED);
	MUST(pthread_attr_init(&attr) == 0 &&
	     pthread_attr_setstacksize(&attr, STACK) == 0);
	MUST(pthread_barrier_init(&all_here, NULL, (unsigned int)count + 2) == 0);
	for (long i = 0; i < mutexes; i++) {
		init(&many[i], PTHREAD_MUTEX_ROBUST, PTHREAD_PRIO_NONE);
		MUST(pthread_mutex_lock(&many[i]) == 0);
	}
	for (long i = 0; i < count; i++)
		start(&attr, thread, i);
	start(&attr, waiting_thread, count);
	(void)pthread_barrier_wait(&all_here);
	/* They are to be asleep, one of them in the mutex. */
	(void)usleep(20000);
	crash((int)number);
}
