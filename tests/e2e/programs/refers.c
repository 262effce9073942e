/* SPDX-License-Identifier: MIT */
/*
 * refers WHAT MIB FILE: so much private memory, and a mapping of WHAT; then SIGABRT.
 */
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <unistd.h>

#define MIB  (1ul << 20)
#define SIZE 65536

static int map(int fd, int flags)
{
	return mmap(NULL, SIZE, PROT_READ, flags, fd, 0) == MAP_FAILED;
}

static int map_file(const char *path, int flags, int lock)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fd < 0 || ftruncate(fd, SIZE) < 0 || map(fd, flags))
		return 1;
	if (lock == F_OFD_SETLK || lock == F_SETLK)
		return fcntl(fd, lock, &whole);
	return lock ? flock(fd, lock) : 0;
}

static int map_sysv(void)
{
	int id = shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0600);
	void *p = id < 0 ? (void *)-1 : shmat(id, NULL, 0);

	return p == (void *)-1 || shmctl(id, IPC_RMID, NULL) < 0;
}

static int map_socket(void)
{
	struct tpacket_req ring = { SIZE, 1, 2048, SIZE / 2048 };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &ring, sizeof(ring)) < 0)
		return 1;
	return map(fd, MAP_SHARED);
}

static int map_shared(unsigned long mib)
{
	char *p = mmap(NULL, mib * MIB, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return 1;
	memset(p, 's', mib * MIB);
	return 0;
}

static int refer(const char *what, const char *path)
{
	if (strcmp(what, "nothing") == 0)
		return 0;
	if (strcmp(what, "sysv") == 0)
		return map_sysv();
	if (strcmp(what, "socket") == 0)
		return map_socket();
	if (strcmp(what, "shared") == 0)
		return map_shared(16);
	if (strcmp(what, "much") == 0)
		return map_shared(65);
	if (strcmp(what, "file") == 0)
		return map_file(path, MAP_SHARED, 0);
	if (strcmp(what, "flock") == 0)
		return map_file(path, MAP_PRIVATE, LOCK_EX);
	if (strcmp(what, "ofd") == 0)
		return map_file(path, MAP_SHARED, F_OFD_SETLK);
	if (strcmp(what, "posix") == 0)
		return map_file(path, MAP_SHARED, F_SETLK);
	return 1;
}

int main(int argc, char **argv)
{
	size_t size = argc == 4 ? strtoul(argv[2], NULL, 10) * MIB : 0;
	char *p = malloc(size + 1);

	if (!size || !p || refer(argv[1], argv[3]))
		return 9;
	memset(p, 'p', size);
	abort();
}
