/* SPDX-License-Identifier: MIT */
/*
 * everykind FILE: every kind of page that a process can have, with content and without, and then
 * SIGABRT. FILE is 64 KiB and can be written; it is cut short while it is mapped.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096ul
#define MIB  (1ul << 20)

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

static char *map(size_t n, int flags, int fd)
{
	char *p = mmap(NULL, n, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (p == MAP_FAILED)
		_exit(9);
	return p;
}

/* Words that tell each page from all others. */
static void fill(char *p, size_t n)
{
	for (size_t i = 0; i < n; i += sizeof(unsigned long)) {
		unsigned long word = (unsigned long)(p + i) * 0x9e3779b97f4a7c15ul;

		memcpy(p + i, &word, sizeof(word));
	}
}

static char *anonymous(size_t n)
{
	return map(n, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static void holes(void)
{
	char *p = anonymous(64 * MIB); /* one page in 256 */

	for (size_t i = 0; i < 64 * MIB; i += 256 * PAGE)
		fill(p + i, PAGE);
	p = anonymous(8 * MIB); /* every other page */
	for (size_t i = 0; i < 8 * MIB; i += 2 * PAGE)
		fill(p + i, PAGE);
	(void)anonymous(300 * MIB); /* none */
	p = anonymous(3 * MIB); /* read, not written: the page of zeros */
	for (size_t i = 0; i < 3 * MIB; i += PAGE)
		*(volatile char *)(p + i);
	fill(anonymous(5 * MIB), 5 * MIB - 100); /* all, and not to the end */
}

static void given_back(void)
{
	char *p = anonymous(4 * MIB);

	fill(p, 4 * MIB);
	(void)madvise(p + MIB, MIB, MADV_DONTNEED);
	(void)madvise(p + 2 * MIB, PAGE,
		      MADV_GUARD_INSTALL); /* EINVAL before Linux 6.13 */
	(void)madvise(p + 3 * MIB, MIB / 2, MADV_DONTDUMP);
}

static void protections(void)
{
	char *p = anonymous(64 * PAGE);

	fill(p, 64 * PAGE);
	(void)mprotect(p, 32 * PAGE, PROT_NONE);
	(void)mprotect(p + 48 * PAGE, 8 * PAGE, PROT_EXEC);
	p = anonymous(64 * PAGE);
	fill(p, 64 * PAGE);
	(void)mlock(p, 64 * PAGE); /* refused: one kind less */
}

static void huge(void)
{
	char *p = anonymous(8 * MIB);

	(void)madvise(p, 8 * MIB, MADV_HUGEPAGE);
	fill(p + MIB, 5 * MIB);
	p = anonymous(64 * PAGE); /* the same bytes in all pages, for ksmd */
	memset(p, 'm', 64 * PAGE);
	(void)madvise(p, 64 * PAGE, MADV_MERGEABLE);
}

static void shared(void)
{
	int fd = memfd_create("kind", 0);
	char *p = map(2 * MIB, MAP_SHARED | MAP_ANONYMOUS, -1);

	fill(p + MIB, 100 * PAGE);
	if (fd < 0 || ftruncate(fd, 2 * MIB) < 0)
		_exit(9);
	p = map(2 * MIB, MAP_SHARED, fd);
	fill(p, 64 * PAGE);
	(void)munmap(p, 2 * MIB);
	(void)map(2 * MIB, MAP_SHARED, fd); /* there, and not in the page table */
	p = map(2 * MIB, MAP_PRIVATE, fd);
	fill(p + 4 * PAGE, PAGE); /* changed, in front of what the file has */
}

static void files(const char *path)
{
	int fd = open(path, O_RDWR);
	char *p;

	if (fd < 0)
		_exit(9);
	p = map(16 * PAGE, MAP_PRIVATE, fd);
	fill(p + 2 * PAGE, PAGE);
	fill(p + 12 * PAGE, PAGE);
	(void)map(16 * PAGE, MAP_SHARED, fd);
	if (ftruncate(fd, 5 * PAGE + 10) < 0) /* behind it: SIGBUS for who looks */
		_exit(9);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 9;
	holes();
	given_back();
	protections();
	huge();
	shared();
	files(argv[1]);
	(void)usleep(300000); /* ksmd, if it runs */
	abort();
}
