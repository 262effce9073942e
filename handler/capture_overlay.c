/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "handler/capture_overlay.h"

void overlay_init(struct overlay *overlay)
{
	memset(overlay, 0, sizeof(*overlay));
	atomic_init(&overlay->ready, false);
}

void overlay_done(struct overlay *overlay)
{
	free(overlay->pieces);
	if (!overlay->lent)
		free(overlay->bytes);
	overlay_init(overlay);
}

void overlay_lend(struct overlay *overlay, uint8_t *bytes, size_t n)
{
	if (!bytes || overlay->bytes)
		return;
	overlay->bytes = bytes;
	overlay->bytes_capacity = n;
	overlay->lent = true;
}

static bool make_room(struct overlay *overlay)
{
	size_t capacity = overlay->capacity ? overlay->capacity * 2 : 256;
	struct overlay_piece *bigger;

	if (overlay->failed)
		return false;
	if (overlay->count < overlay->capacity)
		return true;
	bigger = reallocarray(overlay->pieces, capacity, sizeof(*bigger));
	if (!bigger) {
		overlay->failed = true;
		return false;
	}
	overlay->pieces = bigger;
	overlay->capacity = capacity;
	return true;
}

/* Return: of so many bytes, with what there is in them; NULL: there is no memory, and all is as it was. */
static uint8_t *larger(struct overlay *overlay, size_t capacity)
{
	uint8_t *bytes;

	if (!overlay->lent)
		return realloc(overlay->bytes, capacity);
	bytes = malloc(capacity);
	if (!bytes)
		return NULL;
	memcpy(bytes, overlay->bytes, overlay->n);
	overlay->lent = false;
	return bytes;
}

/* Room for n more bytes. The first ones are as many as 100 threads need. */
static bool make_bytes(struct overlay *overlay, size_t n)
{
	size_t needed, capacity = overlay->bytes_capacity ? overlay->bytes_capacity
							  : 256ul << 10;
	uint8_t *bigger;

	if (__builtin_add_overflow(overlay->n, n, &needed)) {
		overlay->failed = true;
		return false;
	}
	while (capacity < needed && !__builtin_mul_overflow(capacity, 2, &capacity))
		;
	if (capacity == overlay->bytes_capacity)
		return true;
	bigger = larger(overlay, capacity);
	if (!bigger) {
		overlay->failed = true;
		return false;
	}
	overlay->bytes = bigger;
	overlay->bytes_capacity = capacity;
	return true;
}

void overlay_add_bytes(struct overlay *overlay, uint64_t offset, const uint8_t *p,
		       size_t n)
{
	if (n == 0 || !make_room(overlay) || !make_bytes(overlay, n))
		return;
	memcpy(overlay->bytes + overlay->n, p, n);
	overlay->pieces[overlay->count++] =
		(struct overlay_piece){ offset, n, overlay->n, true };
	overlay->n += n;
}

static void add_span(struct overlay *overlay, uint64_t start, uint64_t end)
{
	if (start < end && make_room(overlay))
		overlay->pieces[overlay->count++] =
			(struct overlay_piece){ start, end - start, 0, false };
}

static void add_extent(struct overlay *overlay, const struct spans *spans,
		       const struct extent *extent)
{
	uint64_t start = extent->offset, end = extent->offset + extent->size;

	for (size_t i = spans_above(spans, start);
	     i < spans->count && spans->spans[i].start < end; i++) {
		const struct span *span = &spans->spans[i];

		add_span(overlay, span->start > start ? span->start : start,
			 span->end < end ? span->end : end);
	}
}

void overlay_add_spans(struct overlay *overlay, const struct spans *spans)
{
	overlay->failed |= spans->failed;
	for (size_t i = 0; i < spans->count; i++)
		add_span(overlay, spans->spans[i].start, spans->spans[i].end);
}

void overlay_add_kept(struct overlay *overlay, const struct plan *plan,
		      const struct spans *spans)
{
	if (plan->verbatim) {
		overlay_add_spans(overlay, spans);
		return;
	}
	overlay->failed |= spans->failed;
	for (size_t i = 0; i < plan->extent_count; i++)
		add_extent(overlay, spans, &plan->extents[i]);
}

static int by_offset(const void *a, const void *b)
{
	const struct overlay_piece *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* Of pieces that overlap the first has what both have: it was as true. */
static void trim(struct overlay *overlay)
{
	uint64_t end = 0;
	size_t left = 0;

	for (size_t i = 0; i < overlay->count; i++) {
		struct overlay_piece piece = overlay->pieces[i];
		uint64_t before = end > piece.offset ? end - piece.offset : 0;

		if (before >= piece.size)
			continue;
		piece.offset += before;
		piece.size -= before;
		piece.at += (size_t)before;
		end = piece.offset + piece.size;
		overlay->pieces[left++] = piece;
	}
	overlay->count = left;
}

uint64_t overlay_seal(struct overlay *overlay)
{
	uint64_t total = 0;

	if (overlay->count)
		qsort(overlay->pieces, overlay->count, sizeof(*overlay->pieces),
		      by_offset);
	trim(overlay);
	for (size_t i = 0; i < overlay->count; i++)
		total += overlay->pieces[i].size;
	return overlay->failed ? UINT64_MAX : total;
}

static int copy_piece(struct overlay *overlay, const struct source_memory *memory,
		      struct overlay_piece *piece)
{
	ssize_t got;

	if (!make_bytes(overlay, (size_t)piece->size))
		return -ENOMEM;
	piece->at = overlay->n;
	got = source_memory_read(memory, overlay->bytes + piece->at, (size_t)piece->size,
				 piece->offset);
	if (got != (ssize_t)piece->size)
		return got < 0 ? (int)got : -EIO;
	overlay->n += (size_t)piece->size;
	piece->copied = true;
	return 0;
}

int overlay_copy(struct overlay *overlay, const struct source_memory *memory)
{
	int r = overlay->failed ? -ENOMEM : 0;

	for (size_t i = 0; r == 0 && i < overlay->count; i++) {
		if (!overlay->pieces[i].copied)
			r = copy_piece(overlay, memory, &overlay->pieces[i]);
	}
	if (r == 0)
		atomic_store(&overlay->ready, true);
	return r;
}

bool overlay_is_ready(const struct overlay *overlay)
{
	return atomic_load(&overlay->ready);
}

/* The first piece that ends above an offset. */
static size_t piece_above(const struct overlay *overlay, uint64_t offset)
{
	size_t low = 0, high = overlay->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct overlay_piece *piece = &overlay->pieces[middle];

		if (piece->offset + piece->size <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void overlay_apply(const struct overlay *overlay, uint64_t offset, uint8_t *to, size_t n)
{
	if (!overlay || !overlay_is_ready(overlay))
		return;
	for (size_t i = piece_above(overlay, offset);
	     i < overlay->count && overlay->pieces[i].offset < offset + n; i++) {
		const struct overlay_piece *piece = &overlay->pieces[i];
		uint64_t start = piece->offset > offset ? piece->offset : offset;
		uint64_t end = piece->offset + piece->size;

		if (end > offset + n)
			end = offset + n;
		memcpy(to + (start - offset),
		       overlay->bytes + piece->at + (size_t)(start - piece->offset),
		       (size_t)(end - start));
	}
}
