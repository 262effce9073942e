/* SPDX-License-Identifier: MIT */
/*
 * best_first MIB: so much on the heap and in mappings that no compressor makes smaller, most of it below
 * all stacks; three threads that wait, each with its number; a death some frames deep.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define PART	(1u << 20)
#define THREADS 3

static pthread_barrier_t all_here;
static volatile char *parts[1024];
volatile int never;
int counter = 1; /* at run time 4711 */

__attribute__((noinline, noclone)) static void worker_wait(long number)
{
	volatile long mine = number * 1000;

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

__attribute__((noinline, noclone)) static int crash_here(int depth)
{
	volatile char text[32] = "deep in the stack";

	if (depth > 0)
		return crash_here(depth - 1) + text[0];
	*(volatile int *)16 = text[1];
	return 0;
}

static void fill(uint64_t *p, uint64_t *x)
{
	for (uint32_t at = 0; at < PART / sizeof(*p); at++) {
		*x ^= *x << 13;
		*x ^= *x >> 7;
		*x ^= *x << 17;
		p[at] = *x;
	}
}

/* By turns from brk(2) and mmap(2). */
static uint64_t *allocate(int number)
{
	uint64_t *p = number % 2 ? sbrk(PART)
				 : mmap(NULL, PART, PROT_READ | PROT_WRITE,
					MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		_exit(9);
	return p;
}

int main(int argc, char **argv)
{
	int mib = argc > 1 ? atoi(argv[1]) : 16;
	uint64_t x = 88172645463325252u;
	pthread_t thread;

	for (int i = 0; i < mib && i < 1024; i++) {
		uint64_t *p = allocate(i);

		fill(p, &x);
		parts[i] = (volatile char *)p;
	}
	counter = 4711;
	if (pthread_barrier_init(&all_here, NULL, THREADS + 1))
		return 9;
	for (long i = 1; i <= THREADS; i++)
		if (pthread_create(&thread, NULL, worker, (void *)i))
			return 9;
	(void)pthread_barrier_wait(&all_here);
	(void)usleep(100000); /* into pause() */
	return crash_here(5);
}
