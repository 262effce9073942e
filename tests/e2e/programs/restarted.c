/* SPDX-License-Identifier: MIT */
/*
 * A service that is started anew in its memory control group as soon as it is gone: restarted MIB PROCS, where
 * PROCS is cgroup.procs of the group. The first one has MIB of memory and crashes; the second one gets as much.
 * Prints how each ended.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void join(const char *procs)
{
	FILE *file = fopen(procs, "we");

	if (!file || fprintf(file, "%d\n", (int)getpid()) < 0 || fclose(file) != 0) {
		perror(procs);
		_exit(2);
	}
}

/* Not all the same, and not what compresses to nothing: to store it takes its time. */
static void fill(size_t size)
{
	uint64_t word = 4711;
	char *memory = malloc(size);

	if (!memory)
		_exit(3);
	for (size_t i = 0; i + sizeof(word) <= size; i += sizeof(word)) {
		word = word * 6364136223846793005 + 1442695040888963407;
		*(volatile uint64_t *)(memory + i) = word;
	}
}

/* Return: as waitpid(). */
static int run(size_t size, const char *procs, int crash)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		join(procs);
		fill(size);
		if (crash)
			abort();
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

int main(int argc, char **argv)
{
	int first, second;
	size_t size;

	if (argc != 3)
		return 2;
	size = (size_t)atoi(argv[1]) << 20;
	first = run(size, argv[2], 1);
	second = run(size, argv[2], 0);
	printf("first: signal %d, second: signal %d, status %d\n",
	       WIFSIGNALED(first) ? WTERMSIG(first) : 0,
	       WIFSIGNALED(second) ? WTERMSIG(second) : 0,
	       WIFEXITED(second) ? WEXITSTATUS(second) : -1);
	return 0;
}
