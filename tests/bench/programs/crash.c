/* SPDX-License-Identifier: MIT */
/*
 * What dies for tests/bench/run. When it is as large as it is to be, it says so on standard output with one
 * byte and waits for one on standard input; its last act is to say when it crashes.
 *
 *   crash tiny
 *   crash dense MIB             all of it touched
 *   crash sparse MIB            one page in 256
 *   crash reserve MIB TOUCHED   so many MiB, in runs of 2 MiB all over it
 *   crash threads N             with stacks of 1 MiB, as Java's, and 16 KiB for each to work on
 */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "content.h"

#define PAGE	    4096
#define MIB	    (1ull << 20)
#define HUGE	    (2 * MIB)
#define SPARSE	    256
#define DEPTH	    12
#define THREADS_MAX 4000
#define OF_THREAD   (16ull << 10)

/* CLOCK_MONOTONIC; and what the process had used by then: the rest is the kernel's work on it. */
struct last_words {
	uint64_t nanoseconds;
	uint64_t cpu_microseconds;
};

struct frame {
	const struct frame *outer;
	const void *at[8];
	char label[16];
};

static struct layout layout;
static pthread_barrier_t started;
static pthread_mutex_t forever = PTHREAD_MUTEX_INITIALIZER;
volatile uintptr_t never;

#define DISTINCT __attribute__((noinline, noclone))

static uint64_t microseconds(struct timeval time)
{
	return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

static void crash_now(void)
{
	struct last_words words;
	struct rusage used;
	struct timespec now;
	char go = 0;

	if (write(STDOUT_FILENO, &go, 1) != 1 || read(STDIN_FILENO, &go, 1) != 1)
		_exit(9);
	if (getrusage(RUSAGE_SELF, &used) < 0 || clock_gettime(CLOCK_MONOTONIC, &now) < 0)
		_exit(9);
	words.cpu_microseconds =
		microseconds(used.ru_utime) + microseconds(used.ru_stime);
	words.nanoseconds = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	if (write(STDOUT_FILENO, &words, sizeof(words)) != sizeof(words))
		_exit(9);
	*(volatile int *)8 = 1;
}

/* Frames whose locals point into what was filled, for a handler that follows them. */
DISTINCT static void descend(uint64_t near, int left, int crash,
			     const struct frame *outer)
{
	struct frame here = { .outer = outer, .label = "frame" };

	for (size_t i = 0; i < 8 && layout.touched; i++)
		here.at[i] = layout_at(&layout, (near + (i << 12)) % layout.touched);
	if (left > 0) {
		descend(near + 64, left - 1, crash, &here);
	} else if (crash) {
		crash_now();
	} else {
		pthread_barrier_wait(&started);
		pthread_mutex_lock(&forever);
	}
	never = (uintptr_t)here.outer;
}

static void *thread(void *number)
{
	descend((uintptr_t)number * OF_THREAD, DEPTH, 0, NULL);
	return NULL;
}

static int start_threads(unsigned count)
{
	pthread_attr_t attributes;
	pthread_t id;

	if (count < 1 || count > THREADS_MAX ||
	    pthread_barrier_init(&started, NULL, count) ||
	    pthread_attr_init(&attributes) || pthread_attr_setstacksize(&attributes, MIB))
		return -1;
	pthread_mutex_lock(&forever);
	for (uintptr_t i = 1; i < count; i++) {
		if (pthread_create(&id, &attributes, thread, (void *)i))
			return -1;
	}
	pthread_barrier_wait(&started);
	usleep(100000); /* they are in their last wait by then */
	return 0;
}

/* Memory of `size` bytes of which `touched` are, `run` at a time. */
static int reserve(uint64_t size, uint64_t run, uint64_t touched)
{
	char *base = mmap(NULL, size + HUGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (base == MAP_FAILED || !touched || touched > size || touched % run)
		return -1;
	layout.base = base + (HUGE - (uintptr_t)base % HUGE) % HUGE;
	layout.run = run;
	layout.stride = size / (touched / run) & ~(run - 1);
	layout.touched = touched;
	/* A huge page would touch 511 others. */
	if (run < HUGE && madvise(base, size + HUGE, MADV_NOHUGEPAGE) < 0)
		return -1;
	return content_fill(&layout);
}

static int prepare(const char *mode, uint64_t first, uint64_t second)
{
	if (strcmp(mode, "tiny") == 0)
		return 0;
	if (strcmp(mode, "dense") == 0)
		return reserve(first * MIB, HUGE, first * MIB);
	if (strcmp(mode, "sparse") == 0)
		return reserve(first * MIB, PAGE, first * MIB / SPARSE);
	if (strcmp(mode, "reserve") == 0)
		return reserve(first * MIB, HUGE, second * MIB);
	if (strcmp(mode, "threads") == 0)
		return reserve(16 * MIB, HUGE, 16 * MIB) < 0
			       ? -1
			       : start_threads((unsigned)first);
	return -1;
}

int main(int argc, char **argv)
{
	uint64_t number[2] = { 0, 0 };

	for (int i = 2; i < argc && i < 4; i++)
		number[i - 2] = strtoull(argv[i], NULL, 10);
	if (argc < 2 || prepare(argv[1], number[0], number[1]) < 0)
		return 9;
	descend(0, DEPTH, 1, NULL);
	return 9;
}
