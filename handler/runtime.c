/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "handler/runtime.h"

#define MODE 0700

static int open_directory(const char *directory)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? -errno : fd;
}

static int check(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if ((st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & 0077))
		return -EPERM;
	return 0;
}

/* Two handlers may make it at the same time: both open what is there then. */
int runtime_open(const char *directory, bool make)
{
	_cleanup_fd_ int fd = open_directory(directory);
	int r;

	if (fd == -ENOENT && make) {
		if (mkdir(directory, MODE) < 0 && errno != EEXIST)
			return -errno;
		fd = open_directory(directory);
	}
	r = fd < 0 ? fd : check(fd);
	return r < 0 ? r : TAKE_FD(fd);
}

int runtime_file(int runtime_fd, const char *name)
{
	int fd = openat(runtime_fd, name,
			O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
			0600);

	return fd < 0 ? -errno : fd;
}
