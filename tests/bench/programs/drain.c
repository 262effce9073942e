/* SPDX-License-Identifier: MIT */
/*
 * The handler that reads the pipe to its end and keeps nothing: how fast the kernel hands out a
 * core. A handler that has all of it from the pipe cannot be faster.
 */
#include <fcntl.h>
#include <unistd.h>

#define SIZE (1 << 20) /* what fs.pipe-max-size lets everybody have */

static char buffer[SIZE];

int main(void)
{
	ssize_t n;

	(void)fcntl(STDIN_FILENO, F_SETPIPE_SZ, SIZE); /* smaller is only slower */
	do
		n = read(STDIN_FILENO, buffer, sizeof(buffer));
	while (n > 0);
	return n < 0;
}
