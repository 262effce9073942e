/* SPDX-License-Identifier: MIT */
/*
 * What crashes in the guest: victim [maps N | memory MEGABYTES]. Mappings make its /proc/PID/maps
 * long, memory its core large. A debugger has to find order in the second frame.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void add_mappings(size_t count)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *start = mmap(NULL, 2 * count * page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (start == MAP_FAILED)
		_exit(1);
	/* every other page with other rights: the kernel cannot merge them */
	for (size_t i = 0; i < count; i++)
		if (mprotect(start + 2 * i * page, page, PROT_READ) < 0)
			_exit(1);
}

/* Not all the same, and not what compresses to nothing. */
static void add_memory(size_t size)
{
	unsigned int word = 4711;
	char *start = malloc(size);

	if (!start)
		_exit(1);
	for (size_t i = 0; i + sizeof(word) <= size; i += sizeof(word)) {
		word = word * 1664525 + 1013904223;
		memcpy(start + i, &word, sizeof(word));
	}
}

__attribute__((noinline)) static void fall(volatile int *at)
{
	*at = 1;
}

__attribute__((noinline)) static void work(void)
{
	volatile int order = 4711;

	fall((volatile int *)(size_t)(order - 4711));
	order++;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "maps") == 0)
		add_mappings(strtoul(argv[2], NULL, 10));
	if (argc == 3 && strcmp(argv[1], "memory") == 0)
		add_memory(strtoul(argv[2], NULL, 10) << 20);
	work();
	return 0;
}
