/* SPDX-License-Identifier: MIT */
#include <fcntl.h>

#include "handler/process_memory.h"

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
