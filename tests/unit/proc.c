/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>

#include "tests/unit/proc.h"
#include "tests/unit/table.h"

int proc_open(pid_t pid, const char *name)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}
