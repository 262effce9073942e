/* SPDX-License-Identifier: MIT */
/*
 * far_pages MIB: a page in each 64 KiB of so many MiB, a thread for each 64 of them, and a robust mutex that a thread
 * holds: pages that lie far apart, some of which the kernel changes as the process ends.
 */
#include <pthread.h>
#include <unistd.h>

#include "release.h"

#define FAR	    (64ul << 10)
#define THREADS_MAX 64

static pthread_mutex_t mutex;

static void *hold(void *started)
{
	MUST(pthread_mutex_lock(&mutex) == 0);
	(void)pthread_barrier_wait(started);
	for (;;)
		(void)pause();
	return NULL;
}

static void *idle(void *started)
{
	(void)pthread_barrier_wait(started);
	for (;;)
		(void)pause();
	return NULL;
}

static void start_threads(unsigned int count)
{
	static pthread_barrier_t started;
	pthread_mutexattr_t robust;
	pthread_t thread;

	MUST(pthread_mutexattr_init(&robust) == 0);
	MUST(pthread_mutexattr_setrobust(&robust, PTHREAD_MUTEX_ROBUST) == 0);
	MUST(pthread_mutex_init(&mutex, &robust) == 0);
	MUST(pthread_barrier_init(&started, NULL, count + 1) == 0);
	for (unsigned int i = 0; i < count; i++)
		MUST(pthread_create(&thread, NULL, i ? idle : hold, &started) == 0);
	(void)pthread_barrier_wait(&started);
}

int main(int argc, char **argv)
{
	size_t mib = argc > 1 ? strtoul(argv[1], NULL, 10) : 64;
	unsigned int threads = (unsigned int)(mib / 64 + 1);
	char *p = mmap(NULL, mib * MIB, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	MUST(p != MAP_FAILED && threads <= THREADS_MAX);
	for (size_t at = 0; at < mib * MIB; at += FAR) {
		uintptr_t *word = (uintptr_t *)(p + at);

		*word = (uintptr_t)word;
	}
	start_threads(threads);
	crash((int)mib);
	return 0;
}
