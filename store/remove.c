/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include "store/remove.h"

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Where it cannot be emptied it is removed all the same: it has blocks for as long as it is open. */
static void empty(int store_fd, const char *name, const struct stat *found)
{
	_cleanup_fd_ int fd =
		openat(store_fd, name,
		       O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && is_same(&st, found) &&
	    S_ISREG(st.st_mode) && st.st_nlink == 1)
		(void)!ftruncate(fd, 0); /* as above */
}

int remove_dump(int store_fd, const char *name, const struct stat *found)
{
	struct stat st;

	if (fstatat(store_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (!is_same(&st, found))
		return -ESTALE;
	empty(store_fd, name, found);
	return unlinkat(store_fd, name, 0) < 0 ? -errno : 0;
}
