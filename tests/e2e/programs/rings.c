/* SPDX-License-Identifier: MIT */
/*
 * rings uring|own|aio MIB: requests that are under way in a ring that is mapped, or is in private memory of the
 * process (own; exits with 77 where the kernel has no IORING_SETUP_NO_MMAP, Linux 6.5). As the process ends they are
 * cancelled, and the kernel writes so into the ring.
 */
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>

#include "release.h"

#define REQUESTS 8

/* Not in all headers; the addresses are in what was reserved. */
#define SETUP_NO_MMAP (1u << 14)

static int silent[2]; /* a pipe that nobody writes to */
volatile unsigned int *head_of_ring;

static void submit(int fd, char *ring, struct io_uring_sqe *entries,
		   const struct io_uring_params *params)
{
	const struct io_uring_params p = *params;

	for (unsigned int i = 0; i < REQUESTS; i++) {
		entries[i] = (struct io_uring_sqe){ .opcode = IORING_OP_POLL_ADD,
						    .fd = silent[0],
						    .poll32_events = POLLIN,
						    .user_data = 0x1111 * (i + 1) };
		((unsigned int *)(ring + p.sq_off.array))[i] = i;
	}
	*(unsigned int *)(ring + p.sq_off.tail) = REQUESTS;
	MUST(syscall(SYS_io_uring_enter, fd, REQUESTS, 0, 0, NULL, 0) == REQUESTS);
	head_of_ring = (unsigned int *)(ring + p.cq_off.head);
}

static void uring(void)
{
	struct io_uring_params p = { 0 };
	int fd = (int)syscall(SYS_io_uring_setup, REQUESTS, &p);
	size_t size = p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe);
	struct io_uring_sqe *entries;
	char *ring;

	MUST(fd >= 0 && p.features & IORING_FEAT_SINGLE_MMAP);
	ring = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd,
		    IORING_OFF_SQ_RING);
	entries = mmap(NULL, REQUESTS * sizeof(*entries), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_POPULATE, fd, IORING_OFF_SQES);
	MUST(ring != MAP_FAILED && entries != MAP_FAILED);
	submit(fd, ring, entries, &p);
}

static void own(void)
{
	char *memory = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	struct io_uring_params p = { .flags = SETUP_NO_MMAP };
	int fd;

	MUST(memory != MAP_FAILED);
	p.cq_off.resv2 = (uintptr_t)memory;
	p.sq_off.resv2 = (uintptr_t)memory + 4096;
	fd = (int)syscall(SYS_io_uring_setup, REQUESTS, &p);
	if (fd < 0)
		_exit(77);
	submit(fd, memory, (struct io_uring_sqe *)(void *)(memory + 4096), &p);
}

static void aio(void)
{
	struct iocb requests[REQUESTS], *list[REQUESTS];
	aio_context_t context = 0;

	MUST(syscall(SYS_io_setup, REQUESTS, &context) == 0);
	for (unsigned int i = 0; i < REQUESTS; i++) {
		requests[i] = (struct iocb){ .aio_lio_opcode = IOCB_CMD_POLL,
					     .aio_fildes = (unsigned int)silent[0],
					     .aio_buf = POLLIN,
					     .aio_data = 0x1111 * (i + 1) };
		list[i] = &requests[i];
	}
	MUST(syscall(SYS_io_submit, context, REQUESTS, list) == REQUESTS);
	/* The context is where its ring is mapped. */
	head_of_ring = (unsigned int *)(uintptr_t)context;
}

int main(int argc, char **argv)
{
	MUST(argc == 3 && pipe(silent) == 0);
	offer_all_memory();
	(void)private_memory(strtoul(argv[2], NULL, 10));
	if (strcmp(argv[1], "uring") == 0)
		uring();
	else if (strcmp(argv[1], "own") == 0)
		own();
	else
		aio();
	crash((int)*head_of_ring);
}
