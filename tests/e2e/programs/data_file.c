/* SPDX-License-Identifier: MIT */
/*
 * data_file LARGE SMALL: maps two files privately that are no modules, writes all of the first, which is
 * noise then, and one page of the second; a shared mapping of a file without a name, a memfd and shared
 * anonymous memory hold what frames point to.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LARGE (24u << 20)
#define SMALL (64u << 10)
#define OTHER (1u << 20)

struct view {
	uint64_t *large;
	char *small;
	char *memfd, *shared, *unlinked;
};

static struct view all;

static char *map(int fd, size_t n, int flags)
{
	char *p = mmap(NULL, n, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (p == MAP_FAILED)
		exit(9);
	return p;
}

static char *shared_of(int fd, const char *text)
{
	char *p;

	if (fd >= 0 && ftruncate(fd, OTHER) < 0)
		exit(9);
	p = map(fd, OTHER, fd < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED);
	strcpy(p + 0x40000, text);
	return p + 0x40000;
}

__attribute__((noinline, noclone)) static long crash(struct view *view, char *memfd,
						     char *shared, char *unlinked)
{
	return *(volatile long *)8 + view->small[0] + memfd[0] + shared[0] + unlinked[0];
}

int main(int argc, char **argv)
{
	int large, small, gone;
	uint64_t seed = 88172645463325252u;

	if (argc < 3)
		return 9;
	large = open(argv[1], O_RDWR);
	small = open(argv[2], O_RDWR);
	gone = open("gone", O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (large < 0 || small < 0 || gone < 0 || unlink("gone") < 0)
		return 9;
	all.large = (uint64_t *)map(large, LARGE, MAP_PRIVATE);
	for (size_t i = 0; i < LARGE / 8; i++) {
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		all.large[i] = seed;
	}
	all.large[2000000] = 4711;
	all.small = map(small, SMALL, MAP_PRIVATE);
	strcpy(all.small + 0x8000, "of the run");
	all.memfd = shared_of(memfd_create("a memfd", 0), "in a memfd");
	all.shared = shared_of(-1, "in shared memory");
	all.unlinked = shared_of(gone, "in a file without a name");
	return (int)crash(&all, all.memfd, all.shared, all.unlinked);
}
