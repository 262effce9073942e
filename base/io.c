/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>

#include "base/io.h"

static bool try_again(ssize_t r)
{
	return r < 0 && errno == EINTR;
}

ssize_t io_read_full(int fd, void *buf, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t r = read(fd, (char *)buf + done, n - done);

		if (try_again(r))
			continue;
		if (r < 0)
			return -errno;
		if (r == 0)
			break;
		done += (size_t)r;
	}
	return (ssize_t)done;
}

ssize_t io_pread(int fd, void *buf, size_t n, uint64_t offset)
{
	ssize_t r;

	do {
		r = pread(fd, buf, n, (off_t)offset);
	} while (try_again(r));
	return r < 0 ? -errno : r;
}

ssize_t io_pread_full(int fd, void *buf, size_t n, uint64_t offset)
{
	size_t done = 0;

	while (done < n) {
		ssize_t r = io_pread(fd, (char *)buf + done, n - done, offset + done);

		if (r < 0)
			return r;
		if (r == 0)
			break;
		done += (size_t)r;
	}
	return (ssize_t)done;
}

int io_write_full(int fd, const void *buf, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t r = write(fd, (const char *)buf + done, n - done);

		if (try_again(r))
			continue;
		if (r <= 0)
			return r < 0 ? -errno : -EIO;
		done += (size_t)r;
	}
	return 0;
}

int io_pwrite_full(int fd, const void *buf, size_t n, uint64_t offset)
{
	size_t done = 0;

	while (done < n) {
		ssize_t r = pwrite(fd, (const char *)buf + done, n - done,
				   (off_t)(offset + done));

		if (try_again(r))
			continue;
		if (r <= 0)
			return r < 0 ? -errno : -EIO;
		done += (size_t)r;
	}
	return 0;
}

/* Grow by doubling up to cap: /proc files say 0 as their size. */
static ssize_t read_growing(int fd, size_t cap, char **ret)
{
	_cleanup_free_ char *buf = NULL;
	size_t size = 4096 < cap ? 4096 : cap, done = 0;

	for (;;) {
		char *bigger = realloc(buf, size + 1);
		ssize_t r;

		if (!bigger)
			return -ENOMEM;
		buf = bigger;
		r = io_read_full(fd, buf + done, size - done);
		if (r < 0)
			return r;
		done += (size_t)r;
		if (done < size || size == cap)
			break;
		size = size > cap / 2 ? cap : size * 2;
	}
	buf[done] = '\0';
	*ret = TAKE_PTR(buf);
	return (ssize_t)done;
}

int io_read_file(int dirfd, const char *name, size_t cap, char **ret, size_t *ret_n)
{
	_cleanup_fd_ int fd = openat(
		dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read_growing(fd, cap, ret);
	if (n < 0)
		return (int)n;
	*ret_n = (size_t)n;
	return 0;
}

char *io_close_text(FILE *out, char **text)
{
	if (fclose(out) == 0)
		return *text;
	free(*text);
	return NULL;
}
