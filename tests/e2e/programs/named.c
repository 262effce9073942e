/* SPDX-License-Identifier: MIT */
/*
 * named PROCESS THREAD: calls itself PROCESS and a thread of it THREAD, which crashes.
 */
#include <pthread.h>
#include <stdlib.h>
#include <sys/prctl.h>

__attribute__((noinline, noclone)) static void crash_here(void)
{
	*(volatile int *)16 = 1;
}

static void *other(void *name)
{
	(void)prctl(PR_SET_NAME, name);
	crash_here();
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc != 3 || prctl(PR_SET_NAME, argv[1]) < 0 ||
	    pthread_create(&thread, NULL, other, argv[2]) != 0)
		return 9;
	(void)pthread_join(thread, NULL);
	return 0;
}
