/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>

#include "base/io.h"
#include "store/dump_frame.h"
#include "store/dump_map.h"
#include "store/dump_opened.h"
#include "store/seek.h"

static int refuse(int error, const char *reason, const char **ret_reason)
{
	*ret_reason = reason;
	return error;
}

/* The frame before the seek table; compressed 0 if there is no frame at all. */
static int last_frame(const struct dump *dump, struct seek_frame *ret,
		      const char **ret_reason)
{
	struct seek_table table;
	struct seek_cursor cursor;
	int r = dump_check(dump, ret_reason);

	if (r == 0)
		r = seek_table_open(dump_fd(dump), dump_file_size(dump), &table,
				    ret_reason);
	if (r < 0)
		return r;
	*ret = (struct seek_frame){ 0 };
	seek_start(&cursor, &table);
	do {
		r = seek_next(&cursor, ret);
	} while (r > 0);
	return r < 0 ? refuse(r, "its frames and its seek table do not agree", ret_reason)
		     : 0;
}

/* All bytes of a frame, or NULL. */
static uint8_t *read_frame(const struct dump *dump, const struct seek_frame *frame,
			   int *ret_error)
{
	const size_t n = frame->compressed;
	_cleanup_free_ uint8_t *p = malloc(n);
	ssize_t got;

	*ret_error = -ENOMEM;
	if (!p)
		return NULL;
	got = io_pread_full(dump_fd(dump), p, n, frame->offset);
	*ret_error = got < 0 ? (int)got : -ENODATA;
	return got == (ssize_t)n ? TAKE_PTR(p) : NULL;
}

/* Return: 1: it is; 0: it is not; negative errno: it cannot be read. */
static int is_map(const struct dump *dump, const struct seek_frame *frame)
{
	uint8_t header[FRAME_SKIPPABLE_HEADER];
	ssize_t got;

	if (frame->compressed < sizeof(header) || frame->size != 0)
		return 0;
	got = io_pread_full(dump_fd(dump), header, sizeof(header), frame->offset);
	if (got < 0)
		return (int)got;
	return got == sizeof(header) && frame_get_le32(header) == FRAME_MAP_MAGIC &&
	       frame_get_le32(header + 4) == frame->compressed - sizeof(header);
}

static int read_map(const struct dump *dump, struct memory_map *ret,
		    const char **ret_reason)
{
	_cleanup_free_ uint8_t *file = NULL;
	_cleanup_free_ uint8_t *map = NULL;
	struct seek_frame frame;
	size_t n;
	int r = last_frame(dump, &frame, ret_reason);

	if (r < 0)
		return r;
	r = is_map(dump, &frame);
	if (r < 0)
		return refuse(r, "its drop map cannot be read", ret_reason);
	if (r == 0)
		return refuse(-ENOENT, "it has no drop map", ret_reason);
	if (frame.compressed > ZSTD_compressBound(MEMORY_MAP_MAX))
		return refuse(-EBADMSG, "its drop map is too large", ret_reason);
	file = read_frame(dump, &frame, &r);
	if (!file)
		return refuse(r, "its drop map cannot be read", ret_reason);
	r = dump_frame_load(file + FRAME_SKIPPABLE_HEADER,
			    frame.compressed - FRAME_SKIPPABLE_HEADER, MEMORY_MAP_MAX,
			    &map, &n);
	if (r == 0)
		r = memory_map_decode(map, n, ret);
	return r < 0 ? refuse(r, "its drop map is damaged", ret_reason) : 0;
}

int dump_memory_map(const struct dump *dump, struct memory_map *ret,
		    const char **ret_reason)
{
	return dump_result(dump_fd(dump), read_map(dump, ret, ret_reason), ret_reason);
}
