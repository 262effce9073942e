/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdint.h>

#include "base/io.h"
#include "handler/process_memory.h"

/* No machine has user space there: nothing is mapped, and nothing can be. */
#define NOWHERE (INT64_MAX & ~(int64_t)0x1fff)

void process_memory_open(int dirfd, struct process_memory *ret)
{
	static const int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW;

	ret->mem_fd = openat(dirfd, "mem", flags);
	ret->pagemap_fd = openat(dirfd, "pagemap", flags);
	/* without pagemap (CONFIG_PROC_PAGE_MONITOR) a look could fault pages in */
	if (ret->mem_fd < 0 || ret->pagemap_fd < 0)
		process_memory_close(ret);
}

void process_memory_close(struct process_memory *memory)
{
	cleanup_fd(&memory->mem_fd);
	cleanup_fd(&memory->pagemap_fd);
	*memory = PROCESS_NO_MEMORY;
}

/* fs/proc/base.c, mem_rw(): 0 without an address space, EIO for an address without memory. */
bool process_memory_gone(int mem_fd)
{
	uint8_t byte;

	return io_pread(mem_fd, &byte, 1, NOWHERE) == 0;
}
