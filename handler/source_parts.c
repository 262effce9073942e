/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "filter/names.h"
#include "filter/space.h"
#include "handler/source_parts.h"

/*
 * [vsyscall], the one mapping above user space, is not in /proc/PID/mem. What nobody can read the
 * kernel writes as zeros (vsyscall=xonly, its default); else the bytes are its own.
 */
static enum content content_of_vsyscall(const struct segment *segment)
{
	return (segment->flags & PF_R) ? CONTENT_UNKNOWN : CONTENT_ZEROS;
}

/* Shared memory with a name of prctl(PR_SET_VMA) is as a file; [heap] and [anon:...] are not. */
static bool is_of_file(struct bytes name)
{
	static const char shared[] = "[anon_shmem:";

	return name.n &&
	       (name.p[0] != '[' || (name.n >= sizeof(shared) - 1 &&
				     memcmp(name.p, shared, sizeof(shared) - 1) == 0));
}

static enum content content_of(const struct area *area, const struct notes *notes,
			       const struct names *names)
{
	struct bytes name;

	if (area->start > INT64_MAX)
		return content_of_vsyscall(area->segment);
	if (area->is_vdso)
		return CONTENT_VDSO;
	if (notes->has_files)
		return area->backing == BACKING_ANONYMOUS ? CONTENT_ANONYMOUS
							  : CONTENT_FILE;
	name = names_at(names, area->start);
	return is_of_file(name) ? CONTENT_FILE : CONTENT_ANONYMOUS;
}

static int by_offset(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static void add_part(struct source_memory *memory, uint64_t offset, uint64_t size,
		     uint64_t address, enum content content)
{
	if (size > 0)
		memory->parts[memory->count++] =
			(struct part){ offset, size, address, content };
}

/* The kernel leaves no gap between what it writes. */
static bool is_gapless(const struct source_memory *memory)
{
	for (size_t i = 1; i < memory->count; i++) {
		const struct part *before = &memory->parts[i - 1];

		if (before->offset + before->size != memory->parts[i].offset)
			return false;
	}
	return memory->count > 0;
}

/* Behind memory there is nothing, or the one section header of PN_XNUM. */
static int add_trailer(const struct core *core, struct source_memory *memory)
{
	const struct part *last = &memory->parts[memory->count - 1];
	uint64_t end = last->offset + last->size;

	if (core->size == end)
		return 0;
	if (core->count < PN_XNUM || core->count > UINT32_MAX ||
	    core->size - end != elf_section_size(core->header.word))
		return -ENOTSUP;
	elf_xnum_write(core->header.word, (uint32_t)core->count, memory->trailer);
	add_part(memory, end, core->size - end, 0, CONTENT_TRAILER);
	return 0;
}

int source_parts_add(const struct core *core, const struct notes *notes,
		     const struct names *names, struct source_memory *memory)
{
	struct space space;
	int r = space_build(core, notes, &space);

	if (r < 0)
		return r;
	memory->parts = calloc(space.count + 2, sizeof(*memory->parts));
	if (memory->parts && core->data_start > core->header_bytes.n)
		add_part(memory, core->header_bytes.n,
			 core->data_start - core->header_bytes.n, 0, CONTENT_ZEROS);
	for (size_t i = 0; memory->parts && i < space.count; i++) {
		const struct area *area = &space.areas[i];

		add_part(memory, area->segment->offset, area->segment->filesz,
			 area->start, content_of(area, notes, names));
	}
	space_done(&space);
	if (!memory->parts)
		return -ENOMEM;
	if (memory->count)
		qsort(memory->parts, memory->count, sizeof(*memory->parts), by_offset);
	return is_gapless(memory) ? add_trailer(core, memory) : -ENOTSUP;
}

/* The part that an offset is in, or NULL. */
const struct part *source_part_at(const struct source_memory *memory, uint64_t offset)
{
	size_t low = 0, high = memory->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct part *part = &memory->parts[middle];

		if (offset < part->offset)
			high = middle;
		else if (offset - part->offset >= part->size)
			low = middle + 1;
		else
			return part;
	}
	return NULL;
}
