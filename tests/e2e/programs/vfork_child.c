/* SPDX-License-Identifier: MIT */
/*
 * vfork_child MIB DEPTH: the child of vfork(2) crashes so many frames deep; its parent goes on, on the same
 * stack, as soon as the child is gone, and writes over it.
 */
#include <string.h>
#include <sys/wait.h>

#include "release.h"

__attribute__((noinline)) static int deep(int depth, int mark)
{
	volatile char frame[4096];

	memset((char *)frame, mark, sizeof(frame));
	if (depth > 0)
		return deep(depth - 1, mark) + frame[7];
	if (mark == 'c')
		crash(mark);
	return frame[5];
}

__attribute__((noinline)) static pid_t launch(const char *what, int depth)
{
	const char *volatile mine = what;
	pid_t child = vfork();

	if (child == 0) {
		(void)deep(depth, 'c');
		_exit(9);
	}
	(void)mine;
	return child;
}

int main(int argc, char **argv)
{
	int depth, status;
	pid_t child;

	MUST(argc == 3 && (depth = atoi(argv[2])) >= 0);
	(void)private_memory(strtoul(argv[1], NULL, 10));
	child = launch("a job", depth);
	MUST(child > 0);
	for (int i = 0; i < 50; i++)
		(void)deep(depth, 'p');
	MUST(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
	return 0;
}
