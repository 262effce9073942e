/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sys/file.h>

#include "base/alarm.h"
#include "base/lock.h"

int lock_within(int fd, int64_t usec)
{
	struct alarm alarm;
	int r;

	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK || usec <= 0)
		return -errno;
	r = alarm_start(usec, &alarm);
	if (r < 0)
		return r;
	r = flock(fd, LOCK_EX) < 0 ? -errno : 0;
	alarm_stop(&alarm);
	return r == -EINTR ? -EAGAIN : r;
}
