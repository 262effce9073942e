/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "handler/process_memory.h"
#include "handler/source_memory.h"
#include "handler/source_pages.h"

/* The kernel says of each mapping whether a file has it, by the one or the other. */
static bool is_told(const struct notes *notes, const struct names *names)
{
	return notes->has_files || (names && names->count > 0);
}

int source_memory_open(int mem_fd, int pagemap_fd, const struct core *core,
		       const struct notes *notes, const struct names *names,
		       struct source_memory **ret)
{
	struct source_memory *memory;
	int r;

	if (core->notes_late || !is_told(notes, names))
		return -ENOTSUP;
	memory = calloc(1, sizeof(*memory));
	if (!memory)
		return -ENOMEM;
	memory->mem_fd = mem_fd;
	memory->pagemap_fd = pagemap_fd;
	memory->page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	r = source_parts_add(core, notes, names, memory);
	if (r < 0) {
		source_memory_close(memory);
		return r;
	}
	*ret = memory;
	return 0;
}

void source_memory_close(struct source_memory *memory)
{
	if (!memory)
		return;
	spans_done(&memory->pages);
	free(memory->parts);
	free(memory);
}

static void watch_part(struct source_memory *memory, const struct part *part,
		       bool from_end)
{
	uint64_t start, end;

	if (part->content == CONTENT_ANONYMOUS &&
	    source_next_existing(memory, part->address, part->address + part->size, 1,
				 &start, &end))
		source_witness_add(memory->pagemap_fd, start / memory->page_size,
				   from_end, &memory->witness);
}

/* Parts are in the order of addresses but for few. */
void source_memory_watch(struct source_memory *memory)
{
	struct source_witness *witness = &memory->witness;

	*witness = (struct source_witness){ .low_count = 0 };
	for (size_t i = 0; i < memory->count && !source_witness_is_full(witness, false);
	     i++)
		watch_part(memory, &memory->parts[i], false);
	for (size_t i = memory->count; i > 0 && !source_witness_is_full(witness, true);
	     i--)
		watch_part(memory, &memory->parts[i - 1], true);
}

int source_memory_whole(const struct source_memory *memory)
{
	if (process_memory_gone(memory->pagemap_fd))
		return -ESRCH;
	return source_witness_check(memory->pagemap_fd, &memory->witness);
}

/*
 * fs/proc/base.c, mem_rw(): fewer bytes before a page that cannot be read, EIO at it, 0 when the
 * address space is gone.
 */
static ssize_t read_some(int fd, uint8_t *to, size_t n, uint64_t address)
{
	ssize_t r = io_pread(fd, to, n, address);

	return r == 0 ? -ESRCH : r;
}

/* All n bytes. Return: 0 or negative errno. */
static int read_pages(const struct source_memory *memory, uint8_t *to, size_t n,
		      uint64_t address)
{
	size_t done = 0;

	while (done < n) {
		uint64_t at = address + done;
		size_t page = (size_t)(memory->page_size - at % memory->page_size);
		ssize_t r = read_some(memory->mem_fd, to + done, n - done, at);

		if (r == -EIO || r == -EFAULT) {
			r = (ssize_t)(page < n - done ? page : n - done);
			memset(to + done, 0, (size_t)r);
		}
		if (r < 0)
			return (int)r;
		done += (size_t)r;
	}
	return 0;
}

/* As read_pages(). */
static int read_anonymous(const struct source_memory *memory, uint8_t *to, size_t n,
			  uint64_t address)
{
	size_t done = 0;

	while (done < n) {
		uint64_t start, end;
		int r;

		if (!source_next_existing(memory, address + done, address + n, 0, &start,
					  &end))
			start = end = address + n;
		if (start > address + done && source_is_gone(memory))
			return -ESRCH; /* then all pages look absent */
		memset(to + done, 0, (size_t)(start - address - done));
		r = read_pages(memory, to + (start - address), (size_t)(end - start),
			       start);
		if (r < 0)
			return r;
		done = (size_t)(end - address);
	}
	return 0;
}

/* As read_pages(). */
static int read_part(const struct source_memory *memory, const struct part *part,
		     uint8_t *to, size_t n, uint64_t at)
{
	switch (part->content) {
	case CONTENT_ANONYMOUS:
		return read_anonymous(memory, to, n, part->address + at);
	case CONTENT_FILE:
	case CONTENT_VDSO:
		return read_pages(memory, to, n, part->address + at);
	case CONTENT_UNKNOWN:
		return -EOPNOTSUPP;
	case CONTENT_TRAILER:
		memcpy(to, memory->trailer + at, n);
		return 0;
	case CONTENT_ZEROS:
		break;
	}
	memset(to, 0, n);
	return 0;
}

ssize_t source_memory_read(const struct source_memory *memory, void *to, size_t n,
			   uint64_t offset)
{
	uint8_t *p = to;
	size_t done = 0;

	while (done < n) {
		const struct part *part = source_part_at(memory, offset + done);
		uint64_t at, size;
		int r;

		if (!part)
			break;
		at = offset + done - part->offset;
		size = part->size - at < n - done ? part->size - at : n - done;
		r = read_part(memory, part, p + done, (size_t)size, at);
		if (r < 0)
			return r;
		done += (size_t)size;
	}
	return (ssize_t)done;
}
