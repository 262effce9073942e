/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/clock.h"
#include "base/io.h"
#include "handler/process.h"
#include "handler/process_fds.h"
#include "handler/process_locks.h"

/* Each costs two system calls while the process is held; a server may have a million. */
#define FDS_MAX	   256
#define FDINFO_CAP 1024

/* What is looked at for its locks: 64 KiB are some thousand of one file. */
#define LOCKS_CAP (64 << 10)

/* Of further ones the links are read: 1,000 take 2 ms. A file with many locks takes longer. */
#define LINKS_MAX 4096
#define TIME_MAX  50000 /* µs */

struct walk {
	int fd_dir, info_dir;
	const struct process_mapped *mapped;
	FILE *out;
	int printed;
	struct process_locks *locks;
	bool userfault;
};

static void print_one(struct walk *walk, const char *number, const char *target, size_t n,
		      const char *info)
{
	fprintf(walk->out, "%s%s:%.*s\n", walk->printed++ > 0 ? "\n" : "", number, (int)n,
		target);
	if (info)
		fprintf(walk->out, "%.*s", FDINFO_CAP, info);
}

/* What cannot be read may be one. */
static bool is_userfault(const char *target, ssize_t n)
{
	static const char name[] = "anon_inode:[userfaultfd]";

	return n < 0 ||
	       ((size_t)n == sizeof(name) - 1 && memcmp(target, name, (size_t)n) == 0);
}

static void look_at(struct walk *walk, const char *number)
{
	_cleanup_free_ char *info = NULL;
	char target[4096];
	ssize_t n = readlinkat(walk->fd_dir, number, target, sizeof(target));
	bool mapped, prints = walk->printed < FDS_MAX;
	size_t size, cap;

	walk->userfault |= is_userfault(target, n);
	if (n < 0) {
		process_locks_forget("a descriptor of its cannot be read", walk->locks);
		return;
	}
	walk->locks->open_rings += process_locks_is_ring(target, (size_t)n);
	mapped = process_mapped_has(walk->mapped, target, (size_t)n);
	cap = mapped ? LOCKS_CAP : FDINFO_CAP;
	if (!mapped && !prints)
		return;
	if (io_read_file(walk->info_dir, number, cap, &info, &size) < 0)
		info = NULL;
	if (prints)
		print_one(walk, number, target, (size_t)n, info);
	if (mapped && info)
		process_locks_add(target, (size_t)n, info, size == cap, walk->locks);
	else if (mapped)
		process_locks_forget("a descriptor of its cannot be read", walk->locks);
}

/* The walk needs its own, too, to look at each by name. */
static DIR *open_again(int fd)
{
	_cleanup_fd_ int again = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	DIR *dir = again >= 0 ? fdopendir(again) : NULL;

	if (dir)
		(void)TAKE_FD(again); /* the directory's */
	return dir;
}

static void look_at_all(struct walk *walk)
{
	const int64_t until = clock_usec(CLOCK_MONOTONIC) + TIME_MAX;
	_cleanup_dir_ DIR *dir = open_again(walk->fd_dir);
	struct dirent *entry;
	int links = 0;

	if (!dir) {
		process_locks_forget("its descriptors cannot be read", walk->locks);
		return;
	}
	while ((errno = 0, entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		if (links++ == LINKS_MAX || clock_usec(CLOCK_MONOTONIC) >= until)
			break;
		look_at(walk, entry->d_name);
	}
	if (entry || errno)
		process_locks_forget("it has too many descriptors", walk->locks);
	else
		walk->locks->no_userfault = !walk->userfault;
}

/* A text that cannot be had: the locks can. */
static void walk_all(struct walk *walk, struct blob *ret)
{
	walk->out = open_memstream(&ret->bytes, &ret->n);
	if (!walk->out)
		walk->printed = FDS_MAX;
	look_at_all(walk);
	if (!walk->out || fclose(walk->out) == 0)
		return;
	free(ret->bytes);
	*ret = (struct blob){ .bytes = NULL };
}

void process_fds_read(int dirfd, const struct blob *maps, struct blob *ret,
		      struct process_locks *ret_locks)
{
	static const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;
	_cleanup_fd_ int fd_dir = openat(dirfd, "fd", flags);
	_cleanup_fd_ int info_dir = openat(dirfd, "fdinfo", flags);
	struct process_mapped mapped;
	struct walk walk = { fd_dir, info_dir, &mapped, .locks = ret_locks };

	*ret = (struct blob){ .bytes = NULL };
	*ret_locks = (struct process_locks){ .known = true };
	process_mapped_read(maps->bytes, maps->cut, &mapped);
	if (mapped.reason)
		process_locks_forget(mapped.reason, ret_locks);
	if (fd_dir >= 0 && info_dir >= 0)
		walk_all(&walk, ret);
	else
		process_locks_forget("its descriptors cannot be read", ret_locks);
	process_mapped_done(&mapped);
}
