/* SPDX-License-Identifier: MIT */
/*
 * Crashes in the function `inner', called by `outer', or in a plugin's (-DPLUGIN: debug_plugin.c). With
 * -DNEW it is another build, in which other functions are at the same addresses, with -DDATA it maps argv[1].
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>

int counter = 7;
const char *data;

#ifdef NEW
char pad[100000];

__attribute__((noinline)) int newer(int a)
{
	pad[a]++;
	return a * counter;
}

__attribute__((noinline)) int newest(int a)
{
	pad[a + 1]++;
	return newer(a) + newer(a + 1) + newer(a + 2);
}
#endif

__attribute__((noinline)) void inner(int a)
{
	counter += a;
#ifdef ABORT
	abort();
#endif
	*(volatile int *)0 = a;
}

__attribute__((noinline)) void outer(int a)
{
	inner(a + 1);
	counter++;
}

int main(int argc, char **argv)
{
#ifdef NEW
	for (int i = 0; i < 3; i++)
		counter += newest(i);
#endif
#ifdef PLUGIN
	void *plugin = dlopen(argv[1], RTLD_NOW);
	void (*run)(int) = plugin ? (void (*)(int))dlsym(plugin, "plugin_outer") : outer;

	run(argc);
#endif
#ifdef DATA
	data = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, open(argv[1], O_RDONLY), 0);
#endif
	(void)argv;
	outer(argc);
	return 0;
}
