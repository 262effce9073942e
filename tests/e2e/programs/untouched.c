/* SPDX-License-Identifier: MIT */
/*
 * untouched [userfault | pieces]: memory that was never touched, and memory that was and is not dumped.
 * userfault: some of it is filled by userfaultfd(2). pieces: every other page of 64 MiB is there.
 */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SIZE (64u << 20)

static int never[50000];

struct view {
	int *never;
	char *fresh, *excluded;
};

static char *map(void)
{
	char *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int fill_by_hand(char *p)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .range = { (unsigned long)p, SIZE },
					 .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	return fd < 0 || ioctl(fd, UFFDIO_API, &api) < 0 ||
	       ioctl(fd, UFFDIO_REGISTER, &range) < 0;
}

__attribute__((noinline, noclone)) static int crash(struct view *view)
{
	return *(volatile int *)8 + view->never[0];
}

int main(int argc, char **argv)
{
	struct view view = { .never = never, .fresh = map(), .excluded = map() };

	if (!view.fresh || !view.excluded)
		return 9;
	memset(view.excluded, 'x', 1 << 20);
	if (madvise(view.excluded, SIZE, MADV_DONTDUMP) < 0)
		return 9;
	if (argc > 1 && strcmp(argv[1], "userfault") == 0 && fill_by_hand(view.fresh))
		return 9;
	if (argc > 1 && strcmp(argv[1], "pieces") == 0) {
		for (size_t i = 0; i < SIZE; i += 8192)
			view.fresh[i] = (char)random();
	}
	return crash(&view);
}
