/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "tests/fuzz/stored_parts.h"

#define RECORD_MAX (FRAME_RECORD_SIZE - FRAME_SKIPPABLE_HEADER)

static uint8_t *copy_bytes(const void *p, size_t n)
{
	uint8_t *bytes = malloc(n + 1);

	assert_non_null(bytes);
	if (n)
		memcpy(bytes, p, n);
	return bytes;
}

struct part part_copy(const struct part *part)
{
	struct part copy = *part;

	copy.bytes = copy_bytes(part->bytes, part->n);
	return copy;
}

void part_set(struct part *part, uint8_t *bytes, size_t n)
{
	free(part->bytes);
	part->bytes = bytes;
	part->n = n;
}

void parts_done(struct parts *parts)
{
	for (size_t i = 0; i < parts->count; i++)
		free(parts->list[i].bytes);
	parts->count = 0;
}

bool parts_insert(struct parts *parts, size_t i, const struct part *part)
{
	if (parts->count == PARTS_MAX)
		return false;
	memmove(&parts->list[i + 1], &parts->list[i], (parts->count - i) * sizeof(*part));
	parts->list[i] = *part;
	parts->count++;
	return true;
}

void parts_remove(struct parts *parts, size_t i)
{
	free(parts->list[i].bytes);
	parts->count--;
	memmove(&parts->list[i], &parts->list[i + 1],
		(parts->count - i) * sizeof(parts->list[0]));
}

/* Exactly one frame of a known and bearable size; NULL: it is not. */
static uint8_t *unpack(const uint8_t *p, size_t n, size_t *ret_n)
{
	unsigned long long size = ZSTD_getFrameContentSize(p, n);
	uint8_t *bytes;
	size_t got;

	/* An unknown size and an error are the largest numbers. */
	if (n < 4 || frame_get_le32(p) != ZSTD_MAGICNUMBER || size > PART_SIZE_MAX)
		return NULL;
	bytes = malloc((size_t)size + 1);
	assert_non_null(bytes);
	got = ZSTD_decompress(bytes, (size_t)size, p, n);
	if (ZSTD_isError(got)) {
		free(bytes);
		return NULL;
	}
	*ret_n = got;
	return bytes;
}

static void read_skippable(const uint8_t *p, size_t n, struct part *part)
{
	const uint8_t *payload = p + FRAME_SKIPPABLE_HEADER;
	size_t size = n - FRAME_SKIPPABLE_HEADER;

	part->magic = frame_get_le32(p);
	if (part->magic == FRAME_RECORD_MAGIC && n == FRAME_RECORD_SIZE) {
		part->kind = PART_RECORD;
		part->n = strnlen((const char *)payload, size);
		part->bytes = copy_bytes(payload, part->n);
		return;
	}
	part->kind = PART_PACKED;
	part->bytes = unpack(payload, size, &part->n);
	if (part->bytes)
		return;
	part->kind = PART_SKIPPABLE;
	part->n = size;
	part->bytes = copy_bytes(payload, size);
}

static bool is_skippable(const uint8_t *p, size_t n)
{
	return n >= FRAME_SKIPPABLE_HEADER &&
	       (frame_get_le32(p) & ZSTD_MAGIC_SKIPPABLE_MASK) ==
		       ZSTD_MAGIC_SKIPPABLE_START &&
	       frame_get_le32(p + 4) == n - FRAME_SKIPPABLE_HEADER;
}

static struct part read_part(const uint8_t *p, size_t n)
{
	struct part part = { .kind = PART_CONTENT, .packed = (uint32_t)n };

	if (is_skippable(p, n)) {
		read_skippable(p, n, &part);
		return part;
	}
	part.bytes = unpack(p, n, &part.n);
	if (part.bytes)
		return part;
	part.kind = PART_RAW;
	part.n = n;
	part.bytes = copy_bytes(p, n);
	return part;
}

/* Where the seek table's frame begins; n if there is none. */
static size_t find_table(const uint8_t *p, size_t n, uint32_t *ret_count)
{
	uint64_t size;

	*ret_count = 0;
	if (n < FRAME_SEEK_FOOTER + FRAME_SKIPPABLE_HEADER ||
	    frame_get_le32(p + n - 4) != FRAME_SEEK_TAIL)
		return n;
	*ret_count = frame_get_le32(p + n - FRAME_SEEK_FOOTER);
	size = (uint64_t)*ret_count * FRAME_SEEK_ENTRY + FRAME_SEEK_FOOTER +
	       FRAME_SKIPPABLE_HEADER;
	if (size <= n && frame_get_le32(p + n - size) == FRAME_SEEK_MAGIC)
		return n - (size_t)size;
	*ret_count = 0;
	return n;
}

/* What there is of frames by zstd, whatever the table says. */
static void read_frames(const uint8_t *p, size_t end, struct parts *ret)
{
	size_t at = 0, n;

	while (at < end && ret->count < PARTS_MAX) {
		n = ZSTD_findFrameCompressedSize(p + at, end - at);
		/* Rubbish is one part up to the end, and so is what there is no room for. */
		if (ZSTD_isError(n) || n == 0 || n > end - at ||
		    ret->count == PARTS_MAX - 1)
			n = end - at;
		ret->list[ret->count++] = read_part(p + at, n);
		at += n;
	}
}

static uint32_t size_of(const struct part *part)
{
	uint32_t size = part->kind == PART_CONTENT ? (uint32_t)part->n
			: part->kind == PART_RAW   ? part->claim
						   : 0;

	return size + part->lie_size;
}

/* Differences between the table and what is there, so that they outlive the next change. */
static void read_lies(const uint8_t *entries, uint32_t count, struct parts *ret)
{
	for (size_t i = 0; i < count && i < ret->count; i++) {
		struct part *part = &ret->list[i];
		uint32_t compressed = frame_get_le32(entries + i * FRAME_SEEK_ENTRY);
		uint32_t size = frame_get_le32(entries + i * FRAME_SEEK_ENTRY + 4);

		if (part->kind == PART_RAW)
			part->claim = size;
		else
			part->lie_size = size - size_of(part);
		part->lie_compressed = compressed - part->packed;
	}
}

void parts_read(const uint8_t *p, size_t n, struct parts *ret)
{
	uint32_t count;
	size_t end = find_table(p, n, &count);

	memset(ret, 0, sizeof(*ret));
	read_frames(p, end, ret);
	if (end < n)
		read_lies(p + end + FRAME_SKIPPABLE_HEADER, count, ret);
}

static uint8_t *pack_record(const struct part *part, size_t *ret_n)
{
	uint8_t *bytes = calloc(1, FRAME_RECORD_SIZE);

	assert_non_null(bytes);
	frame_put_skippable(bytes, FRAME_RECORD_MAGIC, RECORD_MAX);
	memcpy(bytes + FRAME_SKIPPABLE_HEADER, part->bytes,
	       part->n < RECORD_MAX ? part->n : RECORD_MAX);
	*ret_n = FRAME_RECORD_SIZE;
	return bytes;
}

/* As a skippable frame if it has a magic. */
static uint8_t *pack_frame(const struct part *part, size_t *ret_n)
{
	size_t head = part->magic ? FRAME_SKIPPABLE_HEADER : 0;
	size_t bound = ZSTD_compressBound(part->n), n;
	uint8_t *bytes = malloc(head + bound);
	ZSTD_CCtx *zstd = ZSTD_createCCtx();

	assert_true(bytes && zstd);
	(void)ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
	(void)ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, 1);
	n = ZSTD_compress2(zstd, bytes + head, bound, part->bytes, part->n);
	ZSTD_freeCCtx(zstd);
	assert_false(ZSTD_isError(n));
	if (head)
		frame_put_skippable(bytes, part->magic, (uint32_t)n);
	*ret_n = head + n;
	return bytes;
}

uint8_t *part_pack(const struct part *part, size_t *ret_n)
{
	size_t head = part->kind == PART_SKIPPABLE ? FRAME_SKIPPABLE_HEADER : 0;
	uint8_t *bytes;

	if (part->kind == PART_RECORD)
		return pack_record(part, ret_n);
	if (part->kind == PART_CONTENT || part->kind == PART_PACKED)
		return pack_frame(part, ret_n);
	bytes = malloc(head + part->n + 1);
	assert_non_null(bytes);
	if (head)
		frame_put_skippable(bytes, part->magic, (uint32_t)part->n);
	memcpy(bytes + head, part->bytes, part->n);
	*ret_n = head + part->n;
	return bytes;
}

/* How long it is, and the headers in it, in a record that is JSON. */
static void tell_record(struct parts *parts)
{
	struct part *record = &parts->list[0];
	uint64_t sum = 0, header = 0;
	json_t *json;

	if (parts->count == 0 || record->kind != PART_RECORD)
		return;
	for (size_t i = 0; i < parts->count; i++) {
		sum += size_of(&parts->list[i]);
		header = header ? header : sum;
	}
	json = json_loadb((const char *)record->bytes, record->n, 0, NULL);
	if (json_is_object(json)) {
		char *text;

		(void)json_object_set_new(json, "size_dump",
					  json_integer((json_int_t)sum));
		(void)json_object_set_new(json, "size_header",
					  json_integer((json_int_t)header));
		text = json_dumps(json, JSON_COMPACT);
		assert_non_null(text);
		part_set(record, (uint8_t *)text, strlen(text));
	}
	json_decref(json);
}

void parts_write(struct parts *parts, struct made *ret)
{
	if (!parts->own_record)
		tell_record(parts);
	for (size_t i = 0; i < parts->count; i++) {
		const struct part *part = &parts->list[i];
		size_t n;
		uint8_t *bytes = part_pack(part, &n);

		memcpy(made_room(ret, n), bytes, n);
		made_note(ret, n + part->lie_compressed, size_of(part));
		free(bytes);
	}
	if (!parts->without_table)
		made_table(ret);
}
