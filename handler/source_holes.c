/* SPDX-License-Identifier: MIT */
#include "handler/source_memory.h"
#include "handler/source_pages.h"

/* Holes in memory that is read at once, each a question of 1 us where nothing was learnt. */
#define LOOKS_MAX 16

uint64_t source_memory_hole(const struct source_memory *memory, uint64_t offset,
			    uint64_t max)
{
	const struct part *part = source_part_at(memory, offset);
	uint64_t at, start, end, address;

	if (!part || part->content != CONTENT_ANONYMOUS)
		return 0;
	at = offset - part->offset;
	if (max > part->size - at)
		max = part->size - at;
	address = part->address + at;
	if (!source_next_existing(memory, address, address + max, 1, &start, &end))
		start = address + max;
	if (start > address &&
	    (source_is_gone(memory) ||
	     source_witness_check(memory->pagemap_fd, &memory->witness) < 0))
		return 0;
	return start - address;
}

/* As source_memory_data(), of n bytes of a part, from `at` on. Beyond LOOKS_MAX holes nobody looks. */
static uint64_t data_of_part(const struct source_memory *memory, const struct part *part,
			     uint64_t at, uint64_t n, uint64_t hole)
{
	uint64_t start = part->address + at, end = start + n, done = start, from, to;

	if (part->content != CONTENT_ANONYMOUS)
		return n;
	for (int i = 0; i < LOOKS_MAX && done < end; i++) {
		if (!source_next_existing(memory, done, end, 0, &from, &to))
			from = to = end;
		if (from - done >= hole)
			return done - start;
		done = to;
	}
	return n;
}

uint64_t source_memory_data(const struct source_memory *memory, uint64_t offset,
			    uint64_t n, uint64_t hole)
{
	uint64_t done = 0;

	while (done < n) {
		const struct part *part = source_part_at(memory, offset + done);
		uint64_t at, size, data;

		if (!part)
			break;
		at = offset + done - part->offset;
		size = part->size - at < n - done ? part->size - at : n - done;
		data = data_of_part(memory, part, at, size, hole);
		done += data;
		if (data < size)
			return done;
	}
	return n;
}
