/* SPDX-License-Identifier: MIT */
/*
 * Crashes of processes that have the memory of another one, the threads of which keep its mmap_lock busy: they
 * change the protection of many pages without a pause, and go on after the crash.
 *
 *   busy_lock MIB THREADS CRASHES SECONDS
 *
 * Prints "crashed" when the signals are sent, and ends after so many seconds.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STACK 65536
#define PAGE  4096

static char *memory;
static size_t size;
static volatile int go;

static void *keep_busy(void *unused)
{
	(void)unused;
	while (!go)
		(void)sched_yield();
	for (;;) {
		(void)mprotect(memory, size, PROT_READ);
		(void)mprotect(memory, size, PROT_READ | PROT_WRITE);
	}
	return NULL;
}

/* No libc here: its data are the other process'. */
static int crash(void *unused)
{
	const struct timespec moment = { 0, 500000000 };

	(void)unused;
	while (!go)
		(void)syscall(SYS_sched_yield);
	(void)syscall(SYS_nanosleep, &moment, NULL);
	(void)syscall(SYS_kill, syscall(SYS_getpid), SIGSEGV);
	(void)syscall(SYS_exit, 1);
	return 0;
}

static char *map(size_t n)
{
	char *at =
		mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		exit(2);
	return at;
}

int main(int argc, char **argv)
{
	int threads, crashes, seconds;
	char *stacks;

	if (argc != 5)
		return 2;
	size = (size_t)atoi(argv[1]) << 20;
	threads = atoi(argv[2]);
	crashes = atoi(argv[3]);
	seconds = atoi(argv[4]);
	memory = map(size);
	(void)madvise(memory, size, MADV_NOHUGEPAGE);
	for (size_t at = 0; at < size; at += PAGE)
		memory[at] = 1;
	for (int i = 0; i < threads; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, keep_busy, NULL) != 0)
			return 2;
	}
	stacks = map((size_t)crashes * STACK);
	for (int i = 0; i < crashes; i++) {
		if (clone(crash, stacks + (size_t)(i + 1) * STACK, CLONE_VM | SIGCHLD,
			  NULL) < 0)
			return 2;
	}
	go = 1;
	(void)usleep(600000);
	(void)puts("crashed");
	(void)fflush(stdout);
	(void)sleep((unsigned int)seconds);
	_exit(0);
}
