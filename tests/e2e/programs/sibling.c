/* SPDX-License-Identifier: MIT */
/*
 * sibling after|always MIB: two processes with one address space (CLONE_VM, no threads). One crashes; the
 * other, its parent, writes into all of it: once the first is dead, or all the time.
 */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "release.h"

#define STACK (256 * 1024)

static unsigned long mib;
static uintptr_t *memory;
static char *stack;
static volatile unsigned long counter;

static int child(void *argument)
{
	volatile char text[64];

	strcpy((char *)text, argument);
	(void)usleep(
		100000); /* until then the parent writes, on its way into waitpid() */
	crash(text[0]);
	return 9;
}

static void write_over(void)
{
	memset(memory, 'p', mib * MIB);
	memset(stack, 'p', STACK);
	counter++;
}

int main(int argc, char **argv)
{
	int status;
	pid_t pid;

	MUST(argc == 3);
	mib = strtoul(argv[2], NULL, 10);
	memory = private_memory(mib);
	stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		     0);
	MUST(stack != MAP_FAILED);
	pid = clone(child, stack + STACK, CLONE_VM | SIGCHLD, "as at the crash");
	MUST(pid > 0);
	if (strcmp(argv[1], "always") == 0)
		printf("%d\n", (int)getpid());
	while (strcmp(argv[1], "always") == 0 && waitpid(pid, &status, WNOHANG) == 0)
		counter++;
	if (strcmp(argv[1], "after") == 0)
		MUST(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
	write_over();
	(void)usleep(200000);
	return 0;
}
