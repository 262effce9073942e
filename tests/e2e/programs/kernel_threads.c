/* SPDX-License-Identifier: MIT */
/*
 * kernel_threads: crashes while a worker of io_uring, which is a thread of it, waits in a read for it.
 */
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/io_uring.h>

int main(void)
{
	struct io_uring_params params = { .flags = 0 };
	int ring = (int)syscall(SYS_io_uring_setup, 4, &params), fds[2];
	struct io_uring_sqe *entries;
	uint8_t *queue;
	static char byte;

	if (ring < 0 || pipe(fds) < 0)
		return 77;
	queue = mmap(NULL, params.sq_off.array + params.sq_entries * sizeof(uint32_t),
		     PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
	entries = mmap(NULL, params.sq_entries * sizeof(*entries), PROT_READ | PROT_WRITE,
		       MAP_SHARED, ring, IORING_OFF_SQES);
	if (queue == MAP_FAILED || entries == MAP_FAILED)
		return 77;
	memset(entries, 0, sizeof(*entries));
	entries[0].opcode = IORING_OP_READ;
	entries[0].flags = IOSQE_ASYNC;
	entries[0].fd = fds[0];
	entries[0].addr = (uintptr_t)&byte;
	entries[0].len = 1;
	((uint32_t *)(queue + params.sq_off.array))[0] = 0;
	__atomic_store_n((uint32_t *)(queue + params.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring, 1, 0, 0, NULL, 0) != 1)
		return 77;
	(void)usleep(200000); /* it has begun */
	*(volatile int *)16 = 1;
	return 0;
}
