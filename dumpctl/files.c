/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "dumpctl/files.h"

/* The directory of path is synced too: after a power cut it is the old file or the new. */
static int directory_sync(const char *path)
{
	_cleanup_free_ char *copy = strdup(path);
	_cleanup_fd_ int fd = -1;
	char *slash = copy ? strrchr(copy, '/') : NULL;

	if (!slash)
		return copy ? -EINVAL : -ENOMEM;
	slash[slash == copy] = '\0';
	fd = open(copy, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		return -errno;
	return 0;
}

int file_replace(const char *path, const char *text, mode_t mode)
{
	char beside[PATH_MAX];
	int fd, r;

	/* The name does not end in .conf: nobody takes an unfinished file for a drop-in. */
	r = snprintf(beside, sizeof(beside), "%s.XXXXXX", path);
	if (r < 0 || (size_t)r >= sizeof(beside))
		return -ENAMETOOLONG;
	fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = io_write_full(fd, text, strlen(text));
	if (r == 0 && (fchmod(fd, mode) < 0 || fsync(fd) < 0))
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r == 0 && rename(beside, path) < 0)
		r = -errno;
	if (r < 0) {
		(void)unlink(beside); /* it may be gone; the error is reported */
		return r;
	}
	return directory_sync(path);
}

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int directory_make(const char *path, mode_t mode)
{
	_cleanup_free_ char *copy = strdup(path);

	if (!copy)
		return -ENOMEM;
	if (is_directory(copy))
		return 0;
	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0755) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	if (mkdir(copy, mode) < 0)
		return -errno;
	/* Whatever the umask says. */
	return chmod(copy, mode) < 0 ? -errno : 1;
}

/* One step of a path. Return: 0, or negative errno with *ret_problem set. */
static int check_step(const char *path, char **ret_problem)
{
	struct stat st;
	int r;

	if (stat(path, &st) < 0) {
		r = -errno;
		if (asprintf(ret_problem, "%s: %s", path, strerror(-r)) < 0)
			return -ENOMEM;
		return r;
	}
	if (st.st_uid == 0 && !(st.st_mode & (S_IWGRP | S_IWOTH)))
		return 0;
	r = st.st_uid ? asprintf(ret_problem, "%s does not belong to root", path)
		      : asprintf(ret_problem, "%s can be written by others than root",
				 path);
	return r < 0 ? -ENOMEM : -EPERM;
}

static int check_steps(const char *path, char **ret_problem)
{
	_cleanup_free_ char *copy = strdup(path);
	int r;

	if (!copy)
		return -ENOMEM;
	r = check_step("/", ret_problem);
	for (char *slash = strchr(copy + 1, '/'); r == 0 && slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		r = check_step(copy, ret_problem);
		*slash = '/';
	}
	return r < 0 ? r : check_step(copy, ret_problem);
}

int program_trusted(const char *path, char **ret_problem)
{
	_cleanup_free_ char *real = NULL;
	struct stat st;
	int r;

	*ret_problem = NULL;
	r = check_steps(path, ret_problem);
	if (r < 0)
		return r;
	real = realpath(path, NULL);
	if (!real)
		return -errno;
	r = check_steps(real, ret_problem);
	if (r < 0)
		return r;
	if (stat(real, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & S_IXUSR))
		return 0;
	return asprintf(ret_problem, "%s is no program", path) < 0 ? -ENOMEM : -EACCES;
}
