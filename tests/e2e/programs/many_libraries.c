/* SPDX-License-Identifier: MIT */
/*
 * many_libraries LIBRARY...: a small process with many libraries. What these relocated is private, changed
 * memory of files, of which nothing may be left out; a list is on the heap, and frames point to it.
 *
 * With -DLIBRARY: one of these libraries. Its table is some 100 KiB of addresses.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef LIBRARY

#define SIXTEEN(p)                                                                  \
	(p), (p) + 33, (p) + 1007, (p) + 2048, (p) + 91, (p) + 5, (p) + 3333,       \
		(p) + 4001, (p) + 44, (p) + 71, (p) + 2022, (p) + 1234, (p) + 4321, \
		(p) + 8, (p) + 99, (p) + 777
#define MANY(p)                                                               \
	SIXTEEN(p), SIXTEEN((p) + 17), SIXTEEN((p) + 29), SIXTEEN((p) + 321), \
		SIXTEEN((p) + 400), SIXTEEN((p) + 501), SIXTEEN((p) + 612),   \
		SIXTEEN((p) + 733)

static char area[32768];
/* 12,800 pointers */
char *const table[] = {
#define TEN(p)                                                                 \
	MANY(p), MANY((p) + 1), MANY((p) + 2), MANY((p) + 3), MANY((p) + 5),   \
		MANY((p) + 7), MANY((p) + 11), MANY((p) + 13), MANY((p) + 19), \
		MANY((p) + 23)
	TEN(area),	   TEN(area + 2301),  TEN(area + 4999),	 TEN(area + 7001),
	TEN(area + 9103),  TEN(area + 11117), TEN(area + 13001), TEN(area + 15013),
	TEN(area + 17011), TEN(area + 19001),
};

#else

#define NODES 30000

struct node {
	long id;
	char *text;
	struct node *next;
};

__attribute__((noinline, noclone)) static long crash(struct node *node, int depth)
{
	if (depth)
		return crash(node->next, depth - 1) + node->id;
	return *(volatile long *)8 + node->id;
}

int main(int argc, char **argv)
{
	struct node *list = NULL;

	for (int i = 1; i < argc; i++) {
		if (!dlopen(argv[i], RTLD_NOW))
			return 9;
	}
	for (long i = 0; i < NODES; i++) {
		struct node *node = malloc(sizeof(*node));

		node->id = i;
		if (asprintf(&node->text, "node %ld", i) < 0)
			return 9;
		node->next = list;
		list = node;
	}
	return (int)crash(list, 8);
}

#endif
