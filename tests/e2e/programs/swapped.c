/* SPDX-License-Identifier: MIT */
/*
 * swapped MIB: so much memory whose words are their own addresses, and that the kernel was asked to swap
 * out; prints where it is and how many of its pages are not in memory, and then SIGABRT.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096ul

/* Documentation/admin-guide/mm/pagemap.rst */
#define SWAPPED (UINT64_C(1) << 62)

static size_t count_swapped(const void *p, size_t pages)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	size_t count = 0;

	for (size_t i = 0; i < pages; i++) {
		uint64_t entry;
		off_t at = (off_t)(((uintptr_t)p / PAGE + i) * sizeof(entry));

		if (pread(fd, &entry, sizeof(entry), at) != sizeof(entry))
			_exit(9);
		count += (entry & SWAPPED) != 0;
	}
	return count;
}

int main(int argc, char **argv)
{
	size_t n = argc == 2 ? strtoul(argv[1], NULL, 10) << 20 : 0;
	uintptr_t *p =
		mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return 9;
	for (size_t i = 0; i < n / sizeof(*p); i++)
		p[i] = (uintptr_t)(p + i);
	if (madvise(p, n, MADV_PAGEOUT))
		return 9;
	(void)printf("%p %zu\n", (void *)p, count_swapped(p, n / PAGE));
	(void)fflush(stdout);
	abort();
}
