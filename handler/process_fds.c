/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/io.h"
#include "handler/process.h"
#include "handler/process_fds.h"

/* Each costs two system calls while the process is held; a server may have a million. */
#define FDS_MAX	   256
#define FDINFO_CAP 1024

static void print_one(FILE *out, int fd_dir, int info_dir, const char *number)
{
	_cleanup_free_ char *info = NULL;
	char target[4096];
	ssize_t n = readlinkat(fd_dir, number, target, sizeof(target));
	size_t size;

	if (n < 0)
		return;
	fprintf(out, "%s%s:%.*s\n", ftello(out) > 0 ? "\n" : "", number, (int)n, target);
	if (io_read_file(info_dir, number, FDINFO_CAP, &info, &size) == 0)
		fputs(info, out);
}

static int print_all(FILE *out, int fd_dir, int info_dir)
{
	_cleanup_dir_ DIR *dir = fdopendir(dup(fd_dir));
	struct dirent *entry;

	if (!dir)
		return -errno;
	for (int i = 0; i < FDS_MAX && (entry = readdir(dir));) {
		if (entry->d_name[0] == '.')
			continue;
		print_one(out, fd_dir, info_dir, entry->d_name);
		i++;
	}
	return 0;
}

void process_fds_read(int dirfd, struct blob *ret)
{
	static const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;
	_cleanup_fd_ int fd_dir = openat(dirfd, "fd", flags);
	_cleanup_fd_ int info_dir = openat(dirfd, "fdinfo", flags);
	FILE *out;

	*ret = (struct blob){ .bytes = NULL };
	if (fd_dir < 0 || info_dir < 0)
		return;
	out = open_memstream(&ret->bytes, &ret->n);
	if (!out)
		return;
	(void)print_all(out, fd_dir, info_dir); /* what was printed until then is kept */
	if (fclose(out) != 0) {
		free(ret->bytes);
		*ret = (struct blob){ .bytes = NULL };
	}
}
