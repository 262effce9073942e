/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "handler/anchor.h"

/*
 * The read begins in 0.1 ms; if it does not, the process is held until its memory was copied. poll(2)
 * cannot be asked: its limit is that of descriptors, of which the worker may have no more.
 */
#define PATIENCE    1000
#define PATIENCE_NS 50000

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* Return: a descriptor, or negative errno. */
static int open_descriptor(int least)
{
	struct uffdio_api api = { .api = UFFD_API };
	_cleanup_fd_ int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	int r;

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) < 0)
		return -errno;
	if (fd >= least)
		return TAKE_FD(fd);
	r = fcntl(fd, F_DUPFD_CLOEXEC, least);
	return r < 0 ? -errno : r;
}

int anchor_open(int least, struct anchor *ret)
{
	struct uffdio_register missing = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	_cleanup_fd_ int fd = open_descriptor(least);
	void *page;

	*ret = (struct anchor){ .fd = -1, .mem_fd = -1 };
	if (fd < 0)
		return fd;
	page = mmap(NULL, page_size(), PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return -errno;
	missing.range.start = (uintptr_t)page;
	missing.range.len = page_size();
	if (ioctl(fd, UFFDIO_REGISTER, &missing) < 0) {
		int r = -errno;

		(void)munmap(page, page_size()); /* nobody has used it */
		return r;
	}
	ret->page = page;
	ret->fd = TAKE_FD(fd);
	return 0;
}

void anchor_work(struct anchor *anchor)
{
	ssize_t r;

	do {
		r = pread(anchor->mem_fd, anchor->page, 1, (off_t)anchor->address);
	} while (r < 0 && errno == EINTR);
}

bool anchor_holds(const struct anchor *anchor)
{
	static const struct timespec moment = { 0, PATIENCE_NS };
	struct uffd_msg message;

	for (int i = 0; i < PATIENCE; i++) {
		if (read(anchor->fd, &message, sizeof(message)) == sizeof(message))
			return message.event == UFFD_EVENT_PAGEFAULT;
		(void)nanosleep(&moment, NULL); /* shorter is as good */
	}
	return false;
}

void anchor_drop(struct anchor *anchor)
{
	struct uffdio_range range = { .start = (uintptr_t)anchor->page,
				      .len = page_size() };

	/* who waits for the page is woken, and gets it; who comes later, too */
	(void)ioctl(anchor->fd, UFFDIO_UNREGISTER, &range);
	(void)ioctl(anchor->fd, UFFDIO_WAKE, &range);
}
