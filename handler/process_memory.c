/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>

#include "base/io.h"
#include "handler/process_memory.h"

/* All of it but for a process of hundreds of groups, of which it may have 65,536. */
#define STATUS_CHUNK 4096u
#define STATUS_MAX   (UINT64_C(1) << 20)

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
	cleanup_fd(&memory->status_fd);
	*memory = PROCESS_NO_MEMORY;
}

void process_memory_close_pages(struct process_memory *memory)
{
	cleanup_fd(&memory->mem_fd);
	cleanup_fd(&memory->pagemap_fd);
	memory->mem_fd = memory->pagemap_fd = -1;
}

void process_memory_open_status(int dirfd, const char *path,
				struct process_memory *memory)
{
	memory->status_fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

/*
 * CoreDumping:	1
 * (fs/proc/array.c, task_core_dumping()), behind a line of groups, which are few but where somebody wants them to be
 * many. Other threads end when it is 0 (fs/coredump.c, coredump_finish()).
 */
int process_memory_held(int status_fd)
{
	static const char line[] = "\nCoreDumping:\t1\n";
	char text[STATUS_CHUNK + sizeof(line)];
	size_t kept = 0;
	ssize_t n;

	for (uint64_t at = 0; at < STATUS_MAX; at += (uint64_t)n) {
		n = io_pread(status_fd, text + kept, STATUS_CHUNK, at);
		if (n <= 0)
			return n < 0 ? (int)n : -ESRCH;
		kept += (size_t)n;
		if (memmem(text, kept, line, sizeof(line) - 1))
			return 0;
		/* the beginning of a line that was cut */
		if (kept > sizeof(line)) {
			memmove(text, text + kept - sizeof(line), sizeof(line));
			kept = sizeof(line);
		}
	}
	return -ESRCH;
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
