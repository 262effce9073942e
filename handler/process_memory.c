/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdint.h>

#include "base/io.h"
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

/*
 * fs/proc/task_mmu.c, pagemap_read(): 0 without an address space, else EINVAL for less than an entry, and
 * no lock. /proc/PID/mem takes an address without memory for the stack's next, and waits for the lock to
 * let it grow (mm/memory.c, __access_remote_vm()): behind whoever hangs in a read of that memory.
 */
bool process_memory_gone(int pagemap_fd)
{
	uint8_t byte;

	return io_pread(pagemap_fd, &byte, 1, 0) == 0;
}
