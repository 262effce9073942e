/* SPDX-License-Identifier: MIT */
/*
 * threads N: N - 1 threads wait two frames deep, each with its number on its stack, then the
 * first one crashes. Stacks are small: the kernel sends a stack that was touched as a whole.
 */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define STACK (64 * 1024)

static pthread_barrier_t all_here;
static __thread long tls_number = -1; /* in every thread its own */
volatile int never;

__attribute__((noinline, noclone)) static void worker_wait(long number)
{
	volatile long mine = number * 1000;

	tls_number = number;
	(void)pthread_barrier_wait(&all_here);
	for (;;)
		(void)pause();
	never = (int)mine;
}

static void *worker(void *argument)
{
	worker_wait((long)argument);
	return NULL;
}

__attribute__((noinline, noclone)) static void crash_here(void)
{
	*(volatile int *)16 = 1;
}

int main(int argc, char **argv)
{
	long n = argc > 1 ? atol(argv[1]) : 4;
	pthread_attr_t attr;
	pthread_t thread;

	if (pthread_barrier_init(&all_here, NULL, (unsigned int)n) ||
	    pthread_attr_init(&attr) || pthread_attr_setstacksize(&attr, STACK))
		return 9;
	for (long i = 1; i < n; i++)
		if (pthread_create(&thread, &attr, worker, (void *)i))
			return 9;
	tls_number = 0;
	(void)pthread_barrier_wait(&all_here);
	(void)usleep(100000); /* into pause() */
	crash_here();
	return 0;
}
