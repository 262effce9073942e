/* SPDX-License-Identifier: MIT */
/*
 * Opens a stored dump and looks whether it is whole. Nothing is decompressed here. The handler's parent reads no
 * records: see store/fixed.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "store/dump_opened.h"
#include "store/frame.h"
#include "store/seek.h"

int dump_file_open(int dirfd, const char *name, uint64_t *ret_size)
{
	_cleanup_fd_ int fd = -1;
	struct stat st;

	if (name[0] == '\0' || strchr(name, '/'))
		return -EINVAL;
	/* O_NONBLOCK: a FIFO that somebody left here must not hold us. */
	fd = openat(dirfd, name,
		    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return errno == ELOOP || errno == ENXIO ? -EBADMSG : -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EBADMSG;
	if (st.st_size == 0) /* what is left of one: see store/remove.h */
		return -ENOENT;
	*ret_size = (uint64_t)st.st_size;
	return TAKE_FD(fd);
}

static bool was_removed(int fd)
{
	return lseek(fd, 0, SEEK_END) == 0; /* nobody reads it from its position on */
}

int dump_result(int fd, int r, const char **ret_reason)
{
	if ((r != -EBADMSG && r != -ENODATA) || !was_removed(fd))
		return r;
	if (ret_reason)
		*ret_reason = "it was removed while it was read";
	return -ESTALE;
}

static bool is_record(const uint8_t *header)
{
	return frame_get_le32(header) == FRAME_RECORD_MAGIC &&
	       frame_get_le32(header + 4) == FRAME_RECORD_SIZE - FRAME_SKIPPABLE_HEADER;
}

static int read_record(struct dump *dump)
{
	uint8_t frame[FRAME_RECORD_SIZE];
	const char *json = (const char *)frame + FRAME_SKIPPABLE_HEADER;
	ssize_t n = io_pread_full(dump->fd, frame, sizeof(frame), 0);

	if (n < 0)
		return (int)n;
	if (n != sizeof(frame) || !is_record(frame))
		return -EBADMSG;
	return record_from_json(json,
				strnlen(json, sizeof(frame) - FRAME_SKIPPABLE_HEADER),
				&dump->record);
}

int dump_read(int fd, struct dump **ret)
{
	_cleanup_dump_ struct dump *dump = calloc(1, sizeof(*dump));
	off_t size = lseek(fd, 0, SEEK_END);
	int r = size < 0 ? -errno : 0;

	if (!dump || r < 0) {
		cleanup_fd(&fd);
		return dump ? r : -ENOMEM;
	}
	dump->fd = fd;
	dump->size = (uint64_t)size;
	record_init(&dump->record);
	r = read_record(dump);
	if (r < 0)
		return r == -EBADMSG && was_removed(dump->fd) ? -ENOENT : r;
	*ret = TAKE_PTR(dump);
	return 0;
}

int dump_open(int dirfd, const char *name, struct dump **ret)
{
	uint64_t size;
	int fd = dump_file_open(dirfd, name, &size);

	return fd < 0 ? fd : dump_read(fd, ret);
}

void dump_close(struct dump *dump)
{
	if (!dump)
		return;
	cleanup_fd(&dump->fd);
	record_done(&dump->record);
	free(dump);
}

const struct record *dump_record(const struct dump *dump)
{
	return &dump->record;
}

uint64_t dump_file_size(const struct dump *dump)
{
	return dump->size;
}

int dump_fd(const struct dump *dump)
{
	return dump->fd;
}

static int refuse(int error, const char *reason, const char **ret_reason)
{
	if (ret_reason)
		*ret_reason = reason;
	return error;
}

int dump_check(const struct dump *dump, const char **ret_reason)
{
	struct seek_table table;
	const char *reason = NULL;
	int r;

	if (dump->record.size_dump < 0)
		return refuse(-EBADMSG, "its record does not say how long it is",
			      ret_reason);
	r = seek_table_open(dump->fd, dump->size, &table, &reason);
	if (r == 0)
		r = seek_table_check(&table, (uint64_t)dump->record.size_dump, &reason);
	r = dump_result(dump->fd, r, &reason);
	return refuse(r, reason, ret_reason);
}

void dump_take_record(struct dump *dump, struct record *ret, int *ret_check,
		      const char **ret_reason)
{
	*ret_check = dump_check(dump, ret_reason);
	record_done(ret);
	*ret = dump->record;
	record_init(&dump->record);
}
