/* SPDX-License-Identifier: MIT */
/*
 * Stored dumps made by hand (store/frame.h), right ones and wrong ones.
 */
#pragma once

#include <stdio.h>
#include <string.h>

#include <zstd.h>

#include "tests/unit/table.h"

#include "store/frame.h"

#define DUMPS_FRAMES_MAX 32

struct made {
	uint8_t *bytes;
	size_t n;
	struct {
		uint32_t compressed, size;
	} frames[DUMPS_FRAMES_MAX];
	uint32_t count;
};

static inline void made_done(struct made *made)
{
	free(made->bytes);
}
#define _cleanup_made_ _cleanup_(made_done)

static inline uint8_t *made_room(struct made *made, size_t n)
{
	uint8_t *bytes = realloc(made->bytes, made->n + n + 1);

	assert_non_null(bytes);
	made->bytes = bytes;
	made->n += n;
	memset(bytes + made->n - n, 0, n);
	return bytes + made->n - n;
}

static inline void made_note(struct made *made, size_t compressed, size_t size)
{
	assert_true(made->count < DUMPS_FRAMES_MAX);
	made->frames[made->count].compressed = (uint32_t)compressed;
	made->frames[made->count++].size = (uint32_t)size;
}

/* n bytes of any kind, FRAME_RECORD_SIZE in all. */
static inline void made_record(struct made *made, const void *json, size_t n)
{
	uint8_t *p = made_room(made, FRAME_RECORD_SIZE);

	assert_true(n <= FRAME_RECORD_SIZE - FRAME_SKIPPABLE_HEADER);
	frame_put_skippable(p, FRAME_RECORD_MAGIC,
			    FRAME_RECORD_SIZE - FRAME_SKIPPABLE_HEADER);
	memcpy(p + FRAME_SKIPPABLE_HEADER, json, n);
	made_note(made, FRAME_RECORD_SIZE, 0);
}

static inline void made_text_record(struct made *made, const char *json)
{
	made_record(made, json, strlen(json));
}

/* A skippable frame that says `claim` and has n bytes. */
static inline void made_skippable(struct made *made, uint32_t claim, size_t n)
{
	uint8_t *p = made_room(made, FRAME_SKIPPABLE_HEADER + n);

	frame_put_skippable(p, FRAME_SLACK_MAGIC, claim);
	made_note(made, FRAME_SKIPPABLE_HEADER + n, 0);
}

static inline void made_memory(struct made *made, const void *memory, size_t n)
{
	size_t bound = ZSTD_compressBound(n), size;
	_cleanup_free_ void *room = malloc(bound);
	ZSTD_CCtx *zstd = ZSTD_createCCtx();

	assert_true(room && zstd);
	(void)ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
	size = ZSTD_compress2(zstd, room, bound, memory, n);
	assert_false(ZSTD_isError(size));
	memcpy(made_room(made, size), room, size);
	made_note(made, size, n);
	ZSTD_freeCCtx(zstd);
}

/* A skippable frame of a magic with n bytes. */
static inline void made_payload(struct made *made, uint32_t magic, const void *bytes,
				size_t n)
{
	uint8_t *p = made_room(made, FRAME_SKIPPABLE_HEADER + n);

	frame_put_skippable(p, magic, (uint32_t)n);
	memcpy(p + FRAME_SKIPPABLE_HEADER, bytes, n);
	made_note(made, FRAME_SKIPPABLE_HEADER + n, 0);
}

static inline void made_raw(struct made *made, const void *bytes, size_t n, uint32_t size)
{
	memcpy(made_room(made, n), bytes, n);
	made_note(made, n, size);
}

static inline void made_table(struct made *made)
{
	uint32_t payload = made->count * FRAME_SEEK_ENTRY + FRAME_SEEK_FOOTER;
	uint8_t *p = made_room(made, FRAME_SKIPPABLE_HEADER + payload);

	frame_put_skippable(p, FRAME_SEEK_MAGIC, payload);
	p += FRAME_SKIPPABLE_HEADER;
	for (uint32_t i = 0; i < made->count; i++, p += FRAME_SEEK_ENTRY) {
		frame_put_le32(p, made->frames[i].compressed);
		frame_put_le32(p + 4, made->frames[i].size);
	}
	frame_put_le32(p, made->count);
	frame_put_le32(p + 5, FRAME_SEEK_TAIL);
}

/* The memory of a small core: a header, text, three pages of zeros, text, an odd end. */
#define SMALL_HEADER 1000
#define SMALL_MEMORY (6 * 4096 + 100)
#define SMALL_SIZE   (SMALL_HEADER + SMALL_MEMORY)

static inline void small_core(uint8_t core[SMALL_SIZE])
{
	memset(core, 0, SMALL_SIZE);
	for (size_t i = 0; i < SMALL_SIZE; i++) {
		if (i < 8192 || i > 5 * 4096)
			core[i] = (uint8_t)(i * 7 + i / 256);
	}
}

/* What a record says, in front of size_dump and }. */
#define SMALL_RECORD                                                                   \
	"{\"id\":\"a1b2c3d4e5f6\",\"timestamp\":1700000000000000,\"pid\":42,\"uid\":"  \
	"1000,"                                                                        \
	"\"signal\":11,\"signal_name\":\"SIGSEGV\",\"comm\":\"small\",\"exe\":\"/bin/" \
	"small\","                                                                     \
	"\"outcome\":\"complete\","

/* All of it but the seek table. */
static inline void small_frames(struct made *made, const char *record, uint64_t size_dump)
{
	static uint8_t core[SMALL_SIZE];
	_cleanup_free_ char *json = NULL;

	small_core(core);
	assert_true(asprintf(&json, "%s\"size_dump\":%llu}", record,
			     (unsigned long long)size_dump) > 0);
	memset(made, 0, sizeof(*made));
	made_text_record(made, json);
	made_memory(made, core, SMALL_HEADER);
	made_skippable(made, 56, 56);
	made_memory(made, core + SMALL_HEADER, 10000);
	made_memory(made, core + SMALL_HEADER + 10000, SMALL_MEMORY - 10000);
}

static inline void small_dump(struct made *made, const char *record, uint64_t size_dump)
{
	small_frames(made, record, size_dump);
	made_table(made);
}
