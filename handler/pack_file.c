/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/io.h"
#include "handler/pack.h"
#include "handler/pack_file.h"

/* Frames 1 to 3: record, header, slack. */
#define FIRST_MEMORY_FRAME 3

/*
 * Room behind the header frame. A cut header has zeros where program headers were, so it
 * compresses better or by a few bytes worse; where there are tens of thousands, by 3 in 100.
 */
#define SLACK	    256
#define SLACK_SHARE 16

/* Frames of zeros that are written at a time. */
#define REPEATED_SIZE 16384

/* A second of a slow disk. */
#define WRITEBACK_SIZE (32u << 20)

/* How much is written between two looks at how full the disk is. */
#define LOOK_SIZE (8u << 20)

struct pack_file_entry {
	uint32_t compressed, size;
};

/*
 * A network's or a FUSE file system may say ETIMEDOUT; here that means that memory was not read in
 * time (pack_abandon()), and the thread that reads it hangs.
 */
static int write_at(const struct pack_file *file, const void *p, size_t n, uint64_t at)
{
	int r = io_pwrite_full(file->fd, p, n, at);

	return r == -ETIMEDOUT ? -EIO : r;
}

static int add_frame(struct pack_file *file, size_t compressed, size_t size)
{
	if (file->frame_count == file->frame_capacity) {
		size_t capacity = file->frame_capacity ? file->frame_capacity * 2 : 64;
		struct pack_file_entry *bigger =
			reallocarray(file->frames, capacity, sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		file->frames = bigger;
		file->frame_capacity = capacity;
	}
	file->frames[file->frame_count++] =
		(struct pack_file_entry){ (uint32_t)compressed, (uint32_t)size };
	file->end += compressed;
	file->size += size;
	return 0;
}

int pack_file_open(int fd, int level, struct pack_file *ret)
{
	*ret = (struct pack_file){ .fd = fd, .level = level, .room = ROOM_UNLIMITED };
	ret->frame = pack_frame_open();
	return ret->frame ? add_frame(ret, FRAME_RECORD_SIZE, 0) : -ENOMEM;
}

int pack_file_found(struct pack_file *file, uint32_t compressed, uint32_t size)
{
	return add_frame(file, compressed, size);
}

void pack_file_close(struct pack_file *file)
{
	pack_frame_close(file->frame);
	free(file->frames);
}

/*
 * What is written goes to the disk meanwhile: it need not wait for fsync(), and the machine does not
 * fill up with it: what is there is dropped from memory.
 */
static void begin_writeback(struct pack_file *file)
{
	if (file->end - file->begun < WRITEBACK_SIZE)
		return;
	/* hints: what fails is reported by fsync(), and what is not on the disk yet stays */
	(void)sync_file_range(file->fd, (off_t)file->begun,
			      (off_t)(file->end - file->begun), SYNC_FILE_RANGE_WRITE);
	(void)posix_fadvise(file->fd, 0, (off_t)file->begun, POSIX_FADV_DONTNEED);
	file->begun = file->end;
}

/* Others write there as well. What the disk does not tell is enough. */
static bool disk_is_full(struct pack_file *file)
{
	struct statfs fs;

	if (file->room.reserve == 0 || file->end - file->looked < LOOK_SIZE)
		return false;
	file->looked = file->end;
	return fstatfs(file->fd, &fs) == 0 &&
	       (uint64_t)fs.f_bavail * (uint64_t)fs.f_bsize < file->room.reserve;
}

/* n bytes more in `frames` frames, and a table of all: */
static int check_room(struct pack_file *file, uint64_t n, uint64_t frames)
{
	uint64_t table = FRAME_SKIPPABLE_HEADER + FRAME_SEEK_FOOTER +
			 (file->frame_count + frames) * FRAME_SEEK_ENTRY;

	if (file->end + n + table > file->room.most || disk_is_full(file))
		return -PACK_NO_ROOM;
	return 0;
}

/* One frame to the end of the file. */
int pack_file_put(struct pack_file *file, const uint8_t *p, size_t n, size_t size)
{
	int r = check_room(file, n, 1);

	if (r == 0)
		r = write_at(file, p, n, file->end);
	if (r == 0)
		r = add_frame(file, n, size);
	begin_writeback(file);
	return r;
}

/* The same frame again and again: many of them with one write. */
static int put_repeated(struct pack_file *file, const uint8_t *p, size_t n, size_t size,
			uint64_t count)
{
	uint8_t many[REPEATED_SIZE];
	// cppcheck-suppress zerodivcond; no frame is empty
	size_t most = sizeof(many) / n;
	int r = 0;

	for (size_t i = 0; i < most && i < count; i++)
		memcpy(many + i * n, p, n);
	while (count > 0 && r == 0) {
		size_t now = count < most ? (size_t)count : most;

		r = check_room(file, now * n, now);
		if (r == 0)
			r = write_at(file, many, now * n, file->end);
		for (size_t i = 0; i < now && r == 0; i++)
			r = add_frame(file, n, size);
		count -= now;
	}
	return r;
}

int pack_file_zeros(struct pack_file *file, struct pack_frame *frame, uint64_t left)
{
	int r = 0;

	while (left > 0 && r == 0) {
		const uint8_t *p;
		size_t zeros;
		ssize_t n = pack_zeros_frame(&file->zeros, frame, left, &p, &zeros);
		uint64_t count = left / zeros;

		r = n < 0 ? (int)n : put_repeated(file, p, (size_t)n, zeros, count);
		left -= count * zeros;
	}
	return r;
}

int pack_file_memory(struct pack_file *file, struct pack_frame *frame, const uint8_t *p,
		     size_t n)
{
	const uint8_t *made;
	ssize_t size = pack_frame_make(frame, file->level, p, n, &made);

	return size < 0 ? (int)size : pack_file_put(file, made, (size_t)size, n);
}

static int write_slack(struct pack_file *file, uint64_t at, uint32_t n)
{
	static const uint8_t last = 0;
	uint8_t header[FRAME_SKIPPABLE_HEADER];
	int r;

	frame_put_skippable(header, FRAME_SLACK_MAGIC, n - FRAME_SKIPPABLE_HEADER);
	r = write_at(file, header, sizeof(header), at);
	/* the payload is what is there; its last byte makes the file long enough */
	return r < 0 ? r : write_at(file, &last, 1, at + n - 1);
}

int pack_file_header(struct pack_file *file, struct pack_frame *frame, const uint8_t *p,
		     size_t n)
{
	uint32_t slack = SLACK;
	int r = pack_file_memory(file, frame, p, n);

	if (r == 0 && file->frames[1].compressed / SLACK_SHARE > SLACK)
		slack = file->frames[1].compressed / SLACK_SHARE;
	if (r == 0)
		r = write_slack(file, file->end, slack);
	return r < 0 ? r : add_frame(file, slack, 0);
}

int pack_file_map(struct pack_file *file, const uint8_t *p, size_t n)
{
	uint8_t header[FRAME_SKIPPABLE_HEADER];
	const uint8_t *made;
	ssize_t size = pack_frame_make(file->frame, file->level, p, n, &made);
	int r;

	if (size < 0)
		return (int)size;
	frame_put_skippable(header, FRAME_MAP_MAGIC, (uint32_t)size);
	r = check_room(file, sizeof(header) + (uint64_t)size, 1);
	if (r == 0)
		r = write_at(file, header, sizeof(header), file->end);
	if (r == 0)
		r = write_at(file, made, (size_t)size, file->end + sizeof(header));
	if (r == 0)
		r = add_frame(file, sizeof(header) + (size_t)size, 0);
	file->has_map = r == 0;
	return r;
}

static void drop_last(struct pack_file *file)
{
	const struct pack_file_entry *last = &file->frames[--file->frame_count];

	file->end -= last->compressed;
	file->size -= last->size;
	if (file->begun > file->end)
		file->begun = file->end;
	if (file->looked > file->end)
		file->looked = file->end;
}

int pack_file_drop(struct pack_file *file, size_t frames)
{
	size_t there;

	if (file->has_map)
		drop_last(file);
	file->has_map = false;
	if (file->frame_count < FIRST_MEMORY_FRAME)
		return -ENODATA;
	there = file->frame_count - FIRST_MEMORY_FRAME;
	if (frames > 0 && there == 0)
		return -ENODATA;
	if (frames > there)
		frames = there;
	while (frames-- > 0)
		drop_last(file);
	return ftruncate(file->fd, (off_t)file->end) < 0 ? -errno : 0;
}

/* Its frame at the configured level, else at the best one, must fit with a slack behind. */
static ssize_t compress_into(struct pack_file *file, const uint8_t *p, size_t n,
			     size_t room, const uint8_t **ret)
{
	ssize_t size = pack_frame_make(file->frame, file->level, p, n, ret);

	if (size >= 0 && (size_t)size > room)
		size = pack_frame_make(file->frame, PACK_LEVEL_BEST, p, n, ret);
	return size >= 0 && (size_t)size > room ? -EFBIG : size;
}

int pack_file_header_again(struct pack_file *file, const uint8_t *p, size_t n)
{
	struct pack_file_entry *header = &file->frames[1], *slack = &file->frames[2];
	uint32_t all = header->compressed + slack->compressed;
	const uint8_t *made;
	ssize_t size = compress_into(file, p, n, all - FRAME_SKIPPABLE_HEADER - 1, &made);
	int r;

	if (size < 0)
		return (int)size;
	r = write_at(file, made, (size_t)size, FRAME_RECORD_SIZE);
	if (r == 0)
		r = write_slack(file, FRAME_RECORD_SIZE + (uint64_t)size,
				all - (uint32_t)size);
	if (r < 0)
		return r;
	header->compressed = (uint32_t)size;
	slack->compressed = all - (uint32_t)size;
	return 0;
}

int pack_file_finish(struct pack_file *file)
{
	size_t entries = file->frame_count * FRAME_SEEK_ENTRY;
	size_t payload = entries + FRAME_SEEK_FOOTER;
	size_t n = FRAME_SKIPPABLE_HEADER + payload;
	_cleanup_free_ uint8_t *table = calloc(1, n);
	uint8_t *p = table;

	if (!table)
		return -ENOMEM;
	frame_put_skippable(p, FRAME_SEEK_MAGIC, (uint32_t)payload);
	p += FRAME_SKIPPABLE_HEADER;
	for (size_t i = 0; i < file->frame_count; i++, p += FRAME_SEEK_ENTRY) {
		frame_put_le32(p, file->frames[i].compressed);
		frame_put_le32(p + 4, file->frames[i].size);
	}
	frame_put_le32(p, (uint32_t)file->frame_count);
	frame_put_le32(p + 5, FRAME_SEEK_TAIL);
	return write_at(file, table, n, file->end);
}
