/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "store/name.h"
#include "store/publish.h"
#include "store/walk.h"

/* More dumps of one name than this in one store is a template without %P or %T. */
#define TRIES 1000

struct trouble {
	int error;
	const char *reason;
};

static const struct trouble troubles[] = {
	{ ENOENT, "the store does not exist: create it with `install -d -m 0755`, or run "
		  "`systemd-tmpfiles --create dumpd.conf`" },
	{ ENOTDIR, "the store is not a directory: name one by Directory= in dumpd.conf" },
	{ ELOOP,
	  "the store is a symbolic link: name the directory itself by Directory=" },
	{ EPERM, "the store is not root's, or group or others may write to it: "
		 "`chown root:root` and `chmod 0755` it" },
	{ EXDEV,
	  "a directory or link above the store is not root's, or group or others may "
	  "write to it: name another store by Directory=" },
	{ EROFS, "the store is on a read-only file system" },
	{ EACCES, "the store may not be opened: this needs root" },
	{ ENOSPC, "the store's file system is full" },
	{ EDQUOT, "the store's quota is used up" },
};

static const char *reason_of(int error)
{
	for (size_t i = 0; i < ARRAY_SIZE(troubles); i++) {
		if (troubles[i].error == error)
			return troubles[i].reason;
	}
	return "the store cannot be used";
}

int store_open(const char *directory, const char **ret_reason)
{
	int fd = walk_open(directory, STORE_MODE);

	if (fd < 0)
		*ret_reason = reason_of(-fd);
	return fd;
}

int store_create(int store_fd)
{
	int fd = openat(store_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	if (fchmod(fd, 0600) < 0) { /* whatever the umask was */
		int r = -errno;

		cleanup_fd(&fd);
		return r;
	}
	return fd;
}

static int link_name(int store_fd, int file_fd, const char *name)
{
	char self[64];

	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", file_fd);
	return linkat(AT_FDCWD, self, store_fd, name, AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
}

static int link_free_name(int store_fd, int file_fd, const char *stem, char *ret_name)
{
	int r = -EEXIST;

	for (int i = 0; i < TRIES && r == -EEXIST; i++) {
		char number[8] = "";

		if (i > 0)
			(void)snprintf(number, sizeof(number), "-%d", i);
		(void)snprintf(ret_name, STORE_NAME_SIZE, "%s%s" NAME_SUFFIX, stem,
			       number);
		r = link_name(store_fd, file_fd, ret_name);
	}
	return r;
}

static int sync_name(int store_fd, const char *name)
{
	int r;

	if (fsync(store_fd) == 0)
		return 0;
	r = -errno;
	(void)unlinkat(store_fd, name, 0); /* a name that may not last is none */
	return r;
}

/*
 * To the disk, and out of memory: nobody reads a dump at once, and a large one would push out
 * what services read.
 */
static int settle(int file_fd)
{
	if (fsync(file_fd) < 0)
		return -errno;
	(void)posix_fadvise(file_fd, 0, 0, POSIX_FADV_DONTNEED); /* it stays: no harm */
	return 0;
}

int store_publish(int store_fd, int file_fd, const char *stem,
		  char ret_name[STORE_NAME_SIZE])
{
	int r = settle(file_fd);

	if (r == 0)
		r = link_free_name(store_fd, file_fd, stem, ret_name);
	return r < 0 ? r : sync_name(store_fd, ret_name);
}

int store_publish_as(int store_fd, int file_fd, const char *name)
{
	int r = settle(file_fd);

	if (r == 0)
		r = link_name(store_fd, file_fd, name);
	return r < 0 ? r : sync_name(store_fd, name);
}
