/* SPDX-License-Identifier: MIT */
/*
 * One of a hundred: tables that are relocated, variables that change, memory of its own.
 */
#include <stdio.h>
#include <stdlib.h>

#include "library.h"

struct item {
	struct item *next;
	char *label;
	int weight;
};

#define FOUR(x) x, x, x, x
#define SOME(x) FOUR(FOUR(FOUR(FOUR(x))))
/* Pointers of which no two are alike, as far as compression goes. */
#define ANYWHERE (pool + (__COUNTER__ + SEED) * 40503u % sizeof(pool))

static const char pool[8191] = "of the link";
int library_calls = 1;
static struct item *items;
static const char *const names[] = { SOME(ANYWHERE), SOME(ANYWHERE),
				     SOME(ANYWHERE) }; /* relocated, then read-only */
static const char *changing[] = { SOME(ANYWHERE) };
static char scratch[5000];
__thread int calls_of_thread;
volatile int library_never;

static struct item *add(const char *name, int weight)
{
	struct item *made = calloc(1, sizeof(*made));

	if (!made || asprintf(&made->label, "%s, %d", name, weight) < 0)
		abort();
	made->weight = weight;
	made->next = items;
	items = made;
	return made;
}

int library_run(struct call *call, int depth)
{
	struct item *top = NULL;
	const char **place = &changing[depth % 200];

	for (int i = 0; i < 10; i++)
		top = add(call->name, depth + i);
	*place = top->label;
	calls_of_thread++;
	library_calls += depth;
	snprintf(scratch, sizeof(scratch), "%s in %s", call->name, names[0]);
	if (call->next)
		return call->next->run(call->next, depth + 1) + library_never;
	return *(volatile int *)(unsigned long)(scratch[0] ? 8 : 16);
}
