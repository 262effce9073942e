/* SPDX-License-Identifier: MIT */
/*
 * overflow plain | altstack: recursion until the stack is used up. altstack: SIGSEGV is
 * handled on another stack, and the handler aborts, two frames deep.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

volatile int never;

__attribute__((noinline, noclone)) static int descend(int depth)
{
	volatile char
		frame[4096]; /* some 2,000 frames in 8 MiB: a debugger walks them soon */

	frame[0] = (char)depth;
	frame[sizeof(frame) - 1] = (char)depth;
	if (never) /* it is not, but the compiler cannot tell */
		return depth;
	return descend(depth + 1) + frame[0];
}

__attribute__((noinline, noclone)) static void give_up(void)
{
	abort();
}

static void on_segv(int signal)
{
	never = signal;
	give_up();
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "altstack") == 0) {
		stack_t other = { .ss_sp = malloc(65536), .ss_size = 65536 };
		struct sigaction action = { .sa_handler = on_segv,
					    .sa_flags = SA_ONSTACK };

		if (!other.ss_sp || sigaltstack(&other, NULL) < 0 ||
		    sigaction(SIGSEGV, &action, NULL) < 0)
			return 9;
	}
	never = descend(1);
	return 0;
}
