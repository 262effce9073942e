/* SPDX-License-Identifier: MIT */
/*
 * libraries FILE...: loads them all; the first one calls the second and so on, the last one dies.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "library.h"

static struct call *calls;
static const char *stage = "of the link";

int main(int argc, char **argv)
{
	calls = calloc((size_t)argc, sizeof(*calls));
	if (!calls || argc < 2)
		return 9;
	for (int i = 1; i < argc; i++) {
		void *library = dlopen(argv[i], RTLD_NOW | RTLD_LOCAL);

		if (!library) {
			fprintf(stderr, "%s\n", dlerror());
			return 9;
		}
		calls[i - 1].run = (library_entry)dlsym(library, "library_run");
		calls[i - 1].next = i + 1 < argc ? &calls[i] : NULL;
		snprintf(calls[i - 1].name, sizeof(calls[i - 1].name), "call %d", i);
	}
	stage = "of the run";
	return calls[0].run(&calls[0], stage[0]);
}
