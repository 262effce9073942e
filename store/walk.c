/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "store/walk.h"

/* As the kernel's own (MAXSYMLINKS). */
#define LINKS_MAX 40

#define STEP_FLAGS (O_PATH | O_NOFOLLOW)

struct walk {
	int fd; /* where we are */
	char rest[PATH_MAX]; /* of the path, from there */
	unsigned int links;
};

/* Return: 1 and a name, 0 at the end, or negative errno. */
static int next_name(struct walk *walk, char name[NAME_MAX + 1])
{
	const char *start = walk->rest + strspn(walk->rest, "/");
	size_t n = strcspn(start, "/");

	if (n > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, start, n);
	name[n] = '\0';
	memmove(walk->rest, start + n, strlen(start + n) + 1);
	return n > 0;
}

static bool is_last(const struct walk *walk)
{
	return walk->rest[strspn(walk->rest, "/")] == '\0';
}

static bool is_ours(const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == geteuid();
}

static bool is_writable(const struct stat *st)
{
	return st->st_mode & (S_IWGRP | S_IWOTH);
}

static int go_to_root(struct walk *walk)
{
	cleanup_fd(&walk->fd);
	walk->fd = open("/", STEP_FLAGS | O_CLOEXEC);
	return walk->fd < 0 ? -errno : 0;
}

static int follow(struct walk *walk, int link_fd)
{
	char target[PATH_MAX], joined[2 * PATH_MAX];
	ssize_t n = readlinkat(link_fd, "", target, sizeof(target));
	int length;

	if (n < 0)
		return -errno;
	if (++walk->links > LINKS_MAX)
		return -ELOOP;
	length = snprintf(joined, sizeof(joined), "%.*s%s", (int)n, target, walk->rest);
	if (length < 0 || (size_t)length >= sizeof(walk->rest))
		return -ENAMETOOLONG;
	memcpy(walk->rest, joined, (size_t)length + 1);
	return joined[0] == '/' ? go_to_root(walk) : 0;
}

/* A directory or a link on the way. */
static int step(struct walk *walk, const char *name)
{
	_cleanup_fd_ int fd = openat(walk->fd, name, STEP_FLAGS | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!is_ours(&st))
		return -EXDEV;
	if (S_ISLNK(st.st_mode))
		return follow(walk, fd);
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	if (is_writable(&st) && !(st.st_mode & S_ISVTX))
		return -EXDEV;
	cleanup_fd(&walk->fd);
	walk->fd = TAKE_FD(fd);
	return 0;
}

static int open_last(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd >= 0)
		return fd;
	/* O_DIRECTORY and O_NOFOLLOW on a link: the kernel says ENOTDIR, people want to know */
	if (errno == ENOTDIR && fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISLNK(st.st_mode))
		return -ELOOP;
	return -errno;
}

/* Whatever the umask was. Of two first crashes at once one makes it, and both store there. */
static int make_last(int dirfd, const char *name, mode_t mode)
{
	bool made = mkdirat(dirfd, name, mode) == 0;
	int fd = made || errno == EEXIST ? open_last(dirfd, name) : -ENOENT;

	if (fd >= 0 && made && fchmod(fd, mode) < 0) {
		int r = -errno;

		cleanup_fd(&fd);
		return r;
	}
	return fd;
}

static int finish(struct walk *walk, const char *name, mode_t mode)
{
	_cleanup_fd_ int fd = open_last(walk->fd, name);
	struct stat st;

	if (fd == -ENOENT)
		fd = make_last(walk->fd, name, mode);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	return is_ours(&st) && !is_writable(&st) ? TAKE_FD(fd) : -EPERM;
}

static int go(struct walk *walk, mode_t mode)
{
	char name[NAME_MAX + 1];
	int r;

	while ((r = next_name(walk, name)) > 0) {
		if (is_last(walk))
			return finish(walk, name, mode);
		r = step(walk, name);
		if (r < 0)
			return r;
	}
	return r < 0 ? r : -ENOENT;
}

int walk_open(const char *path, mode_t mode)
{
	struct walk walk = { .fd = -1 };
	size_t n = strlen(path);
	int r;

	if (n >= sizeof(walk.rest))
		return -ENAMETOOLONG;
	if (path[0] != '/') /* of the configuration none is */
		return n == 0 ? -ENOENT : -EINVAL;
	memcpy(walk.rest, path, n + 1);
	r = go_to_root(&walk);
	if (r == 0)
		r = go(&walk, mode);
	cleanup_fd(&walk.fd);
	return r;
}
