/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "base/io.h"
#include "store/seek.h"

/* Exactly n bytes. The file was long enough a moment ago: less means that it shrank. */
static int read_exact(int fd, void *buffer, size_t n, uint64_t offset)
{
	ssize_t r = io_pread_full(fd, buffer, n, offset);

	if (r < 0)
		return (int)r;
	return (size_t)r == n ? 0 : -ENODATA;
}

static int refuse(int error, const char *reason, const char **ret_reason)
{
	*ret_reason = reason;
	return error;
}

/* The header before the entries must say the same as the footer behind them. */
static int check_header(const struct seek_table *table, uint64_t payload,
			const char **ret_reason)
{
	uint8_t header[FRAME_SKIPPABLE_HEADER];
	int r = read_exact(table->fd, header, sizeof(header), table->end);

	if (r < 0)
		return refuse(r, "its seek table cannot be read", ret_reason);
	if (frame_get_le32(header) != FRAME_SEEK_MAGIC ||
	    frame_get_le32(header + 4) != payload)
		return refuse(-EBADMSG, "its seek table is damaged", ret_reason);
	return 0;
}

int seek_table_open(int fd, uint64_t file_size, struct seek_table *ret,
		    const char **ret_reason)
{
	uint8_t footer[FRAME_SEEK_FOOTER];
	uint64_t payload, frame;
	int r;

	if (file_size < FRAME_SKIPPABLE_HEADER + FRAME_SEEK_FOOTER)
		return refuse(-ENODATA, "it is cut: its end is missing", ret_reason);
	r = read_exact(fd, footer, sizeof(footer), file_size - sizeof(footer));
	if (r < 0)
		return refuse(r, "its end cannot be read", ret_reason);
	if (frame_get_le32(footer + 5) != FRAME_SEEK_TAIL)
		return refuse(-ENODATA, "it is cut: its end is missing", ret_reason);
	if (footer[4] != 0)
		return refuse(-EBADMSG, "its seek table is of an unknown form",
			      ret_reason);
	ret->fd = fd;
	ret->count = frame_get_le32(footer);
	payload = (uint64_t)ret->count * FRAME_SEEK_ENTRY + FRAME_SEEK_FOOTER;
	frame = payload + FRAME_SKIPPABLE_HEADER;
	if (frame > file_size)
		return refuse(-EBADMSG, "its seek table is damaged", ret_reason);
	ret->end = file_size - frame;
	ret->entries = ret->end + FRAME_SKIPPABLE_HEADER;
	return check_header(ret, payload, ret_reason);
}

void seek_start(struct seek_cursor *cursor, const struct seek_table *table)
{
	cursor->table = table;
	cursor->offset = 0;
	cursor->next = 0;
	cursor->first = 0;
	cursor->got = 0;
}

static int refill(struct seek_cursor *cursor)
{
	uint32_t left = cursor->table->count - cursor->next;
	uint32_t n = left < SEEK_BATCH ? left : SEEK_BATCH;
	int r = read_exact(
		cursor->table->fd, cursor->buffer, n * (size_t)FRAME_SEEK_ENTRY,
		cursor->table->entries + (uint64_t)cursor->next * FRAME_SEEK_ENTRY);

	if (r < 0)
		return r;
	cursor->first = cursor->next;
	cursor->got = n;
	return 0;
}

int seek_next(struct seek_cursor *cursor, struct seek_frame *ret)
{
	const uint8_t *entry;

	if (cursor->next == cursor->table->count)
		return cursor->offset == cursor->table->end ? 0 : -EBADMSG;
	if (cursor->next >= cursor->first + cursor->got) {
		int r = refill(cursor);

		if (r < 0)
			return r;
	}
	entry = cursor->buffer +
		(size_t)(cursor->next - cursor->first) * FRAME_SEEK_ENTRY;
	ret->offset = cursor->offset;
	ret->compressed = frame_get_le32(entry);
	ret->size = frame_get_le32(entry + 4);
	/* No empty frames: the number of steps stays below the file's size. */
	if (ret->compressed == 0 || ret->compressed > cursor->table->end - cursor->offset)
		return -EBADMSG;
	cursor->offset += ret->compressed;
	cursor->next++;
	return 1;
}

int seek_table_check(const struct seek_table *table, uint64_t size,
		     const char **ret_reason)
{
	struct seek_cursor cursor;
	struct seek_frame frame;
	uint64_t sum = 0;
	int r;

	seek_start(&cursor, table);
	/* At most 2^32 frames of 2^32 bytes: the sum cannot overflow. */
	while ((r = seek_next(&cursor, &frame)) > 0)
		sum += frame.size;
	if (r < 0)
		return refuse(r, "its frames and its seek table do not agree",
			      ret_reason);
	if (sum != size)
		return refuse(-EBADMSG, "its record and its seek table do not agree",
			      ret_reason);
	return 0;
}
