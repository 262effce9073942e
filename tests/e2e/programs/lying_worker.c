/* SPDX-License-Identifier: MIT */
/*
 * A library to be loaded before all others (LD_PRELOAD): the handler's worker, as soon as it is to read the core, says
 * that it has let the crashed process go, which it has not, and goes on for ever. With WAIT in its environment it
 * sleeps, without it works.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define REPORT 4 /* descriptor of the worker */
#define LET_GO 0x6c705264u /* REPORT_LET_GO of handler/report.h */

static void lie(void)
{
	static const struct timespec moment = { 0, 1000000 };
	const uint32_t word = LET_GO;
	volatile unsigned long work = 0;

	(void)!write(REPORT, &word, sizeof(word));
	for (;;) {
		if (getenv("WAIT"))
			(void)syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &moment,
				      NULL);
		work++;
	}
}

ssize_t read(int fd, void *bytes, size_t n)
{
	if (fd == STDIN_FILENO && geteuid() != 0)
		lie();
	return syscall(SYS_read, fd, bytes, n);
}
