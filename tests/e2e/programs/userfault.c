/* SPDX-License-Identifier: MIT */
/*
 * userfault: shared and private memory of 8 MiB each, of which half is there and the rest is for a
 * userfaultfd(2) to fill in, which nobody reads; between memory that is all there. Then SIGABRT.
 *	userfault probe		whether there is one: 0 or 77
 */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SIZE (8ul << 20)

static void half(int fd, char *p, int flags, int memfd)
{
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	if (mmap(p, SIZE, PROT_READ | PROT_WRITE, MAP_FIXED | flags, memfd, 0) != p)
		_exit(9);
	memset(p, 'h', SIZE / 2);
	range.range.start = (unsigned long)p;
	range.range.len = SIZE;
	if (ioctl(fd, UFFDIO_REGISTER, &range) < 0)
		_exit(9);
}

int main(int argc, char **argv)
{
	struct uffdio_api api = { .api = UFFD_API };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	int memfd = memfd_create("half", MFD_CLOEXEC);
	char *p = mmap(NULL, 5 * SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) < 0)
		return 77;
	if (argc > 1 && strcmp(argv[1], "probe") == 0)
		return 0;
	if (p == MAP_FAILED || memfd < 0 || ftruncate(memfd, (off_t)SIZE) < 0)
		return 9;
	memset(p, 'a', 5 * SIZE);
	half(fd, p + SIZE, MAP_SHARED, memfd);
	half(fd, p + 3 * SIZE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	abort();
}
