/* SPDX-License-Identifier: MIT */
/*
 * hanging_low FILE: at a low address a MiB of memory, and directly behind it 64 pages of a file of
 * tests/e2e/programs/hanging_file.c, mapped privately: the first and the third are changed, the second is read, and from
 * the fifth on nobody ever gets any. What points to them is on the stack, so that type mini asks for them. All else lies
 * above: a global, a heap, two more threads. The words of memory, and of changed pages, are their own addresses. Prints
 * where the heap begins; SIGABRT.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LOW	 ((char *)0x10000000)
#define BELOW	 (1 << 20)
#define PAGE	 4096
#define PAGES	 64
#define ANSWERED 4 /* of these */
#define HALF	 (512 << 10) /* what is answered of a file of a MiB */
#define HEAP	 (1 << 20)
#define THREADS	 2

static pthread_barrier_t all_here;
int counter = 1; /* at run time 4711 */
char *heap;

static void fill(char *p, size_t n)
{
	for (size_t i = 0; i < n; i += sizeof(p)) {
		char *address = p + i;

		memcpy(p + i, &address, sizeof(address));
	}
}

__attribute__((noinline, noclone)) static void worker_wait(long number)
{
	volatile long mine = number * 1000;

	(void)pthread_barrier_wait(&all_here);
	for (;;)
		(void)pause();
	counter = (int)mine;
}

static void *worker(void *argument)
{
	worker_wait((long)argument);
	return NULL;
}

static char *map(char *at, size_t n, int flags, int fd, off_t offset)
{
	char *p = mmap(at, n, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_FIXED_NOREPLACE | flags, fd, offset);

	if (p != at)
		_exit(9);
	return p;
}

/* Nothing ahead of what is touched, which would hang. */
static char *map_file(int fd)
{
	char *p = map(LOW + BELOW, (size_t)PAGES * PAGE, 0, fd, HALF - ANSWERED * PAGE);

	if (madvise(p, (size_t)PAGES * PAGE, MADV_RANDOM))
		_exit(9);
	fill(p, PAGE);
	fill(p + 2 * PAGE, PAGE);
	counter += ((volatile char *)p)[PAGE];
	return p;
}

__attribute__((noinline, noclone)) static int crash_here(char *file)
{
	char *volatile pointers[PAGES];

	for (int i = 0; i < PAGES; i++)
		pointers[i] = file + i * PAGE;
	abort();
	return pointers[0] != NULL;
}

int main(int argc, char **argv)
{
	int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
	pthread_t thread;
	char *file;

	if (fd < 0 || pthread_barrier_init(&all_here, NULL, THREADS + 1))
		return 9;
	fill(map(LOW, BELOW, MAP_ANONYMOUS, -1, 0), BELOW);
	file = map_file(fd);
	heap = malloc(HEAP);
	if (!heap)
		return 9;
	fill(heap, HEAP);
	counter = 4711;
	for (long i = 1; i <= THREADS; i++)
		if (pthread_create(&thread, NULL, worker, (void *)i))
			return 9;
	(void)pthread_barrier_wait(&all_here);
	(void)usleep(100000); /* into pause() */
	(void)printf("%p\n", (void *)heap);
	(void)fflush(stdout);
	return crash_here(file);
}
