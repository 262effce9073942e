/* SPDX-License-Identifier: MIT */
/*
 * after_death KIND MIB FILE [killed]: what a supervisor finds when waitpid(2) has told it of a dead child, which had KIND
 * and so many MiB of memory that is slow to pack. Prints "free", or "busy" and for how many seconds. With "killed" the child
 * ends by SIGKILL, and there is no core: so long it takes the kernel.
 *
 *   sysv     a System V segment is attached, and can be removed
 *   shared, private, ofd   FILE's lock, by flock(2) or F_OFD_SETLK; the file is mapped so
 *   uring, aio             a TCP port, whose listening socket a ring has
 *   mount    the file system that FILE is on
 *   text     FILE, a copy of this program, which the child executes
 */
#include <errno.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "release.h"

#define FILE_SIZE 65536
#define PATIENCE  20.0

static const char *file;
static bool killed;
static int segment;
static in_port_t port;

struct kind {
	const char *name;
	void (*take)(void); /* of the child */
	bool (*is_free)(void);
};

static void take_segment(void)
{
	MUST(shmat(segment, NULL, 0) != (void *)-1);
}

static bool segment_is_free(void)
{
	struct shmid_ds state;

	if (shmctl(segment, IPC_STAT, &state) == 0 && state.shm_nattch > 0)
		return false;
	(void)shmctl(segment, IPC_RMID, NULL);
	return shmctl(segment, IPC_STAT, &state) < 0;
}

static int open_file(void)
{
	int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	MUST(fd >= 0);
	return fd;
}

static void map_file(int fd, int flags)
{
	volatile char *at;

	MUST(ftruncate(fd, FILE_SIZE) == 0);
	at = mmap(NULL, FILE_SIZE, PROT_READ, flags, fd, 0);
	MUST(at != MAP_FAILED && at[0] == 0);
}

static void take_flock(int flags)
{
	int fd = open_file();

	MUST(flock(fd, LOCK_EX) == 0);
	map_file(fd, flags);
}

static void take_flock_shared(void)
{
	take_flock(MAP_SHARED);
}

static void take_flock_private(void)
{
	take_flock(MAP_PRIVATE);
}

static bool flock_is_free(void)
{
	int fd = open_file();
	bool free = flock(fd, LOCK_EX | LOCK_NB) == 0;

	(void)close(fd);
	return free;
}

static bool ofd_lock(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

static void take_ofd(void)
{
	int fd = open_file();

	MUST(ofd_lock(fd));
	map_file(fd, MAP_SHARED);
}

static bool ofd_is_free(void)
{
	int fd = open_file();
	bool free = ofd_lock(fd);

	(void)close(fd);
	return free;
}

static int listen_at_port(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = port,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	MUST(s >= 0 && setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0);
	if (bind(s, (struct sockaddr *)&address, size) < 0 || listen(s, 1) < 0) {
		(void)close(s);
		return -1;
	}
	MUST(getsockname(s, (struct sockaddr *)&address, &size) == 0);
	port = address.sin_port;
	return s;
}

static void take_by_uring(void)
{
	struct io_uring_params p = { 0 };
	int s = listen_at_port(), ring = (int)syscall(SYS_io_uring_setup, 8, &p);

	MUST(s >= 0 && ring >= 0);
	MUST(mmap(NULL, p.sq_off.array + 64, PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQ_RING) != MAP_FAILED);
	MUST(syscall(SYS_io_uring_register, ring, IORING_REGISTER_FILES, &s, 1) == 0);
}

static void take_by_aio(void)
{
	int s = listen_at_port();
	struct iocb request = { .aio_lio_opcode = IOCB_CMD_POLL,
				.aio_fildes = (unsigned int)s,
				.aio_buf = POLLIN };
	struct iocb *list = &request;
	aio_context_t context = 0;

	MUST(s >= 0 && syscall(SYS_io_setup, 8, &context) == 0);
	MUST(syscall(SYS_io_submit, context, 1, &list) == 1);
}

static bool port_is_free(void)
{
	int s = listen_at_port();

	if (s >= 0)
		(void)close(s);
	return s >= 0;
}

static void take_mount(void)
{
	map_file(open_file(), MAP_PRIVATE);
}

static bool mount_is_free(void)
{
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s", file);
	*strrchr(path, '/') = '\0';
	return umount(path) == 0 || errno == EINVAL;
}

static void take_nothing(void)
{
}

static bool text_is_free(void)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);

	MUST(fd >= 0 || errno == ETXTBSY);
	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

static const struct kind kinds[] = {
	{ "sysv", take_segment, segment_is_free },
	{ "shared", take_flock_shared, flock_is_free },
	{ "private", take_flock_private, flock_is_free },
	{ "ofd", take_ofd, ofd_is_free },
	{ "uring", take_by_uring, port_is_free },
	{ "aio", take_by_aio, port_is_free },
	{ "mount", take_mount, mount_is_free },
	{ "text", take_nothing, text_is_free },
};

/* Nothing in it comes twice. */
static void slow_memory(unsigned long mib)
{
	uint32_t word = 1, *words = (uint32_t *)private_memory(mib);

	for (size_t i = 0; i < mib * MIB / sizeof(*words); i++)
		words[i] = word = word * 1664525u + 1013904223u;
}

static void child(const struct kind *kind, const char *mib)
{
	if (kind->take == take_nothing) {
		(void)execl(file, file, "crash", mib, file, (char *)NULL);
		_exit(9);
	}
	kind->take();
	slow_memory(strtoul(mib, NULL, 10));
	if (killed)
		(void)kill(getpid(), SIGKILL);
	crash(1);
}

static double now(void)
{
	struct timespec at;

	(void)clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static int supervise(const struct kind *kind, const char *mib)
{
	pid_t pid = fork();
	double dead;
	int status;

	MUST(pid >= 0);
	if (pid == 0)
		child(kind, mib);
	MUST(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
	if (kind->is_free()) {
		puts("free");
		return 0;
	}
	dead = now();
	while (!kind->is_free() && now() - dead < PATIENCE)
		(void)usleep(1000);
	printf("busy for %.3f s\n", now() - dead);
	return 0;
}

int main(int argc, char **argv)
{
	int s;

	MUST(argc == 4 || argc == 5);
	file = argv[3];
	killed = argc == 5;
	if (strcmp(argv[1], "crash") == 0) {
		slow_memory(strtoul(argv[2], NULL, 10));
		crash(1);
	}
	segment = shmget(IPC_PRIVATE, 4096, 0600);
	s = listen_at_port();
	MUST(segment >= 0 && s >= 0);
	(void)close(s);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(argv[1], kinds[i].name) == 0) {
			int r = supervise(&kinds[i], argv[2]);

			(void)shmctl(segment, IPC_RMID, NULL);
			return r;
		}
	}
	return 9;
}
