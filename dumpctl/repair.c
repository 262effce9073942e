/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "dumpctl/repair.h"
#include "store/name.h"
#include "store/publish.h"

static bool is_dump_or_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || name_is_dump(name);
}

/* Return: 1, 0, or negative errno. */
static int holds_only_dumps(int fd)
{
	_cleanup_fd_ int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dir_ DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
	struct dirent *entry;

	if (!dir)
		return -errno;
	(void)TAKE_FD(copy); /* the stream's now */
	while ((errno = 0, entry = readdir(dir)))
		if (!is_dump_or_dot(entry->d_name))
			return 0;
	return errno ? -errno : 1;
}

int store_repair(const char *directory, mode_t *ret_before)
{
	/* Not through a link: the handler takes none for a store. */
	_cleanup_fd_ int fd =
		open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	*ret_before = st.st_mode & 07777;
	if (!(*ret_before & ~STORE_MODE) && (*ret_before & 0700) == 0700)
		return 0;
	/* With the sticky bit or the group's it was made for others. */
	if (st.st_uid != geteuid() || (*ret_before & 07000))
		return -EPERM;
	r = holds_only_dumps(fd);
	if (r <= 0)
		return r < 0 ? r : -EPERM;
	return fchmod(fd, STORE_MODE) < 0 ? -errno : 1;
}
