/* SPDX-License-Identifier: MIT */
/*
 * part_stacks fiber | handler: stacks that are parts of something larger, which is full of noise.
 *   fiber    64 MiB from mmap(2): a fiber at its lower end crashes, and fibers of three other threads wait
 *   handler  60 MB from malloc(3): a signal handler's stack is among it; it aborts, two frames deep
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#define ARENA	(64u << 20)
#define FIBER	(64u << 10)
#define GAP	1024
#define BLOCKS	2000
#define THREADS 3
#define NODES	20000

struct node {
	long id;
	char *text;
	struct node *next;
};

static struct node *list;
static char *arena, *blocks[BLOCKS];
static ucontext_t before[THREADS + 1], fibers[THREADS + 1];
static pthread_barrier_t ready;

static void fill(char *p, size_t n)
{
	static uint64_t seed = 1;

	for (size_t i = 0; i + 8 <= n; i += 8) {
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		memcpy(p + i, &seed, 8);
	}
}

static void make_list(void)
{
	for (long i = 0; i < NODES; i++) {
		struct node *node = malloc(sizeof(*node));

		node->id = i;
		if (asprintf(&node->text, "node %ld", i) < 0)
			exit(9);
		node->next = list;
		list = node;
	}
}

__attribute__((noinline, noclone)) static long crash(struct node *node, int depth)
{
	char note[32];

	(void)snprintf(note, sizeof(note), "depth %d", depth);
	if (depth)
		return crash(node->next, depth - 1) + note[0];
	return *(volatile long *)8 + node->id + note[0];
}

__attribute__((noinline, noclone)) static void wait_for_end(struct node *node)
{
	volatile long mark = node->id;

	pthread_barrier_wait(&ready);
	while (mark >= 0)
		(void)pause();
}

static void crashing_fiber(void)
{
	pthread_barrier_wait(&ready);
	(void)crash(list, 8);
}

static void waiting_fiber(void)
{
	wait_for_end(list->next);
}

static void run_fiber(int number, void (*function)(void))
{
	(void)getcontext(&fibers[number]);
	fibers[number].uc_stack.ss_sp = arena + (size_t)number * FIBER;
	fibers[number].uc_stack.ss_size = FIBER - GAP;
	/* a debugger walks on over the end of a fiber until it finds nothing */
	memset(arena + (size_t)(number + 1) * FIBER - GAP, 0, GAP);
	fibers[number].uc_link = &before[number];
	makecontext(&fibers[number], function, 0);
	(void)swapcontext(&before[number], &fibers[number]);
}

static void *thread(void *number)
{
	run_fiber((int)(intptr_t)number, waiting_fiber);
	return NULL;
}

static int fiber(void)
{
	pthread_t id;

	arena = mmap(NULL, ARENA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		     0);
	if (arena == MAP_FAILED)
		return 9;
	fill(arena, ARENA);
	(void)pthread_barrier_init(&ready, NULL, THREADS + 1);
	for (intptr_t i = 1; i <= THREADS; i++)
		(void)pthread_create(&id, NULL, thread, (void *)i);
	run_fiber(0, crashing_fiber);
	return 0;
}

__attribute__((noinline, noclone)) static void give_up(const char *why)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "giving up: %s", why);
	abort();
}

static void on_segv(int number, siginfo_t *info, void *context)
{
	char where[64];

	(void)snprintf(where, sizeof(where), "signal %d at %p of %p", number,
		       info->si_addr, context);
	give_up(where);
}

static int handler(void)
{
	stack_t other = { .ss_sp = malloc(FIBER), .ss_size = FIBER };
	struct sigaction action = { .sa_sigaction = on_segv,
				    .sa_flags = SA_SIGINFO | SA_ONSTACK };

	if (!other.ss_sp || sigaltstack(&other, NULL) < 0 ||
	    sigaction(SIGSEGV, &action, NULL) < 0)
		return 9;
	for (int i = 0; i < BLOCKS; i++) {
		blocks[i] = malloc(30000);
		fill(blocks[i], 30000);
	}
	return (int)crash(list, 8);
}

int main(int argc, char **argv)
{
	make_list();
	return argc > 1 && strcmp(argv[1], "handler") == 0 ? handler() : fiber();
}
