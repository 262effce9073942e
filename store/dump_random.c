/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/io.h"
#include "store/dump_frame.h"
#include "store/dump_opened.h"
#include "store/dump_random.h"
#include "store/seek.h"

/* Frames that are kept, the header's apart: a plan walks lists that lie all over. */
#define SLOTS 16

/* 8 TiB of memory; the index is then 96 MiB. */
#define FRAMES_MAX (1u << 22)

#define NOTHING SIZE_MAX

struct place {
	uint64_t start; /* in the core */
	uint64_t offset; /* in the file */
	uint32_t compressed, size;
};

struct slot {
	uint8_t *bytes;
	size_t frame; /* whose bytes; NOTHING */
	uint64_t used; /* when */
};

struct dump_random {
	int fd;
	uint64_t size; /* of the core */
	struct place *places; /* frames with content, in order */
	size_t count, capacity;
	/* the header's frame, which may be larger than the others, then those of memory */
	struct slot header, slots[SLOTS];
	uint64_t clock;
	ZSTD_DCtx *context;
	uint8_t *input;
	size_t input_size;
};

static int refuse(int error, const char *reason, const char **ret_reason)
{
	*ret_reason = reason;
	return error;
}

static int add_place(struct dump_random *random, const struct seek_frame *frame)
{
	uint32_t most = random->count == 0 ? FRAME_HEADER_MAX : FRAME_MEMORY_MAX;

	if (frame->size > most || random->count == FRAMES_MAX ||
	    frame->compressed > ZSTD_compressBound(frame->size))
		return -EBADMSG;
	if (random->count == random->capacity) {
		size_t capacity = random->capacity ? random->capacity * 2 : 64;
		struct place *bigger =
			reallocarray(random->places, capacity, sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		random->places = bigger;
		random->capacity = capacity;
	}
	random->places[random->count++] = (struct place){ random->size, frame->offset,
							  frame->compressed,
							  frame->size };
	random->size += frame->size;
	return 0;
}

static int read_index(struct dump_random *random, const struct dump *dump,
		      const char **ret_reason)
{
	struct seek_table table;
	struct seek_cursor cursor;
	struct seek_frame frame;
	int r = dump_check(dump, ret_reason);

	if (r == 0)
		r = seek_table_open(random->fd, dump_file_size(dump), &table, ret_reason);
	if (r < 0)
		return r;
	seek_start(&cursor, &table);
	while ((r = seek_next(&cursor, &frame)) > 0) {
		if (frame.size > 0)
			r = add_place(random, &frame);
		if (r < 0)
			return refuse(r, "its frames are not those of a dump",
				      ret_reason);
	}
	return r < 0 ? refuse(r, "its frames and its seek table do not agree", ret_reason)
		     : 0;
}

int dump_random_open(const struct dump *dump, struct dump_random **ret,
		     const char **ret_reason)
{
	_cleanup_dump_random_ struct dump_random *random = calloc(1, sizeof(*random));
	int r;

	if (!random)
		return refuse(-ENOMEM, "there is no memory to read it", ret_reason);
	random->fd = dump_fd(dump);
	random->header.frame = NOTHING;
	for (size_t i = 0; i < SLOTS; i++)
		random->slots[i].frame = NOTHING;
	random->context = ZSTD_createDCtx();
	if (!random->context)
		return refuse(-ENOMEM, "there is no memory to read it", ret_reason);
	r = dump_result(random->fd, read_index(random, dump, ret_reason), ret_reason);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(random);
	return 0;
}

void dump_random_close(struct dump_random *random)
{
	if (!random)
		return;
	for (size_t i = 0; i < SLOTS; i++)
		free(random->slots[i].bytes);
	free(random->header.bytes);
	free(random->input);
	free(random->places);
	ZSTD_freeDCtx(random->context);
	free(random);
}

/* The frame that holds an offset below the core's size. */
static size_t frame_at(const struct dump_random *random, uint64_t offset)
{
	size_t low = 0, high = random->count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (random->places[middle].start <= offset)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* Where a frame is, or where it is to be: in place of the one that nobody used longest. */
static struct slot *slot_for(struct dump_random *random, size_t frame)
{
	struct slot *oldest = &random->slots[0];

	if (frame == 0)
		return &random->header;
	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *slot = &random->slots[i];

		if (slot->frame == frame)
			return slot;
		if (slot->used < oldest->used)
			oldest = slot;
	}
	return oldest;
}

static int read_input(struct dump_random *random, const struct place *place)
{
	ssize_t n;

	if (place->compressed > random->input_size) {
		uint8_t *bigger = realloc(random->input, place->compressed);

		if (!bigger)
			return -ENOMEM;
		random->input = bigger;
		random->input_size = place->compressed;
	}
	n = io_pread_full(random->fd, random->input, place->compressed, place->offset);
	if (n < 0)
		return (int)n;
	return (size_t)n == place->compressed ? 0 : -ENODATA;
}

static int load(struct dump_random *random, size_t frame, struct slot *slot)
{
	const struct place *place = &random->places[frame];
	const char *reason;
	int r;

	slot->frame = NOTHING;
	if (!slot->bytes)
		slot->bytes = malloc(frame == 0 ? place->size : FRAME_MEMORY_MAX);
	if (!slot->bytes)
		return -ENOMEM;
	r = read_input(random, place);
	if (r == 0)
		r = dump_frame_decompress(random->context, random->input,
					  place->compressed, slot->bytes, place->size,
					  &reason);
	if (r == 0)
		slot->frame = frame;
	return r;
}

ssize_t dump_random_pread(void *context, void *to, size_t n, uint64_t offset)
{
	struct dump_random *random = context;
	size_t done = 0;

	if (offset >= random->size)
		return 0;
	if (n > random->size - offset)
		n = (size_t)(random->size - offset);
	while (done < n) {
		size_t frame = frame_at(random, offset + done);
		const struct place *place = &random->places[frame];
		struct slot *slot = slot_for(random, frame);
		size_t at = (size_t)(offset + done - place->start), part;
		int r = slot->frame == frame ? 0 : load(random, frame, slot);

		if (r < 0)
			return dump_result(random->fd, r, NULL);
		slot->used = ++random->clock;
		part = place->size - at < n - done ? place->size - at : n - done;
		memcpy((uint8_t *)to + done, slot->bytes + at, part);
		done += part;
	}
	return (ssize_t)done;
}
