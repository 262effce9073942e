/* SPDX-License-Identifier: MIT */
/*
 * Secrets wherever memory can be, each read straight into its place, each under a hint, and other
 * hints that contradict. secrets.py makes what comes through standard input: SECRET bytes for each.
 *
 *	secrets SECRET		argv[1], and SECRET_VALUE in the environment, are secrets, too
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <dumpd-hints.h>

#define SECRET 48
#define PAGE   4096

static char in_data[SECRET + 16] = "initialised";
static char in_bss[SECRET + 16];
static __thread char in_tls[SECRET + 16];
static char *heap_pointer;
static unsigned int heap_length = SECRET;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void say(struct dumpd_hint hint)
{
	if (dumpd_hints_add(hint) <= 0)
		fail("a hint");
}

static void fill(char *p, size_t n)
{
	if (read(STDIN_FILENO, p, n) != (ssize_t)n)
		fail("standard input");
}

static void hush(char *p)
{
	say(dumpd_secret(p, SECRET, "secret"));
	fill(p, SECRET);
}

static char *map(size_t n, int flags)
{
	char *p = mmap(NULL, n, PROT_READ | PROT_WRITE, flags, -1, 0);

	if (p == MAP_FAILED)
		fail("mmap");
	memset(p, 'n', n);
	return p;
}

/*
 * Registers are in a dump, and the C library's functions for strings leave in the vector ones what is
 * near: these are what they were at the program's start (XRSTOR with XSTATE_BV 0).
 */
static void wipe_registers(void)
{
	static struct {
		char begin[24];
		unsigned int mxcsr;
		char rest[PAGE - 28];
	} state __attribute__((aligned(64))) = { .mxcsr = 0x1f80 };

	__asm__ volatile("xrstor %0" : : "m"(state), "a"(0xe6), "d"(0));
}

static void *other_thread(void *barrier)
{
	char on_stack[SECRET + 16];

	hush(on_stack + 5);
	hush(in_tls + 3);
	wipe_registers();
	pthread_barrier_wait(barrier);
	for (;;)
		pause();
	return NULL;
}

static void start_thread(void)
{
	static pthread_barrier_t barrier;
	pthread_t thread;

	pthread_barrier_init(&barrier, NULL, 2);
	if (pthread_create(&thread, NULL, other_thread, &barrier) != 0)
		fail("pthread_create");
	pthread_barrier_wait(&barrier);
}

/* Whoever says something else of the same bytes. */
static void contradict(char *p)
{
	static char *kept;

	kept = p;
	say(dumpd_keep(p - 8, SECRET + 16, 0, "keep"));
	say(dumpd_keep_pointee(&kept, SECRET, 0, "pointee"));
	say(dumpd_text(p, SECRET, "text"));
	say(dumpd_text(p - 8, 16, "before"));
	say(dumpd_text(p + SECRET - 1, 8, "behind"));
	say(dumpd_text(p + 20, 4, "inside"));
	hush(p);
	say(dumpd_keep(p, SECRET, 0, "again"));
	say(dumpd_drop(p, SECRET, "drop"));
}

static void hush_text(char *text)
{
	say(dumpd_secret(text, strlen(text), "text"));
}

static void crash(void)
{
	char on_stack[SECRET + 16];

	hush(on_stack + 1);
	wipe_registers();
	*(volatile int *)8 = 1;
}

int main(int argc, char **argv)
{
	char *shared = map(3 * PAGE, MAP_SHARED | MAP_ANONYMOUS);
	char *private = map(5 * PAGE, MAP_PRIVATE | MAP_ANONYMOUS);

	if (argc == 2)
		hush_text(argv[1]);
	if (getenv("SECRET_VALUE"))
		hush_text(getenv("SECRET_VALUE"));
	heap_pointer = malloc(SECRET + 16);
	say(dumpd_keep_pointee_of(&heap_pointer, &heap_length, 4, 0, 0, "heap"));
	hush(heap_pointer + 3);
	contradict(malloc(SECRET + 32) + 16);
	hush(in_data + 7);
	hush(in_bss + 5);
	hush(in_tls + 2);
	hush(shared + 9);
	hush(shared + 2 * PAGE - 17); /* over a page's end */
	hush(private + PAGE - 29);
	say(dumpd_secret(private + 2 * PAGE - 1, PAGE + 2, "page")); /* a page and more */
	fill(private + 2 * PAGE - 1, SECRET);
	fill(private + 3 * PAGE - SECRET + 1, SECRET);
	start_thread();
	crash();
}
