/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/stored_change.h"
#include "tests/fuzz/stored_mutate.h"

static void change_any(struct mutation *m, size_t i)
{
	stored_change(m, &m->parts->list[i]);
}

/* The first is the record. */
static void change_first(struct mutation *m, size_t i)
{
	(void)i;
	stored_change(m, &m->parts->list[0]);
}

/* The second is the headers. */
static void change_headers(struct mutation *m, size_t i)
{
	i = m->parts->count > 1 ? 1 : i;
	stored_change(m, &m->parts->list[i]);
}

static void drop_frame(struct mutation *m, size_t i)
{
	parts_remove(m->parts, i);
}

static void repeat_frame(struct mutation *m, size_t i)
{
	struct part copy = part_copy(&m->parts->list[i]);

	if (!parts_insert(m->parts, stored_below(m, m->parts->count + 1), &copy))
		free(copy.bytes);
}

static void swap_frames(struct mutation *m, size_t i)
{
	size_t other = stored_below(m, m->parts->count);
	struct part part = m->parts->list[i];

	m->parts->list[i] = m->parts->list[other];
	m->parts->list[other] = part;
}

/* Two frames with what one had. */
static void split_frame(struct mutation *m, size_t i)
{
	struct part *part = &m->parts->list[i];
	struct part rest = part_copy(part);
	size_t at = stored_below(m, part->n + 1);

	memmove(rest.bytes, rest.bytes + at, part->n - at);
	rest.n = part->n - at;
	if (part->kind == PART_CONTENT && parts_insert(m->parts, i + 1, &rest))
		m->parts->list[i].n = at;
	else
		free(rest.bytes);
}

/* One frame with what it and the next had; of a drop map, more behind its end. */
static void join_frames(struct mutation *m, size_t i)
{
	struct part *part = &m->parts->list[i], *next = part + 1;
	uint8_t *bytes;

	if (i + 1 == m->parts->count || part->n + next->n > PART_SIZE_MAX)
		return;
	bytes = realloc(part->bytes, part->n + next->n + 1);
	assert_non_null(bytes);
	memcpy(bytes + part->n, next->bytes, next->n);
	part->bytes = bytes;
	part->n += next->n;
	parts_remove(m->parts, i + 1);
}

/* Zeros up to about what a frame of memory may have. */
static void fill_frame(struct mutation *m, size_t i)
{
	struct part *part = &m->parts->list[i];
	size_t n = FRAME_MEMORY_MAX - 1 + stored_below(m, 4);
	uint8_t *bytes;

	if (part->kind != PART_CONTENT || part->n > n)
		return;
	bytes = calloc(1, n + 1);
	assert_non_null(bytes);
	memcpy(bytes, part->bytes, part->n);
	part_set(part, bytes, n);
}

/* Another kind of frame around the same. */
static void change_kind(struct mutation *m, size_t i)
{
	static const uint32_t magics[] = { FRAME_RECORD_MAGIC, FRAME_SLACK_MAGIC,
					   FRAME_MAP_MAGIC, 0x184D2A53u,
					   FRAME_SEEK_MAGIC };
	struct part *part = &m->parts->list[i];

	part->kind = stored_below(m, 2)	  ? PART_SKIPPABLE
		     : stored_below(m, 2) ? PART_PACKED
					  : PART_CONTENT;
	part->magic = part->kind == PART_CONTENT
			      ? 0
			      : magics[stored_below(m, ARRAY_SIZE(magics))];
}

/* The compressed bytes, or those of a frame's head. */
static void change_packed(struct mutation *m, size_t i)
{
	struct part *part = &m->parts->list[i];
	uint32_t claim = part->kind == PART_CONTENT ? (uint32_t)part->n : part->claim;
	size_t n;
	uint8_t *bytes = part_pack(part, &n);

	part_set(part, bytes, n);
	part->kind = PART_RAW;
	part->claim = claim;
	if (stored_below(m, 2) && n > 0)
		bytes[stored_below(m, n)] ^= (uint8_t)(1 << stored_below(m, 8));
	else
		stored_change_bytes(m, part);
}

static void lie(struct mutation *m, size_t i)
{
	struct part *part = &m->parts->list[i];

	if (stored_below(m, 3) == 0)
		part->lie_size = part->lie_compressed = 0;
	else if (stored_below(m, 2))
		part->lie_size = (uint32_t)stored_number(m, part->lie_size);
	else
		part->lie_compressed = (uint32_t)stored_number(m, part->lie_compressed);
}

/* Two lies that cancel each other: a frame's end, or its content, is said to be elsewhere. */
static void lie_twice(struct mutation *m, size_t i)
{
	struct part *part = &m->parts->list[i], *next = part + 1;
	uint32_t by = stored_below(m, 64) - 32;

	if (i + 1 == m->parts->count)
		return;
	if (stored_below(m, 2)) {
		part->lie_compressed += by;
		next->lie_compressed -= by;
	} else {
		part->lie_size += by;
		next->lie_size -= by;
	}
}

static void lose_table(struct mutation *m, size_t i)
{
	(void)i;
	m->parts->without_table = true;
}

/* How often in a hundred. */
static const struct {
	void (*change)(struct mutation *m, size_t i);
	uint32_t often;
} changes[] = {
	{ change_any, 24 },   { change_first, 20 }, { change_headers, 20 },
	{ drop_frame, 4 },    { repeat_frame, 4 },  { swap_frames, 4 },
	{ split_frame, 4 },   { join_frames, 3 },   { change_kind, 3 },
	{ change_packed, 4 }, { lie, 3 },	    { lie_twice, 3 },
	{ lose_table, 2 },    { fill_frame, 2 },
};

static void change_one(struct mutation *m)
{
	uint32_t i = 0, left = stored_below(m, 100);

	while (left >= changes[i].often)
		left -= changes[i++].often;
	changes[i].change(m, stored_below(m, m->parts->count));
}

void stored_mutate(struct parts *parts, uint32_t random)
{
	struct mutation m = { parts, random | 1 };
	uint32_t times = 1 + stored_below(&m, 8) % 3;

	while (times-- > 0 && parts->count > 0)
		change_one(&m);
}

void stored_cross(struct parts *parts, const struct parts *from, uint32_t random)
{
	struct mutation m = { parts, random | 1 };
	struct part copy;

	if (from->count == 0)
		return;
	copy = part_copy(&from->list[stored_below(&m, from->count)]);
	for (size_t i = 0; i < parts->count && stored_below(&m, 4); i++) {
		if (parts->list[i].kind != copy.kind ||
		    parts->list[i].magic != copy.magic)
			continue;
		part_set(&parts->list[i], copy.bytes, copy.n);
		return;
	}
	if (!parts_insert(parts, stored_below(&m, parts->count + 1), &copy))
		free(copy.bytes);
}
