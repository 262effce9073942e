/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "handler/isolate_helper.h"

/* close_range() is Linux 5.9; before it, the kernel's own limit for a handler is this. */
#define DESCRIPTORS_MAX 1024

int isolate_close(int first, int last)
{
	if (first > last || close_range((unsigned int)first, (unsigned int)last, 0) == 0)
		return 0;
	if (errno != ENOSYS)
		return -errno;
	for (int fd = first; fd <= last && fd < DESCRIPTORS_MAX; fd++)
		(void)close(fd); /* most are not open */
	return 0;
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b; /* neither is negative */
}

static int close_others(const int *fds, size_t n)
{
	int sorted[ISOLATE_HELPER_FDS];
	int first = STDERR_FILENO + 1;
	int r = n > ISOLATE_HELPER_FDS ? -E2BIG : 0;

	for (size_t i = 0; i < n && r == 0; i++)
		sorted[i] = fds[i];
	if (r == 0)
		qsort(sorted, n, sizeof(*sorted), by_number);
	for (size_t i = 0; i < n && r == 0; i++) {
		r = isolate_close(first, sorted[i] - 1);
		first = sorted[i] + 1;
	}
	return r == 0 ? isolate_close(first, INT_MAX) : r;
}

int isolate_helper(const int *fds, size_t n)
{
	int r = close_others(fds, n);

	(void)close(STDIN_FILENO); /* read by nobody here */
	return r == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ? -errno : r;
}
