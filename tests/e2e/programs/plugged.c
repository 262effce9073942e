/* SPDX-License-Identifier: MIT */
/*
 * plugged LIBRARY: a host that loads a library with dlopen, in two threads that both are in it,
 * each with thread-local data of its own; then the first one dies there. Built with several C
 * libraries and for several machines. The library is this file, too: -DLIBRARY.
 */
#include <stdlib.h>
#include <string.h>

struct item {
	struct item *next;
	char name[24];
	int value;
};

struct call {
	struct item *items;
	void (*arrived)(int);
	int number;
};

#ifdef LIBRARY

struct item *library_items; /* on the heap, by way of a global of a library */
int library_counter = 1;
__thread struct call library_call;
__thread char library_note[64] = "of the link";
volatile int library_never;

int library_run(const struct call *call)
{
	struct item mine = { .next = call->items,
			     .name = "in the library",
			     .value = call->number };
	struct item *on_heap = malloc(sizeof(*on_heap));

	if (!on_heap)
		abort();
	*on_heap = mine;
	library_items = on_heap;
	library_call = *call;
	library_counter += call->number;
	strcpy(library_note, call->number == 1 ? "of the first" : "of the second");
	call->arrived(call->number);
	library_never = on_heap->value;
	return mine.value;
}

#else

#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>

static int (*run)(const struct call *call);
static __thread int host_number = -1;
static __thread struct item *host_item;
static volatile int second_is_there;
struct item *items;
volatile int never;

static struct item *push(struct item *next, const char *name, int value)
{
	struct item *item = calloc(1, sizeof(*item));

	if (!item)
		abort();
	item->next = next;
	item->value = value;
	strncpy(item->name, name, sizeof(item->name) - 1);
	return item;
}

static void arrived(int number)
{
	struct item *nothing = NULL;

	host_number = number;
	if (number == 2)
		second_is_there = 1;
	while (number == 2)
		(void)pause();
	while (!second_is_there)
		(void)usleep(10000);
	(void)usleep(100000); /* into pause() */
	never = nothing->value;
}

static void *second_thread(void *argument)
{
	struct call call = { argument, arrived, 2 };

	host_item = push(argument, "of the second", 22);
	never = run(&call);
	return argument;
}

int main(int argc, char **argv)
{
	struct call call = { NULL, arrived, 1 };
	void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
	pthread_t thread;

	if (!library)
		return 9;
	run = (int (*)(const struct call *))dlsym(library, "library_run");
	for (int i = 0; i < 100; i++)
		items = push(items, "of the host", i);
	host_item = push(items, "of the first", 11);
	call.items = items;
	if (!run || pthread_create(&thread, NULL, second_thread, items))
		return 9;
	never = run(&call);
	return 0;
}

#endif
