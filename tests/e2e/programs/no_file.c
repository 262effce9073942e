/* SPDX-License-Identifier: MIT */
/*
 * no_file FILE GONE: maps FILE, which stays, and GONE, which it removes; memory that has the name of a file and is none;
 * and noise that is too much for a budget of 8 MiB, and too much for a fifth of it. Then it crashes.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/io_uring.h>

#define MIB (1ul << 20)

/* For the debugger: a byte of what is in no file that it could open. */
volatile const char *gone_byte, *ring_byte, *secret_byte;

static volatile const char *map(int fd, int flags)
{
	volatile const char *p = mmap(NULL, 65536, PROT_READ, flags, fd, 0);

	if (p == MAP_FAILED)
		_exit(9);
	(void)p[0];
	return p;
}

static volatile const char *map_secret(void)
{
	int fd = (int)syscall(SYS_memfd_secret, 0);
	char *p = MAP_FAILED;

	if (fd < 0 || ftruncate(fd, 4096) < 0)
		return NULL;
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return NULL;
	*p = 's';
	return p;
}

static void noise(size_t n)
{
	/* Neighbours would be merged. */
	char *p =
		mmap(NULL, n + 2 * 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p += 65536, n, PROT_READ | PROT_WRITE) < 0)
		_exit(9);
	for (size_t i = 0; i < n; i += 65536) {
		if (getrandom(p + i, 65536, 0) != 65536)
			_exit(9);
	}
}

int main(int argc, char **argv)
{
	struct io_uring_params params = { .flags = 0 };
	int ring = (int)syscall(SYS_io_uring_setup, 256, &params);
	int memory = memfd_create("mine", 0), gone, id;

	if (argc != 3 || memory < 0 || ftruncate(memory, 65536) < 0)
		return 9;
	secret_byte = map_secret();
	map(open(argv[1], O_RDONLY), MAP_PRIVATE);
	gone = open(argv[2], O_RDONLY);
	gone_byte = map(gone, MAP_PRIVATE) + 20000;
	(void)unlink(argv[2]);
	map(memory, MAP_PRIVATE);
	map(memory, MAP_SHARED);
	map(open("/dev/zero", O_RDWR), MAP_SHARED);
	id = shmget(IPC_PRIVATE, 65536, 0600);
	if (id < 0 || shmat(id, NULL, SHM_RDONLY) == (void *)-1)
		return 9;
	(void)shmctl(id, IPC_RMID, NULL);
	if (ring >= 0)
		ring_byte =
			mmap(NULL, 4096, PROT_READ, MAP_SHARED, ring, IORING_OFF_SQ_RING);
	noise(6 * MIB);
	noise(10 * MIB);
	*(volatile int *)16 = 1;
	return 0;
}
