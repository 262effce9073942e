/* SPDX-License-Identifier: MIT */
/*
 * pointees FILE: locals that point into every kind of memory there is, and a death: private, shared
 * with nobody, of a memfd, not readable, of a file, changed and not, below the first 4 GiB, and
 * what no core has.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096ul
#define SIZE (64 * PAGE) /* the pointee is in the middle, on a page of its own */

struct item {
	struct item *self;
	char name[40];
};

volatile int never;

static struct item *put(void *memory, const char *name)
{
	struct item *item = (struct item *)(void *)((char *)memory + SIZE / 2);

	if (memory == MAP_FAILED)
		_exit(9);
	item->self = item;
	strncpy(item->name, name, sizeof(item->name) - 1);
	return item;
}

static void *map(int flags, int fd)
{
	return mmap(NULL, SIZE, PROT_READ | PROT_WRITE, flags, fd, 0);
}

static struct item *unreadable(void)
{
	void *memory = map(MAP_PRIVATE | MAP_ANONYMOUS, -1);
	struct item *item = put(memory, "behind PROT_NONE");

	if (mprotect(memory, SIZE, PROT_NONE) < 0)
		_exit(9);
	return item;
}

static struct item *not_dumped(void)
{
	void *memory = map(MAP_PRIVATE | MAP_ANONYMOUS, -1);
	struct item *item = put(memory, "the kernel leaves it out");

	if (madvise(memory, SIZE, MADV_DONTDUMP) < 0)
		_exit(9);
	return item;
}

static struct item *of_memfd(void)
{
	int fd = memfd_create("pointees", 0);

	if (fd < 0 || ftruncate(fd, SIZE) < 0)
		_exit(9);
	return put(map(MAP_SHARED, fd), "of a memfd");
}

__attribute__((noinline, noclone)) static void crash_here(int fd)
{
	struct item *private = put(map(MAP_PRIVATE | MAP_ANONYMOUS, -1), "private");
	struct item *shared = put(map(MAP_SHARED | MAP_ANONYMOUS, -1), "shared");
	struct item *memfd = of_memfd();
	struct item *hidden = unreadable();
	struct item *left_out = not_dumped();
	struct item *changed = put(map(MAP_PRIVATE, fd), "of a file, changed");
	struct item *unchanged = (struct item *)map(MAP_PRIVATE, fd);
	struct item *low = put(mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0),
			       "below 4 GiB");
	struct item *untouched = (struct item *)map(MAP_PRIVATE | MAP_ANONYMOUS, -1);
	struct item *gone = put(map(MAP_PRIVATE | MAP_ANONYMOUS, -1), "unmapped");

	if (munmap((char *)gone - SIZE / 2, SIZE) < 0)
		_exit(9);
	never = unchanged->name[0];
	*(volatile int *)16 = private && shared && memfd && hidden && left_out &&
			      changed && low && untouched;
}

int main(int argc, char **argv)
{
	int fd = argc > 1 ? open(argv[1], O_RDONLY) : -1;

	if (fd < 0)
		return 9;
	crash_here(fd);
	return 0;
}
