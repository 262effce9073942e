/* SPDX-License-Identifier: MIT */
/*
 * 64 MiB of 0xa5 that no stack word points into but at its start: a mini dump leaves most of
 * it out. And 64 MiB that were asked for and never touched.
 *	bigheap [thread]	where it crashes; a thread's stack is 8 MiB, all of it sent
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SIZE (64ul << 20)

unsigned char *big;
unsigned char *untouched;
volatile int never;

__attribute__((noinline, noclone)) static void crash_here(void)
{
	*(volatile int *)16 = 1;
}

static void *in_thread(void *argument)
{
	crash_here();
	return argument;
}

int main(int argc, char **argv)
{
	pthread_attr_t attr;
	pthread_t thread;

	big = malloc(SIZE);
	untouched = malloc(SIZE);
	if (!big || !untouched)
		return 9;
	memset(big, 0xa5, SIZE);
	if (argc > 1 && strcmp(argv[1], "thread") == 0) {
		if (pthread_attr_init(&attr) ||
		    pthread_attr_setstacksize(&attr, 8ul << 20) ||
		    pthread_create(&thread, &attr, in_thread, NULL))
			return 9;
		(void)pthread_join(thread, NULL);
	}
	crash_here();
	never = big[SIZE / 2];
	return 0;
}
