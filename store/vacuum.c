/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>

#include "base/io.h"
#include "store/name.h"
#include "store/remove.h"
#include "store/vacuum.h"
#include "store/vacuum_tell.h"

/* Between two looks whether the other is done. */
#define PAUSE_MS 20

#define SECOND	  1000000 /* µs */
#define LEFT_OVER 60 /* s */

void vacuum_scan_done(struct vacuum_scan *scan)
{
	for (size_t i = 0; i < scan->count; i++) {
		free(scan->files[i].name);
		free(scan->files[i].exe);
		free(scan->files[i].group);
	}
	free(scan->files);
	free(scan->dumps);
	*scan = (struct vacuum_scan){ 0 };
}

static int make_room(struct vacuum_scan *scan, size_t *allocated)
{
	size_t more = *allocated ? *allocated * 2 : 64;
	void *p;

	if (scan->count < *allocated)
		return 0;
	p = reallocarray(scan->files, more, sizeof(*scan->files));
	if (!p)
		return -ENOMEM;
	scan->files = p;
	p = reallocarray(scan->dumps, more, sizeof(*scan->dumps));
	if (!p)
		return -ENOMEM;
	scan->dumps = p;
	*allocated = more;
	return 0;
}

/* What it takes, not how long it is: the record's gap may be a hole. */
static uint64_t bytes_of(const struct stat *st)
{
	return (uint64_t)st->st_blocks * 512;
}

/* The time is the file's: when it was stored, which no clock of the crashed program's changes. */
static int add(struct vacuum_scan *scan, size_t *allocated, const char *name,
	       const struct stat *st)
{
	char *copy = strdup(name);
	int r = copy ? make_room(scan, allocated) : -ENOMEM;

	if (r < 0) {
		free(copy);
		return r;
	}
	scan->files[scan->count] = (struct vacuum_file){ .name = copy,
							 .device = st->st_dev,
							 .inode = st->st_ino };
	scan->dumps[scan->count++] = (struct quota_dump){
		.bytes = bytes_of(st),
		.time = (int64_t)st->st_mtim.tv_sec * 1000000 +
			st->st_mtim.tv_nsec / 1000,
		.uid = QUOTA_NOBODY,
	};
	return 0;
}

static int scan_directory(DIR *dir, struct vacuum_scan *scan)
{
	size_t allocated = 0;
	struct dirent *file;
	struct stat st;
	int r = 0;

	while (r == 0 && (errno = 0, file = readdir(dir))) {
		if (name_is_dump(file->d_name) &&
		    fstatat(dirfd(dir), file->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode) && st.st_size > 0)
			r = add(scan, &allocated, file->d_name, &st);
	}
	return r < 0 ? r : -errno;
}

/* Opened anew, so that it is read from its beginning. NULL: errno is set. */
static DIR *open_store(int store_fd)
{
	int fd = openat(store_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	int error = errno;

	if (!dir)
		cleanup_fd(&fd);
	errno = error;
	return dir;
}

int vacuum_scan(int store_fd, struct vacuum_scan *ret)
{
	_cleanup_dir_ DIR *dir = open_store(store_fd);
	int r;

	*ret = (struct vacuum_scan){ 0 };
	if (!dir)
		return -errno;
	r = scan_directory(dir, ret);
	if (r < 0)
		vacuum_scan_done(ret);
	return r;
}

int vacuum_limits(int store_fd, const struct settings *settings, int64_t now,
		  struct quota_limits *ret)
{
	int64_t age;
	struct statvfs fs;
	uint64_t total;

	if (fstatvfs(store_fd, &fs) < 0)
		return -errno;
	total = (uint64_t)fs.f_blocks * fs.f_frsize;
	*ret = (struct quota_limits){
		.max_use = share_of(&settings->max_use, total),
		.keep_free = share_of(&settings->keep_free, total),
		.free = (uint64_t)fs.f_bavail * fs.f_frsize,
		.max_count = settings->max_count,
		.oldest = INT64_MIN,
	};
	if (settings->max_age != UINT64_MAX &&
	    !__builtin_mul_overflow(settings->max_age, 1000000, &age) &&
	    __builtin_sub_overflow(now, age, &ret->oldest))
		ret->oldest = INT64_MIN;
	return 0;
}

/* Without opening a file: may any have to go? */
static bool is_short(const struct vacuum_scan *scan, const struct quota_limits *limits)
{
	uint64_t use = 0;
	bool old = false;

	for (size_t i = 0; i < scan->count; i++) {
		use += scan->dumps[i].bytes;
		old |= scan->dumps[i].time < limits->oldest;
	}
	return scan->count > 0 &&
	       (old || scan->count > limits->max_count || use > limits->max_use ||
		limits->free < limits->keep_free);
}

static int remove_one(int store_fd, const struct vacuum_file *file)
{
	const struct stat found = { .st_dev = file->device, .st_ino = file->inode };
	int r = remove_dump(store_fd, file->name, &found);

	return r == -ENOENT ? 0 : r;
}

static void remove_all(int store_fd, const struct vacuum_job *job,
		       const struct vacuum_scan *scan, struct quota_dump **gone, size_t n,
		       struct vacuum_result *result)
{
	for (size_t i = 0; i < n && (job->most == 0 || i < job->most); i++) {
		const struct vacuum_file *file = &scan->files[gone[i] - scan->dumps];
		int r = job->dry_run ? 0 : remove_one(store_fd, file);

		if (job->gone)
			job->gone(job->context, file->name, gone[i], -r);
		if (r < 0) {
			result->failed++;
			continue;
		}
		result->count++;
		result->bytes += gone[i]->bytes;
		result->by[gone[i]->reason]++;
		result->left--;
		result->left_bytes -= gone[i]->bytes;
	}
}

static int vacuum(int store_fd, const struct vacuum_job *job,
		  struct vacuum_result *result)
{
	_cleanup_vacuum_scan_ struct vacuum_scan scan = { 0 };
	_cleanup_free_ struct quota_dump **gone = NULL;
	ssize_t n = 0;
	int r = vacuum_scan(store_fd, &scan);

	if (r == 0 && (job->exact || is_short(&scan, &result->limits))) {
		r = vacuum_tell(store_fd, &scan);
		n = r < 0 ? r
			  : quota_choose(scan.dumps, scan.count, &result->limits, &gone);
	}
	if (r < 0 || n < 0)
		return r < 0 ? r : (int)n;
	result->left = scan.count;
	result->unreadable = scan.unreadable;
	for (size_t i = 0; i < scan.count; i++)
		result->left_bytes += scan.dumps[i].bytes;
	remove_all(store_fd, job, &scan, gone, (size_t)n, result);
	return 0;
}

/* A dump gets its name when it is whole, so that an empty file is never one in the making. */
static bool is_left_over(const struct stat *st, int64_t now)
{
	return S_ISREG(st->st_mode) && st->st_size == 0 && st->st_nlink == 1 &&
	       st->st_uid == geteuid() && st->st_mtim.tv_sec < now / SECOND - LEFT_OVER;
}

static void remove_left_over(int store_fd, int64_t now)
{
	_cleanup_dir_ DIR *dir = open_store(store_fd);
	struct dirent *file;
	struct stat st;

	while (dir && (file = readdir(dir))) {
		if (name_is_dump(file->d_name) &&
		    fstatat(store_fd, file->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    is_left_over(&st, now))
			/* what cannot be removed now is tried again the next time */
			(void)!remove_dump(store_fd, file->d_name, &st);
	}
}

static int lock(int lock_fd, int patience)
{
	static const struct timespec pause = { 0, PAUSE_MS * 1000000l };

	while (lock_fd >= 0 && flock(lock_fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (patience <= 0)
			return -EBUSY;
		patience -= PAUSE_MS;
		(void)nanosleep(&pause, NULL); /* shorter is as good */
	}
	return 0;
}

int vacuum_run(int store_fd, int lock_fd, const struct vacuum_job *job, int patience,
	       struct vacuum_result *ret)
{
	int r = lock(lock_fd, patience);

	*ret = (struct vacuum_result){ 0 };
	if (r < 0)
		return r;
	/* not before: who had the lock made room */
	r = vacuum_limits(store_fd, job->settings, job->now, &ret->limits);
	if (r == 0)
		r = vacuum(store_fd, job, ret);
	if (r == 0 && job->exact && !job->dry_run)
		remove_left_over(store_fd, job->now);
	if (lock_fd >= 0)
		(void)flock(lock_fd, LOCK_UN); /* closing it does the same */
	return r;
}
