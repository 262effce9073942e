/* SPDX-License-Identifier: MIT */
/*
 * between FILE shared|private MIB: so much memory, the file, so much memory again, in the order of
 * addresses; prints where that begins, and then SIGABRT. Of the file only the first half was read. The
 * words of memory are their own addresses, and of two pages of a private file, too.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 4096ul

static void fill(char *p, size_t n)
{
	for (size_t i = 0; i < n; i += sizeof(p)) {
		char *address = p + i;

		memcpy(p + i, &address, sizeof(address));
	}
}

/* What the file has is in the page cache then, and not in the page table. */
static void read_half(int fd, size_t half)
{
	static char bytes[1 << 16];

	(void)posix_fadvise(fd, 0, 0,
			    POSIX_FADV_RANDOM); /* nothing ahead, which would hang */
	for (size_t at = 0; at < half; at += sizeof(bytes)) {
		if (pread(fd, bytes, sizeof(bytes), (off_t)at) != sizeof(bytes))
			_exit(9);
	}
}

/* A core has files that are mapped shared where the filter of core(5) says so. */
static void want_files(void)
{
	int fd = open("/proc/self/coredump_filter", O_WRONLY);

	if (fd < 0 || write(fd, "0x3f", 4) != 4 || close(fd) < 0)
		_exit(9);
}

/* Return: where it begins. */
static char *lay(int fd, size_t n, size_t side, int is_private)
{
	char *p = mmap(NULL, n + 2 * side, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED ||
	    mmap(p + side, n, PROT_READ | (is_private ? PROT_WRITE : 0),
		 MAP_FIXED | (is_private ? MAP_PRIVATE : MAP_SHARED), fd,
		 0) == MAP_FAILED)
		_exit(9);
	fill(p, side);
	fill(p + side + n, side);
	if (is_private) {
		fill(p + side + 2 * PAGE, PAGE);
		fill(p + side + 12 * PAGE, PAGE);
	}
	return p;
}

int main(int argc, char **argv)
{
	int read_fd = argc == 4 ? open(argv[1], O_RDONLY) : -1;
	int fd = argc == 4 ? open(argv[1], O_RDONLY) : -1;
	struct stat st;
	int is_private;
	char *p;

	if (read_fd < 0 || fd < 0 || fstat(fd, &st) < 0)
		return 9;
	is_private = strcmp(argv[2], "private") == 0;
	if (!is_private)
		want_files();
	read_half(read_fd, (size_t)st.st_size / 2);
	p = lay(fd, (size_t)st.st_size, strtoul(argv[3], NULL, 10) << 20, is_private);
	(void)printf("%p\n", (void *)p);
	(void)fflush(stdout);
	abort();
}
