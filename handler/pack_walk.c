/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include <zstd.h>

#include "base/clock.h"
#include "base/io.h"
#include "handler/pack_walk.h"
#include "store/dump_frame.h"
#include "store/frame.h"

/* What is read at a time: a few of the largest frames with memory, thousands of zeros. */
#define CHUNK (8u << 20)

/* Of a frame what says how much comes out of it (RFC 8878, 3.1.1.1). */
#define FRAME_START 18

struct pack_walk {
	int fd; /* the caller's */
	uint64_t size; /* of the file */
	uint8_t *bytes; /* of the file, from `start` on */
	uint64_t start;
	size_t n, room;
	ZSTD_DCtx *zstd;
	uint8_t *memory; /* FRAME_MEMORY_MAX bytes */
};

/* Lies in walk->bytes until the next one is looked for. */
struct found {
	const uint8_t *p;
	uint32_t compressed, size;
};

int pack_walk_open(int fd, struct pack_walk **ret)
{
	_cleanup_pack_walk_ struct pack_walk *walk = calloc(1, sizeof(*walk));
	off_t size = lseek(fd, 0, SEEK_END);

	if (size < 0)
		return -errno;
	if (!walk)
		return -ENOMEM;
	walk->fd = fd;
	walk->size = (uint64_t)size;
	walk->zstd = ZSTD_createDCtx();
	walk->memory = malloc(FRAME_MEMORY_MAX);
	if (!walk->zstd || !walk->memory)
		return -ENOMEM;
	*ret = TAKE_PTR(walk);
	return 0;
}

void pack_walk_close(struct pack_walk *walk)
{
	if (!walk)
		return;
	ZSTD_freeDCtx(walk->zstd);
	free(walk->memory);
	free(walk->bytes);
	free(walk);
}

static bool is_there(const struct pack_walk *walk, uint64_t at, size_t n)
{
	return at >= walk->start && at - walk->start <= walk->n &&
	       n <= walk->n - (at - walk->start);
}

static int make_room(struct pack_walk *walk, size_t n)
{
	size_t room = n > CHUNK ? n : CHUNK;
	uint8_t *bigger;

	if (room <= walk->room)
		return 0;
	bigger = realloc(walk->bytes, room);
	if (!bigger)
		return -ENOMEM;
	walk->bytes = bigger;
	walk->room = room;
	return 0;
}

/* n bytes at a place of the file, or its rest. Return: how many; negative errno. */
static ssize_t look(struct pack_walk *walk, uint64_t at, size_t n, const uint8_t **ret)
{
	uint64_t rest = at < walk->size ? walk->size - at : 0;
	ssize_t got;
	int r;

	if (n > rest)
		n = (size_t)rest;
	if (!is_there(walk, at, n)) {
		r = make_room(walk, n);
		walk->n = 0;
		got = r < 0 ? r : io_pread_full(walk->fd, walk->bytes, walk->room, at);
		if (got < 0)
			return got;
		walk->start = at;
		walk->n = (size_t)got;
	}
	if (!is_there(walk, at, n))
		return -EIO; /* it has become shorter */
	*ret = walk->bytes + (at - walk->start);
	return (ssize_t)n;
}

/* Of at most `max` bytes when decompressed. Return: 1; 0: no whole frame is there; negative errno. */
static int find_frame(struct pack_walk *walk, uint64_t at, size_t max, struct found *ret)
{
	const uint8_t *p;
	ssize_t n = look(walk, at, FRAME_START, &p);
	unsigned long long size = n > 0 ? ZSTD_getFrameContentSize(p, (size_t)n) : 0;
	size_t compressed;

	if (n < 0)
		return (int)n;
	/* an unknown size and an error are the largest numbers; of a skippable frame it is 0 */
	if (size == 0 || size > max)
		return 0;
	n = look(walk, at, ZSTD_compressBound((size_t)size), &p);
	if (n < 0)
		return (int)n;
	compressed = ZSTD_findFrameCompressedSize(p, (size_t)n);
	if (ZSTD_isError(compressed))
		return 0;
	*ret = (struct found){ p, (uint32_t)compressed, (uint32_t)size };
	return 1;
}

/* What is left away of the header when it is written again. */
static int find_slack(struct pack_walk *walk, struct pack_file *file)
{
	const uint8_t *p;
	ssize_t n = look(walk, file->end, FRAME_SKIPPABLE_HEADER, &p);
	uint32_t payload;

	if (n < 0)
		return (int)n;
	if (n < FRAME_SKIPPABLE_HEADER || frame_get_le32(p) != FRAME_SLACK_MAGIC)
		return -ENODATA;
	payload = frame_get_le32(p + 4);
	/* no headers leave more; with the frame before it is below 4 GiB */
	if (payload > FRAME_HEADER_MAX ||
	    payload > walk->size - file->end - FRAME_SKIPPABLE_HEADER)
		return -ENODATA;
	return pack_file_found(file, FRAME_SKIPPABLE_HEADER + payload, 0);
}

int pack_walk_header(struct pack_walk *walk, struct pack_file *file, uint8_t **ret,
		     size_t *ret_n)
{
	_cleanup_free_ uint8_t *header = NULL;
	struct found found;
	int r = find_frame(walk, file->end, FRAME_HEADER_MAX, &found);

	if (r == 0)
		r = -ENODATA;
	if (r > 0)
		r = dump_frame_load(found.p, found.compressed, FRAME_HEADER_MAX, &header,
				    ret_n);
	if (r == 0)
		r = pack_file_found(file, found.compressed, found.size);
	if (r == 0)
		r = find_slack(walk, file);
	if (r < 0)
		return r == -EBADMSG ? -ENODATA : r;
	*ret = TAKE_PTR(header);
	return 0;
}

int pack_walk_memory(struct pack_walk *walk, struct pack_file *file, int64_t until)
{
	struct found found;
	const char *reason;
	int r = 0;

	while (r == 0 && clock_usec(CLOCK_MONOTONIC) < until) {
		r = find_frame(walk, file->end, FRAME_MEMORY_MAX, &found);
		if (r <= 0)
			return r;
		r = dump_frame_decompress(walk->zstd, found.p, found.compressed,
					  walk->memory, found.size, &reason);
		if (r == -EBADMSG)
			return 0;
		if (r == 0)
			r = pack_file_found(file, found.compressed, found.size);
	}
	return r;
}
