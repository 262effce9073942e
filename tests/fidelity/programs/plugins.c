/* SPDX-License-Identifier: MIT */
/*
 * plugins FIRST SECOND: a host that loads plugins with dlopen, and with dlmopen into name spaces
 * of their own; each calls the next one, the last one crashes. A second thread waits in
 * all of them, with its own copies of their thread-local data.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "plugin.h"

#define PLUGINS 4

static struct link_of_chain chain[PLUGINS + 1];
static const char *loaded_from[PLUGINS];
static __thread int calls_of_host;
static pthread_barrier_t inside;

static plugin_entry load(int index, const char *path, int own_name_space)
{
	void *handle = own_name_space ? dlmopen(LM_ID_NEWLM, path, RTLD_NOW)
				      : dlopen(path, RTLD_NOW | RTLD_LOCAL);
	plugin_entry run = handle ? (plugin_entry)dlsym(handle, "plugin_run") : NULL;

	if (!run) {
		fprintf(stderr, "%s: %s\n", path, dlerror());
		_exit(9);
	}
	loaded_from[index] = path;
	return run;
}

/* The end of the chain: the second thread waits here, the first one dies. */
static int end_of_chain(struct link_of_chain *link, int depth)
{
	volatile int *nowhere = (volatile int *)(unsigned long)(depth * 8);

	calls_of_host = depth;
	pthread_barrier_wait(&inside);
	if (link->shared)
		pause();
	usleep(100000);
	return *nowhere;
}

static void *second_thread(void *argument)
{
	struct link_of_chain mine[PLUGINS + 1];

	for (int i = 0; i <= PLUGINS; i++) {
		mine[i] = chain[i];
		mine[i].next = i < PLUGINS ? &mine[i + 1] : NULL;
		mine[i].shared = argument;
	}
	mine[0].run(&mine[0], 0);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int mark = 4711;

	if (argc != 3 || pthread_barrier_init(&inside, NULL, 2))
		return 9;
	for (int i = 0; i < PLUGINS; i++) {
		chain[i].run = load(i, argv[1 + i % 2], i >= 2);
		chain[i].next = &chain[i + 1];
		snprintf(chain[i].name, sizeof(chain[i].name), "plugin %d of the chain",
			 i);
	}
	chain[PLUGINS].run = end_of_chain;
	if (pthread_create(&thread, NULL, second_thread, &mark))
		return 9;
	return chain[0].run(&chain[0], 0);
}
