/* SPDX-License-Identifier: MIT */
/*
 * crash TOTAL AT-A-TIME BYTES: so many processes of this program abort, so many at a time, each with so
 * many bytes of memory that it wrote to. Those of one round abort at the same moment. Prints how many
 * died so.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096

/* Until the other end is closed: a read of nothing. */
static void wait_for_all(int fd)
{
	char byte;

	if (read(fd, &byte, 1) != 0)
		_exit(1);
}

static void child(const int gate[2], size_t bytes)
{
	char *memory = malloc(bytes);

	close(gate[1]);
	for (size_t i = 0; memory && i < bytes; i += PAGE)
		memory[i] = (char)(i / PAGE);
	wait_for_all(gate[0]);
	abort();
}

/* Return: how many aborted. */
static long round_of(long n, size_t bytes)
{
	long died = 0;
	int gate[2], status;

	if (pipe(gate) < 0)
		return 0;
	for (long i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid == 0)
			child(gate, bytes);
		if (pid < 0)
			perror("fork");
	}
	close(gate[0]);
	close(gate[1]);
	while (wait(&status) > 0)
		died += WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
	return died;
}

int main(int argc, char **argv)
{
	long total = argc > 1 ? atol(argv[1]) : 1,
	     at_a_time = argc > 2 ? atol(argv[2]) : 1;
	size_t bytes = argc > 3 ? (size_t)atol(argv[3]) : 0;
	long died = 0;

	for (long left = total; left > 0; left -= at_a_time)
		died += round_of(left < at_a_time ? left : at_a_time, bytes);
	printf("%ld\n", died);
	return died == total ? 0 : 1;
}
