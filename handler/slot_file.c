/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>

#include "base/lock.h"
#include "handler/runtime.h"
#include "handler/slot_file.h"

static void name_of(enum slot_class class, unsigned int i, char ret[32])
{
	(void)snprintf(ret, 32, "%s.%u", class == SLOT_LARGE ? "large" : "small",
		       i); /* fits */
}

int slot_file_lock(int runtime_fd, enum slot_class class, unsigned int i, int64_t usec)
{
	_cleanup_fd_ int fd = -1;
	char name[32];
	int r;

	name_of(class, i, name);
	fd = runtime_file(runtime_fd, name);
	r = fd < 0 ? fd : lock_within(fd, usec);
	return r < 0 ? r : TAKE_FD(fd);
}

/* A shared lock, for as long as it takes to let go of it: a handler then takes another slot. */
bool slot_file_is_taken(int runtime_fd, enum slot_class class, unsigned int i)
{
	_cleanup_fd_ int fd = -1;
	char name[32];

	name_of(class, i, name);
	fd = openat(runtime_fd, name,
		    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}
