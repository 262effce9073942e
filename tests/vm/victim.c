/* SPDX-License-Identifier: MIT */
/*
 * What crashes in the guest: victim [maps N | memory MEGABYTES | once MEGABYTES FILE]. Mappings make its
 * /proc/PID/maps long, memory its core large. A debugger has to find order in the second frame. Once: started
 * for the first time it makes FILE and crashes, then it makes FILE.again, and stays; both with their memory.
 */
#include <fcntl.h>
#include <stdio.h>
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

/* Return: it was there before. */
static int make(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	return fd < 0 || close(fd) < 0;
}

static void stay_if_again(const char *path)
{
	char again[256];

	if (!make(path))
		return;
	snprintf(again, sizeof(again), "%s.again", path);
	make(again);
	for (;;)
		pause();
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
	if (argc == 4 && strcmp(argv[1], "once") == 0) {
		add_memory(strtoul(argv[2], NULL, 10) << 20);
		stay_if_again(argv[3]);
	}
	work();
	return 0;
}
