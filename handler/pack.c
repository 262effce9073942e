/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <zstd.h>

#include "base/io.h"
#include "handler/pack.h"
#include "store/frame.h"

/* Frames 1 to 3: record, header, slack. */
#define FIRST_MEMORY_FRAME 3

/*
 * Room behind the header frame. A cut header has zeros where program headers were, so it
 * compresses better or by a few bytes worse.
 */
#define SLACK 256

struct frame {
	uint32_t compressed, size;
};

struct pack {
	int fd;
	ZSTD_CCtx *zstd;
	int level;
	struct frame *frames;
	size_t frame_count, frame_capacity;
	uint64_t end; /* of the file so far */
	uint64_t size; /* extracted bytes in frames */
	uint8_t *waiting; /* FRAME_MEMORY_MAX bytes */
	size_t waiting_n;
	uint8_t *compressed;
	size_t compressed_size;
	bool has_map; /* the last frame is the drop map */
};

static int set_level(struct pack *pack, int level)
{
	if (ZSTD_isError(
		    ZSTD_CCtx_setParameter(pack->zstd, ZSTD_c_compressionLevel, level)) ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(pack->zstd, ZSTD_c_checksumFlag, 1)))
		return -EINVAL;
	return 0;
}

static int add_frame(struct pack *pack, size_t compressed, size_t size)
{
	if (pack->frame_count == pack->frame_capacity) {
		size_t capacity = pack->frame_capacity ? pack->frame_capacity * 2 : 64;
		struct frame *bigger =
			reallocarray(pack->frames, capacity, sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		pack->frames = bigger;
		pack->frame_capacity = capacity;
	}
	pack->frames[pack->frame_count++] =
		(struct frame){ (uint32_t)compressed, (uint32_t)size };
	pack->end += compressed;
	pack->size += size;
	return 0;
}

int pack_open(int fd, int level, struct pack **ret)
{
	_cleanup_pack_ struct pack *pack = calloc(1, sizeof(*pack));
	int r;

	if (!pack)
		return -ENOMEM;
	pack->fd = fd;
	pack->level = level;
	pack->zstd = ZSTD_createCCtx();
	pack->waiting = malloc(FRAME_MEMORY_MAX);
	if (!pack->zstd || !pack->waiting)
		return -ENOMEM;
	r = set_level(pack, level);
	if (r == 0)
		r = add_frame(pack, FRAME_RECORD_SIZE, 0);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(pack);
	return 0;
}

void pack_close(struct pack *pack)
{
	if (!pack)
		return;
	ZSTD_freeCCtx(pack->zstd);
	free(pack->waiting);
	free(pack->compressed);
	free(pack->frames);
	free(pack);
}

/* One whole frame into pack->compressed. Return: its size or negative errno. */
static ssize_t compress(struct pack *pack, const uint8_t *p, size_t n)
{
	size_t bound = ZSTD_compressBound(n), size;

	if (bound > pack->compressed_size) {
		uint8_t *bigger = realloc(pack->compressed, bound);

		if (!bigger)
			return -ENOMEM;
		pack->compressed = bigger;
		pack->compressed_size = bound;
	}
	size = ZSTD_compress2(pack->zstd, pack->compressed, bound, p, n);
	return ZSTD_isError(size) ? -ENOMEM : (ssize_t)size;
}

static int write_frame(struct pack *pack, const uint8_t *p, size_t n)
{
	ssize_t size = compress(pack, p, n);
	int r;

	if (size < 0)
		return (int)size;
	r = io_pwrite_full(pack->fd, pack->compressed, (size_t)size, pack->end);
	return r < 0 ? r : add_frame(pack, (size_t)size, n);
}

static int write_slack(struct pack *pack, uint64_t at, uint32_t n)
{
	static const uint8_t last = 0;
	uint8_t header[FRAME_SKIPPABLE_HEADER];
	int r;

	frame_put_skippable(header, FRAME_SLACK_MAGIC, n - FRAME_SKIPPABLE_HEADER);
	r = io_pwrite_full(pack->fd, header, sizeof(header), at);
	/* the payload is what is there; its last byte makes the file long enough */
	return r < 0 ? r : io_pwrite_full(pack->fd, &last, 1, at + n - 1);
}

int pack_header(struct pack *pack, const uint8_t *p, size_t n)
{
	int r = write_frame(pack, p, n);

	if (r == 0)
		r = write_slack(pack, pack->end, SLACK);
	return r < 0 ? r : add_frame(pack, SLACK, 0);
}

uint8_t *pack_space(struct pack *pack, size_t *ret_room)
{
	*ret_room = FRAME_MEMORY_MAX - pack->waiting_n;
	return pack->waiting + pack->waiting_n;
}

int pack_flush(struct pack *pack)
{
	int r;

	if (pack->waiting_n == 0)
		return 0;
	r = write_frame(pack, pack->waiting, pack->waiting_n);
	if (r == 0)
		pack->waiting_n = 0;
	return r;
}

int pack_commit(struct pack *pack, size_t n)
{
	pack->waiting_n += n;
	return pack->waiting_n == FRAME_MEMORY_MAX ? pack_flush(pack) : 0;
}

int pack_memory(struct pack *pack, const uint8_t *p, size_t n)
{
	while (n > 0) {
		size_t room;
		uint8_t *space = pack_space(pack, &room);
		int r;

		if (room > n)
			room = n;
		memcpy(space, p, room);
		r = pack_commit(pack, room);
		if (r < 0)
			return r;
		p += room;
		n -= room;
	}
	return 0;
}

uint64_t pack_size(const struct pack *pack)
{
	return pack->size + pack->waiting_n;
}

int pack_map(struct pack *pack, const uint8_t *p, size_t n)
{
	uint8_t header[FRAME_SKIPPABLE_HEADER];
	ssize_t size = compress(pack, p, n);
	int r;

	if (size < 0)
		return (int)size;
	frame_put_skippable(header, FRAME_MAP_MAGIC, (uint32_t)size);
	r = io_pwrite_full(pack->fd, header, sizeof(header), pack->end);
	if (r == 0)
		r = io_pwrite_full(pack->fd, pack->compressed, (size_t)size,
				   pack->end + sizeof(header));
	if (r == 0)
		r = add_frame(pack, sizeof(header) + (size_t)size, 0);
	pack->has_map = r == 0;
	return r;
}

static void drop_last(struct pack *pack)
{
	const struct frame *last = &pack->frames[--pack->frame_count];

	pack->end -= last->compressed;
	pack->size -= last->size;
}

int pack_drop(struct pack *pack, size_t frames)
{
	size_t there;

	pack->waiting_n = 0;
	if (pack->has_map)
		drop_last(pack);
	pack->has_map = false;
	if (pack->frame_count < FIRST_MEMORY_FRAME)
		return -ENODATA;
	there = pack->frame_count - FIRST_MEMORY_FRAME;
	if (frames > 0 && there == 0)
		return -ENODATA;
	if (frames > there)
		frames = there;
	while (frames-- > 0)
		drop_last(pack);
	return ftruncate(pack->fd, (off_t)pack->end) < 0 ? -errno : 0;
}

/* Its frame at the configured level, else at the best one, must fit with a slack behind. */
static ssize_t compress_into(struct pack *pack, const uint8_t *p, size_t n, size_t room)
{
	ssize_t size = compress(pack, p, n);

	if (size >= 0 && (size_t)size > room) {
		if (set_level(pack, ZSTD_maxCLevel()) < 0)
			return -EINVAL;
		size = compress(pack, p, n);
		if (set_level(pack, pack->level) < 0)
			return -EINVAL;
	}
	return size >= 0 && (size_t)size > room ? -EFBIG : size;
}

int pack_header_again(struct pack *pack, const uint8_t *p, size_t n)
{
	struct frame *header = &pack->frames[1], *slack = &pack->frames[2];
	uint32_t all = header->compressed + slack->compressed;
	ssize_t size = compress_into(pack, p, n, all - FRAME_SKIPPABLE_HEADER - 1);
	int r;

	if (size < 0)
		return (int)size;
	r = io_pwrite_full(pack->fd, pack->compressed, (size_t)size, FRAME_RECORD_SIZE);
	if (r == 0)
		r = write_slack(pack, FRAME_RECORD_SIZE + (uint64_t)size,
				all - (uint32_t)size);
	if (r < 0)
		return r;
	header->compressed = (uint32_t)size;
	slack->compressed = all - (uint32_t)size;
	return 0;
}

int pack_finish(struct pack *pack)
{
	size_t entries = pack->frame_count * FRAME_SEEK_ENTRY;
	size_t payload = entries + FRAME_SEEK_FOOTER;
	size_t n = FRAME_SKIPPABLE_HEADER + payload;
	_cleanup_free_ uint8_t *table = calloc(1, n);
	uint8_t *p = table;

	if (!table)
		return -ENOMEM;
	frame_put_skippable(p, FRAME_SEEK_MAGIC, (uint32_t)payload);
	p += FRAME_SKIPPABLE_HEADER;
	for (size_t i = 0; i < pack->frame_count; i++, p += FRAME_SEEK_ENTRY) {
		frame_put_le32(p, pack->frames[i].compressed);
		frame_put_le32(p + 4, pack->frames[i].size);
	}
	frame_put_le32(p, (uint32_t)pack->frame_count);
	frame_put_le32(p + 5, FRAME_SEEK_TAIL);
	return io_pwrite_full(pack->fd, table, n, pack->end);
}
