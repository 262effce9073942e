/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "dumpctl/memory_headers.h"
#include "filter/core_scan.h"
#include "filter/fate.h"
#include "filter/space.h"

/*
 * Of the notes: NT_AUXV and NT_FILE are among those of the first thread, and NT_FILE has 16 MiB at most
 * (kernel.core_file_note_size_limit, fs/coredump.c).
 */
#define NOTES_MAX (17u << 20)

/* The kernel may write them by size (kernel.core_sort_vma): so many can be sorted, in 32 MiB. */
#define SEGMENTS_MAX (1u << 20)

/* The sink has what it wants. No error that extracting has. */
#define ENOUGH (-ECANCELED)

struct headers {
	struct core_scan scan;
	uint64_t at; /* in the core */
	struct notes notes;
	uint8_t *bytes; /* of the notes */
	size_t size, got;

	struct memory_map map;
	int error; /* of making it */
	/* Where they are not by address; only what an area is made of. */
	struct segment *segments;
	size_t count, capacity;
};

static int add(struct memory_map *map, const struct notes *notes, const struct area *area,
	       const struct piece *piece, uint8_t flags)
{
	const struct file_mapping *file = notes_file_at(notes, piece->start);
	struct memory_map_range range = {
		.start = piece->start,
		.end = piece->end,
		.fate = fate_name(piece->fate),
		.rank = rank_name(piece->rank),
		.flags = flags,
	};

	range.flags |= (uint8_t)(area->segment->flags & (PF_R | PF_W | PF_X));
	if (file) {
		range.name = file->path.p;
		range.name_size =
			strnlen((const char *)file->path.p,
				file->path.n < PATH_MAX ? file->path.n : PATH_MAX);
	}
	return memory_map_add(map, &range);
}

/* Two pieces at most: what it has, and what a file or nobody has. */
static int add_segment(struct headers *headers, const struct segment *segment)
{
	uint8_t first = MEMORY_MAP_FIRST;
	struct area area;
	int r = 0;

	space_area(&headers->notes, segment, &area);
	if (area.content_end > area.start) {
		r = add(&headers->map, &headers->notes, &area,
			&(struct piece){ area.start, area.content_end, FATE_KEPT,
					 RANK_MUST },
			first);
		first = 0;
	}
	if (r == 0 && area.end > area.content_end)
		r = add(&headers->map, &headers->notes, &area,
			&(struct piece){ area.content_end, area.end,
					 area.has_file ? FATE_FILE : FATE_NOT_OFFERED,
					 RANK_MUST },
			first);
	return r;
}

static int keep_segment(struct headers *headers, const struct segment *segment)
{
	if (headers->count == SEGMENTS_MAX)
		return -E2BIG;
	if (headers->count == headers->capacity) {
		size_t capacity = headers->capacity ? headers->capacity * 2 : 64;
		struct segment *bigger =
			reallocarray(headers->segments, capacity, sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		headers->segments = bigger;
		headers->capacity = capacity;
	}
	headers->segments[headers->count++] = *segment;
	return 0;
}

static bool is_memory(const struct segment *segment)
{
	return segment->type == PT_LOAD && segment->memsz > 0;
}

static int take_ordered(void *context, const struct segment *segment)
{
	struct headers *headers = context;

	if (is_memory(segment))
		headers->error = add_segment(headers, segment);
	return headers->error;
}

static int take_any(void *context, const struct segment *segment)
{
	struct headers *headers = context;

	if (is_memory(segment))
		headers->error = keep_segment(headers, segment);
	return headers->error;
}

static int scan(struct headers *headers, const uint8_t *p, size_t n)
{
	int r = core_scan_feed(&headers->scan, p, n);

	return r > 0 ? ENOUGH : r;
}

/* What of [at, at + n) are notes. */
static int take_notes(struct headers *headers, const uint8_t *p, size_t n)
{
	uint64_t from = headers->scan.note.offset + headers->got, skip;
	size_t left = headers->size - headers->got;

	if (from >= headers->at + n)
		return 0;
	skip = from - headers->at;
	n -= (size_t)skip;
	if (n > left)
		n = left;
	if (p)
		memcpy(headers->bytes + headers->got, p + skip, n);
	else
		memset(headers->bytes + headers->got, 0, n);
	headers->got += n;
	return n == left ? ENOUGH : 0;
}

static int want_notes(struct headers *headers)
{
	uint64_t size = headers->scan.note.filesz;

	headers->size = size < NOTES_MAX ? (size_t)size : NOTES_MAX;
	if (headers->size == 0)
		return ENOUGH;
	headers->bytes = malloc(headers->size);
	return headers->bytes ? 0 : -ENOMEM;
}

/* The first time: notes, which come behind the program headers. */
static int take_first(void *context, const uint8_t *p, size_t n)
{
	struct headers *headers = context;
	int r = 0;

	if (!headers->bytes) {
		r = scan(headers, p, n);
		if (r == ENOUGH)
			r = want_notes(headers);
	}
	if (r == 0 && headers->bytes)
		r = take_notes(headers, p, n);
	headers->at += n;
	return r;
}

static int take_second(void *context, const uint8_t *p, size_t n)
{
	return scan(context, p, n);
}

static int by_address(const void *a, const void *b)
{
	const struct segment *x = a, *y = b;

	return x->vaddr < y->vaddr ? -1 : x->vaddr > y->vaddr;
}

static int add_sorted(struct headers *headers)
{
	int r = 0;

	if (headers->count > 0)
		qsort(headers->segments, headers->count, sizeof(*headers->segments),
		      by_address);
	for (size_t i = 0; i < headers->count && r == 0; i++)
		r = add_segment(headers, &headers->segments[i]);
	return r;
}

static int read_second(struct dump *dump, struct headers *headers)
{
	bool disordered = headers->scan.in_memory.disordered;
	int r;

	core_scan_done(&headers->scan);
	core_scan_init(&headers->scan, disordered ? take_any : take_ordered, headers);
	r = dump_extract(dump, take_second, headers, NULL);
	if (headers->error < 0)
		return headers->error;
	if (r != ENOUGH)
		return r < 0 ? r : -EBADMSG;
	return add_sorted(headers);
}

static int read_headers(struct dump *dump, struct headers *headers)
{
	int r;

	core_scan_init(&headers->scan, NULL, NULL);
	r = dump_extract(dump, take_first, headers, NULL);
	if (r != ENOUGH)
		return r < 0 ? r : -EBADMSG;
	notes_read(&headers->scan.header, (struct bytes){ headers->bytes, headers->size },
		   &headers->notes);
	return read_second(dump, headers);
}

int memory_headers(struct dump *dump, struct memory_map *ret, const char **ret_reason)
{
	_cleanup_free_ struct headers *headers = calloc(1, sizeof(*headers));
	int r = headers ? read_headers(dump, headers) : -ENOMEM;

	if (r == 0)
		*ret = headers->map;
	else
		*ret_reason = r == -ESTALE ? "it was removed while it was read"
					   : "its program headers cannot be read";
	if (!headers)
		return r;
	if (r < 0)
		memory_map_done(&headers->map);
	core_scan_done(&headers->scan);
	notes_done(&headers->notes);
	free(headers->bytes);
	free(headers->segments);
	return r;
}
