/* SPDX-License-Identifier: MIT */
/*
 * Other people's data in all the places that triage looks at, in letters of all widths. secrets.py makes
 * what comes through standard input.
 *
 *	letters SECRET		and in SECRET_VALUE of the environment
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SECRET 48
#define PAGE   4096

static char in_data[SECRET + 8] = "initialised"; /* the first one */
static char in_bss[SECRET + 8]; /* in the page that has the end of .data */
static struct {
	char room[PAGE];
	char letters[3 * PAGE];
	uint32_t wide[SECRET];
} behind; /* it */
static __thread char in_tls[SECRET + 8];
static __thread uint16_t wide_in_tls[SECRET + 4];
static pthread_barrier_t barrier;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static char *fill(char *p)
{
	if (read(STDIN_FILENO, p, SECRET) != SECRET)
		fail("standard input");
	return p;
}

static void wipe(volatile char *p, size_t n)
{
	while (n > 0)
		p[--n] = 0;
}

static void widen2(uint16_t *to)
{
	char letters[SECRET];

	fill(letters);
	for (size_t i = 0; i < SECRET; i++)
		to[i] = (uint16_t)letters[i];
	wipe(letters, sizeof(letters));
}

static void widen4(uint32_t *to)
{
	char letters[SECRET];

	fill(letters);
	for (size_t i = 0; i < SECRET; i++)
		to[i] = (uint32_t)letters[i];
	wipe(letters, sizeof(letters));
}

static void *other_thread(void *argument)
{
	char local[SECRET + 8];
	uint16_t wide2[SECRET];
	uint32_t wide4[SECRET];

	fill(local + 5);
	widen2(wide2);
	widen4(wide4);
	fill(in_tls + 3);
	widen2(wide_in_tls);
	pthread_barrier_wait(&barrier);
	for (;;)
		pause();
	return argument;
}

static void crash(void)
{
	char local[SECRET + 8];
	uint16_t wide2[SECRET];
	uint32_t wide4[SECRET];
	uint64_t wide8[SECRET];

	fill(local + 1);
	widen2(wide2);
	widen4(wide4);
	widen4((uint32_t *)wide8);
	for (size_t i = SECRET; i-- > 0;)
		wide8[i] = ((uint32_t *)wide8)[i];
	*(volatile int *)8 = (int)wide8[0];
}

int main(void)
{
	char *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char *private = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_t thread;

	if (shared == MAP_FAILED || private == MAP_FAILED)
		fail("mmap");
	fill(in_data + 3);
	fill(in_bss + 3);
	fill(behind.letters + 2 * PAGE - 11);
	widen4(behind.wide);
	fill(in_tls + 1);
	widen2(wide_in_tls);
	fill(malloc(SECRET));
	fill(shared);
	fill(private + PAGE - 7);
	pthread_barrier_init(&barrier, NULL, 2);
	if (pthread_create(&thread, NULL, other_thread, NULL) != 0)
		fail("pthread_create");
	pthread_barrier_wait(&barrier);
	crash();
}
