/* SPDX-License-Identifier: MIT */
/*
 * shared_memory clear|truncate|overwrite|cut MIB: a parent and a worker with a board in shared memory, which the
 * parent clears when SIGCHLD tells it of a dead worker. "clear": anonymous memory, memfd, System V and a file;
 * "truncate": a memfd that the parent cuts to nothing; "overwrite": a file of which the worker has a private
 * mapping, and the parent writes other bytes into the file; "cut": one of which the worker changed each page of such a
 * mapping, and the parent cuts the file to nothing, as cp(1) over it begins with.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/wait.h>

#include "release.h"

#define BOARD (256 * 1024)

struct slot {
	pid_t pid;
	char request[124];
};

static int memory_file;
static struct slot *boards[4];
static int kinds;
static volatile sig_atomic_t dead;

static void of_child(int signal)
{
	dead = signal;
}

static void *shared(int flags, int fd)
{
	void *at = mmap(NULL, BOARD, PROT_READ | PROT_WRITE, MAP_SHARED | flags, fd, 0);

	MUST(at != MAP_FAILED);
	return at;
}

static int file_of(int fd)
{
	MUST(fd >= 0 && ftruncate(fd, BOARD) == 0);
	return fd;
}

static void *system_v(void)
{
	int id = shmget(IPC_PRIVATE, BOARD, 0600);
	void *at = shmat(id, NULL, 0);

	MUST(id >= 0 && at != (void *)-1);
	(void)shmctl(id, IPC_RMID, NULL);
	return at;
}

static void make_boards(const char *what)
{
	FILE *file = tmpfile();

	MUST(file);
	memory_file = file_of(memfd_create("board", MFD_CLOEXEC));
	boards[kinds++] = shared(0, memory_file);
	if (strcmp(what, "clear") == 0) {
		boards[kinds++] = shared(MAP_ANONYMOUS, -1);
		boards[kinds++] = shared(0, file_of(fileno(file)));
		boards[kinds++] = system_v();
	}
	for (int i = 0; i < kinds; i++) {
		for (size_t j = 0; j < BOARD / sizeof(struct slot); j++) {
			boards[i][j].pid = (pid_t)(j + 1);
			(void)snprintf(boards[i][j].request, sizeof(boards[i][j].request),
				       "GET /board/%d/slot/%zu", i, j);
		}
	}
}

/* What the worker has of the file from here on. */
static void make_private(size_t changed_pages)
{
	char *at = mmap(NULL, BOARD, PROT_READ | PROT_WRITE, MAP_PRIVATE, memory_file, 0);
	unsigned int sum = 0;

	MUST(at != MAP_FAILED);
	for (size_t i = 0; i < BOARD; i += 4096)
		sum += ((volatile char *)at)[i];
	for (size_t i = 1; i <= changed_pages; i++)
		at[i * 4096 % BOARD] = (char)(sum + i);
	boards[0] = (struct slot *)at;
}

__attribute__((noinline)) static void worker(void)
{
	struct slot *volatile mine[4];

	for (int i = 0; i < kinds; i++) {
		mine[i] = &boards[i][3];
		mine[i]->pid = getpid();
		strcpy(mine[i]->request, "GET /that-crashes");
	}
	crash(mine[0]->pid);
}

int main(int argc, char **argv)
{
	int status;
	pid_t pid;

	MUST(argc == 3 && signal(SIGCHLD, of_child) != SIG_ERR);
	offer_all_memory();
	make_boards(argv[1]);
	pid = fork();
	MUST(pid >= 0);
	if (pid == 0) {
		if (strcmp(argv[1], "overwrite") == 0)
			make_private(1);
		if (strcmp(argv[1], "cut") == 0)
			make_private(BOARD / 4096);
		/* below it, and so read before it */
		(void)private_memory(strtoul(argv[2], NULL, 10));
		worker();
	}
	while (!dead)
		(void)usleep(100);
	if (strcmp(argv[1], "truncate") == 0 || strcmp(argv[1], "cut") == 0) {
		MUST(ftruncate(memory_file, 0) == 0);
	} else {
		for (int i = 0; i < kinds; i++)
			memset(boards[i], 0, BOARD);
	}
	MUST(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
	(void)usleep(200000);
	return 0;
}
