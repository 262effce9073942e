/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <stdlib.h>

#include "base/io.h"
#include "base/lock.h"
#include "handler/rate_file.h"
#include "handler/runtime.h"

/* A thousand handlers have had it by then, or one is stopped. */
#define LOCK_WAIT 3000000

/* Locked, read and checked; the first time, and after damage, written whole. */
struct open_table {
	int fd;
	struct rate_table *table;
};

static void table_close(struct open_table *open)
{
	cleanup_fd(&open->fd);
	free(open->table);
}
#define _cleanup_table_ _cleanup_(table_close)

/* Of another length, or one that begins otherwise, is none of ours. */
static int load(struct open_table *open)
{
	ssize_t n = io_pread_full(open->fd, open->table, sizeof(*open->table), 0);

	if (n < 0)
		return (int)n;
	if ((size_t)n != sizeof(*open->table))
		open->table->magic = 0;
	return rate_table_check(open->table)
		       ? 0
		       : io_pwrite_full(open->fd, open->table, sizeof(*open->table), 0);
}

static int table_open(int runtime_fd, struct open_table *ret)
{
	int r;

	ret->table = malloc(sizeof(*ret->table));
	ret->fd = ret->table ? runtime_file(runtime_fd, RATE_FILE) : -ENOMEM;
	r = ret->fd < 0 ? ret->fd : lock_within(ret->fd, LOCK_WAIT);
	return r == 0 ? load(ret) : r;
}

static int save(const struct open_table *open, const struct rate_entry *entry)
{
	if (!entry)
		return 0;
	return io_pwrite_full(
		open->fd, entry, sizeof(*entry),
		(uint64_t)((const char *)entry - (const char *)open->table));
}

/* The entries are gone when the table is closed. */
static int finish(const struct open_table *open, struct rate_answer *answer,
		  struct rate_answer *ret)
{
	int r = 0;

	for (enum rate_by by = 0; by < RATE_BYS && r == 0; by++)
		r = save(open, answer->entries[by]);
	memset(answer->entries, 0, sizeof(answer->entries));
	if (r == 0)
		*ret = *answer;
	return r;
}

int rate_file_decide(int runtime_fd, const struct rate_who *who,
		     const struct rate_limits *limits, int64_t now,
		     struct rate_answer *ret)
{
	_cleanup_table_ struct open_table open = { .fd = -1 };
	struct rate_answer answer;
	int r = table_open(runtime_fd, &open);

	if (r < 0)
		return r;
	rate_decide(open.table, who, limits, now, &answer);
	return finish(&open, &answer, ret);
}

int rate_file_due(int runtime_fd, const struct rate_who *who, enum rate_by by,
		  int64_t now, struct rate_answer *ret)
{
	_cleanup_table_ struct open_table open = { .fd = -1 };
	struct rate_answer answer;
	int r = table_open(runtime_fd, &open);

	if (r < 0)
		return r;
	rate_due(open.table, who, by, now, &answer);
	return finish(&open, &answer, ret);
}

int rate_file_read(int runtime_fd, struct rate_table *ret)
{
	_cleanup_fd_ int fd =
		openat(runtime_fd, RATE_FILE,
		       O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	ssize_t n = fd < 0 ? -errno : io_pread_full(fd, ret, sizeof(*ret), 0);

	if (n < 0)
		return (int)n;
	if ((size_t)n != sizeof(*ret))
		ret->magic = 0;
	(void)rate_table_check(ret); /* what is no table counts nothing */
	return 0;
}
