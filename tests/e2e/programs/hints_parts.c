/* SPDX-License-Identifier: MIT */
/*
 * A program of parts that all include the header, one of them before main().
 *
 *	-DPART=0   main(), and a constructor; says "tables" and waits. Arguments: libraries to load
 *	-DPART=N   a function part_N() that says a hint
 */
#include <stdio.h>
#include <unistd.h>

#include <dumpd-hints.h>

#define NAME2(n) part_##n
#define NAME(n)	 NAME2(n)
#define TEXT2(n) #n
#define TEXT(n)	 TEXT2(n)

#if PART == 0
#include <dlfcn.h>
void part_1(void);
void part_2(void);

__attribute__((constructor)) static void early(void)
{
	static char memory[8];

	(void)dumpd_hints_add(dumpd_keep(memory, sizeof(memory), 0, "early"));
}

int main(int argc, char **argv)
{
	part_1();
	part_2();
	for (int i = 1; i + 1 < argc; i += 2) {
		void *library = dlopen(argv[i], RTLD_NOW | RTLD_LOCAL);
		void (*part)(void) = NULL;

		if (library)
			*(void **)&part = dlsym(library, argv[i + 1]);
		if (!part) {
			fprintf(stderr, "%s\n", dlerror());
			return 1;
		}
		part();
	}
	puts("ready");
	fflush(stdout);
	pause();
	return 0;
}
#else
void NAME(PART)(void);
void NAME(PART)(void)
{
	static char memory[8];

	(void)dumpd_hints_add(dumpd_keep(memory, sizeof(memory), 0, "part " TEXT(PART)));
}
#endif
