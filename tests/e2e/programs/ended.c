/* SPDX-License-Identifier: MIT */
/*
 * The first thread has ended, a zombie without memory, when another one crashes.
 */
#include <pthread.h>
#include <unistd.h>

static pthread_t first;

__attribute__((noinline)) static void crash_here(volatile int *p)
{
	*p = 1;
}

static void *other(void *unused)
{
	(void)unused;
	(void)pthread_join(first, NULL);
	usleep(100000); /* the kernel's end of a thread comes after glibc's */
	crash_here(NULL);
	return NULL;
}

int main(void)
{
	pthread_t thread;

	first = pthread_self();
	if (pthread_create(&thread, NULL, other, NULL) != 0)
		return 1;
	pthread_exit(NULL);
}
