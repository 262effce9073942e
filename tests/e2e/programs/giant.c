/* SPDX-License-Identifier: MIT */
/*
 * giant KIND: a process of which there is more than of any other, and all of it is pointed to.
 *	threads N KIB	N threads, each KIB deep in its stack; the first one points into every page of all
 *	mappings N	N mappings of a page; the first thread points into all of them
 *	dense MIB	every word of the heap is the address of another one
 *	noise N MIB	N mappings that no compressor makes smaller
 *	reserved GIB N	N pieces of a MiB, far apart in GIB of which nothing else is there, all reached by
 *			pointers, beside pointers to what is not there
 *	objects FILE N	FILE is mapped N times from its beginning
 *	dtv N		N threads, each with a list of 512 blocks of thread-local memory
 *	signals N	N threads on stacks of their own making, 256 KiB deep
 *	changed MIB FILE	FILE is mapped, every other page was written to
 *	stack MIB	so much noise on the stack of the first thread
 * Then it dies, two frames deep.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#define DISTINCT __attribute__((noinline, noclone))
#define PAGE	 4096ul
#define MIB	 (1ul << 20)
#define POINTERS (120ul * 1024) /* what a stack of a MiB has room for */

static pthread_barrier_t all_here;
static char **lowest; /* of each thread, an address in its innermost frame */
static __thread long tls_number = -1;
volatile int never;

static void *map(size_t size, int protection)
{
	void *p = mmap(NULL, size, protection,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		_exit(9);
	return p;
}

static uint64_t scramble(uint64_t i)
{
	i = (i ^ (i >> 30)) * 0xbf58476d1ce4e5b9u;
	i = (i ^ (i >> 27)) * 0x94d049bb133111ebu;
	return i ^ (i >> 31);
}

DISTINCT static void crash_here(char **pointers)
{
	*(volatile int *)16 = pointers[0] != NULL;
}

/* All of them are on the stack. */
DISTINCT static void crash_with(char **pointers, size_t n)
{
	char *mine[POINTERS];

	if (n > POINTERS)
		n = POINTERS;
	memcpy(mine, pointers, n * sizeof(*mine));
	memset(mine + n, 0, sizeof(mine) - n * sizeof(*mine));
	crash_here(mine);
	never = 1;
}

static char **pointers_for(size_t n)
{
	return map((n + 1) * sizeof(char *), PROT_READ | PROT_WRITE);
}

DISTINCT static void worker_wait(long number, size_t size)
{
	volatile char room[size];

	room[0] = (char)number;
	lowest[number] = (char *)room;
	tls_number = number;
	(void)pthread_barrier_wait(&all_here);
	for (;;)
		(void)pause();
	never = room[0];
}

static size_t depth;

static void *worker(void *argument)
{
	worker_wait((long)argument, depth);
	return NULL;
}

static void many_threads(char **arguments)
{
	size_t n = strtoul(arguments[0], NULL, 0), kib = strtoul(arguments[1], NULL, 0);
	size_t pages = kib * 1024 / PAGE, count = 0;
	char **pointers = pointers_for(n * (pages + 1));
	pthread_attr_t attr;
	pthread_t thread;

	depth = kib * 1024;
	lowest = calloc(n, sizeof(*lowest));
	if (!lowest || pthread_barrier_init(&all_here, NULL, (unsigned int)n) ||
	    pthread_attr_init(&attr) || pthread_attr_setstacksize(&attr, depth + 32768))
		_exit(9);
	for (size_t i = 1; i < n; i++) {
		if (pthread_create(&thread, &attr, worker, (void *)i))
			_exit(9);
	}
	(void)pthread_barrier_wait(&all_here);
	(void)usleep(200000); /* into pause() */
	for (size_t page = 0; page <= pages; page++) {
		for (size_t i = 1; i < n; i++)
			pointers[count++] = lowest[i] + page * PAGE;
	}
	crash_with(pointers, count);
}

static void many_mappings(char **arguments)
{
	size_t n = strtoul(arguments[0], NULL, 0);
	char *pages = map(n * PAGE, PROT_READ | PROT_WRITE);
	char **pointers = pointers_for(n);

	for (size_t i = 0; i < n; i++) {
		pages[i * PAGE] = 1;
		pointers[i] = pages + i * PAGE;
		if (i % 2 && mprotect(pages + i * PAGE, PAGE, PROT_READ) < 0)
			_exit(9);
	}
	crash_with(pointers, n);
}

static void dense_heap(char **arguments)
{
	size_t size = strtoul(arguments[0], NULL, 0) * MIB, words = size / sizeof(char *);
	char *heap = map(size, PROT_READ | PROT_WRITE);
	char **at = (char **)(void *)heap;

	for (size_t i = 0; i < words; i++)
		at[i] = heap + scramble(i) % words * sizeof(char *);
	crash_with(at, POINTERS);
}

static void noise(char **arguments)
{
	size_t n = strtoul(arguments[0], NULL, 0),
	       size = strtoul(arguments[1], NULL, 0) * MIB;
	char **pointers = pointers_for(n);

	for (size_t i = 0; i < n; i++) {
		/* a page between, so that the kernel does not make one mapping of them */
		uint64_t *p = map(size + PAGE, PROT_NONE);

		if (mprotect(p, size, PROT_READ | PROT_WRITE) < 0)
			_exit(9);
		for (size_t w = 0; w < size / sizeof(*p); w++)
			p[w] = scramble(i * size + w) | 1ul << 63;
		pointers[i] = (char *)p;
	}
	crash_with(pointers, 1);
}

static void reserved(char **arguments)
{
	size_t size = strtoul(arguments[0], NULL, 0) << 30;
	size_t n = strtoul(arguments[1], NULL, 0), step = size / n & -PAGE;
	char *all = map(size, PROT_NONE);
	char **pointers = pointers_for(3 * n);

	for (size_t i = 0; i < n; i++) {
		char *piece = all + i * step;

		if (mprotect(piece, MIB, PROT_READ | PROT_WRITE) < 0)
			_exit(9);
		piece[i % 256 * PAGE] = (char)i;
		pointers[3 * i] = piece + i % 256 * PAGE;
		pointers[3 * i + 1] = piece + (i + 7) % 256 * PAGE; /* never touched */
		pointers[3 * i + 2] = piece + step / 2; /* and cannot be */
	}
	crash_with(pointers, 3 * n);
}

static void many_objects(char **arguments)
{
	size_t n = strtoul(arguments[1], NULL, 0);
	int fd = open(arguments[0], O_RDONLY);
	char **pointers = pointers_for(n);

	for (size_t i = 0; i < n; i++) {
		/* every other one may be executed: neighbours stay apart */
		char *p = mmap(NULL, 4 * PAGE, PROT_READ | (i % 2 ? PROT_EXEC : 0),
			       MAP_PRIVATE, fd, 0);

		if (p == MAP_FAILED)
			_exit(9);
		for (size_t page = 0; page < 4; page++)
			never = p[page * PAGE];
		pointers[i] = p;
	}
	crash_with(pointers, n);
}

/* The second word of a control block is the list: {count}, {block, what to free}... */
DISTINCT static void wait_with(char **blocks)
{
	((char ***)pthread_self())[1] = blocks + 2;
	(void)pthread_barrier_wait(&all_here);
	for (;;)
		(void)pause();
}

static void *dtv_worker(void *argument)
{
	wait_with(argument);
	return NULL;
}

static void start_all(size_t n, size_t stack, void *(*run)(void *), void *argument)
{
	pthread_attr_t attr;
	pthread_t thread;

	if (pthread_barrier_init(&all_here, NULL, (unsigned int)n) ||
	    pthread_attr_init(&attr) || pthread_attr_setstacksize(&attr, stack))
		_exit(9);
	for (size_t i = 1; i < n; i++) {
		if (pthread_create(&thread, &attr, run, argument))
			_exit(9);
	}
	(void)pthread_barrier_wait(&all_here);
	(void)usleep(200000); /* into pause() */
}

static void dtv(char **arguments)
{
	size_t n = strtoul(arguments[0], NULL, 0), blocks = 514;
	char *memory = map(blocks * 2 * PAGE, PROT_READ | PROT_WRITE);
	char **list = pointers_for(blocks);

	for (size_t i = 0; i < blocks; i++)
		*(list[i] = memory + 2 * i * PAGE) = 1;
	start_all(n, 65536, dtv_worker, list);
	crash_with(list, blocks);
}

/* As a handler on a signal stack: the thread's own stack is elsewhere. */
static void *signal_worker(void *argument)
{
	size_t size = 64 * PAGE;
	char *stack = map(2 * size, PROT_NONE);
	ucontext_t mine, other;

	if (mprotect(stack, size, PROT_READ | PROT_WRITE) < 0 || getcontext(&other) < 0)
		_exit(9);
	memset(stack, 1, size);
	other.uc_stack.ss_sp = stack;
	other.uc_stack.ss_size = PAGE;
	makecontext(&other, (void (*)(void))wait_with, 1, argument);
	(void)swapcontext(&mine, &other);
	return NULL;
}

static void signals(char **arguments)
{
	char **list = pointers_for(514);

	start_all(strtoul(arguments[0], NULL, 0), 65536, signal_worker, list);
	crash_with(list, 1);
}

static void changed(char **arguments)
{
	size_t size = strtoul(arguments[0], NULL, 0) * MIB;
	int fd = open(arguments[1], O_RDONLY);
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);

	if (p == MAP_FAILED)
		_exit(9);
	for (size_t at = 0; at < size; at += 2 * PAGE)
		p[at] = 1;
	crash_with(&p, 1);
}

DISTINCT static void noisy_stack(char **arguments)
{
	size_t words = strtoul(arguments[0], NULL, 0) * MIB / sizeof(uint64_t);
	volatile uint64_t noise[words];

	for (size_t i = words; i > 0; i--)
		noise[i - 1] = i % 2 ? scramble(i) | 1ul << 63 : 0;
	crash_with(arguments, 1);
	never = (int)noise[0];
}

static const struct kind {
	const char *name;
	void (*make)(char **arguments);
	int arguments;
} kinds[] = {
	{ "threads", many_threads, 2 },
	{ "mappings", many_mappings, 1 },
	{ "dense", dense_heap, 1 },
	{ "noise", noise, 2 },
	{ "reserved", reserved, 2 },
	{ "objects", many_objects, 2 },
	{ "dtv", dtv, 1 },
	{ "signals", signals, 1 },
	{ "changed", changed, 2 },
	{ "stack", noisy_stack, 1 },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, argv[1]) == 0 && argc == 2 + kinds[i].arguments)
			kinds[i].make(argv + 2);
	}
	return 8;
}
