/* SPDX-License-Identifier: MIT */
/*
 * What hints/dumpd-hints.h costs a program, in nanoseconds. `make bench` runs it; no test does.
 */
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "hints/dumpd-hints.h"

#define ROUNDS 5000000
#define BATCH  64

static char memory[2][64];

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* there is no system without it */
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* What no hint can be cheaper than, to compare machines. */
static void swaps(const char *p)
{
	static uint32_t word;

	(void)p;
	for (uint32_t i = 0; i < 2 * ROUNDS; i++) {
		uint32_t old = i;

		__atomic_compare_exchange_n(&word, &old, i + 1, 0, __ATOMIC_ACQ_REL,
					    __ATOMIC_RELAXED);
	}
}

static void add_remove(const char *p)
{
	for (int i = 0; i < ROUNDS; i++)
		dumpd_hints_remove(dumpd_hints_add(dumpd_secret(p, 64, "session key")));
}

static void replace(const char *p)
{
	dumpd_hint_id id = dumpd_hints_add(dumpd_secret(p, 64, "session key"));

	for (int i = 0; i < ROUNDS; i++)
		id = dumpd_hints_replace(id, dumpd_secret(p, 64, "session key"));
	dumpd_hints_remove(id);
}

/* Entries are taken one after the other, and given back. */
static void batches(const char *p)
{
	dumpd_hint_id id[BATCH];

	for (int i = 0; i < ROUNDS / BATCH; i++) {
		for (int k = 0; k < BATCH; k++)
			id[k] = dumpd_hints_add(dumpd_keep(p, 64, 0, "batch"));
		for (int k = 0; k < BATCH; k++)
			dumpd_hints_remove(id[k]);
	}
}

static void *thread(void *p)
{
	add_remove(p);
	return NULL;
}

static void two_threads(const char *p)
{
	pthread_t other;

	if (pthread_create(&other, NULL, thread, memory[1]) != 0)
		return;
	add_remove(p);
	pthread_join(other, NULL);
}

static const struct {
	const char *name;
	void (*run)(const char *p);
} cases[] = {
	{ "two compare-and-swaps, to compare", swaps },
	{ "add and remove", add_remove },
	{ "replace", replace },
	{ "add and remove, 64 at a time", batches },
	{ "add and remove, 2 threads at once", two_threads },
};

int main(void)
{
	double before = now();

	if (dumpd_hints_prepare() < 0)
		return 1;
	printf("hints: %-36s %8.0f ns\n", "make the table", now() - before);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		before = now();
		cases[i].run(memory[0]);
		printf("hints: %-36s %8.1f ns\n", cases[i].name,
		       (now() - before) / ROUNDS);
	}
	return 0;
}
