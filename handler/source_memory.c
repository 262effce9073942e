/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "filter/names.h"
#include "filter/space.h"
#include "handler/cursor.h"
#include "handler/pagemap_runs.h"
#include "handler/process_memory.h"
#include "handler/source_memory.h"
#include "handler/source_witness.h"

/* Runs of pages that are counted: a millisecond. And that are found when there is time. */
#define RUNS_MAX  1024
#define FOUND_MAX 65536

/* Without PAGEMAP_SCAN (Linux 6.7) a hole is read like memory: 8 ms. */
#define WALK_MAX (UINT64_C(4) << 30)

/* Runs of pages that are remembered: half a million bytes, of what has few pages at all. */
#define LEARN_MAX     32768
#define LEARN_AT_ONCE 128u

/* Holes in memory that is read at once, each a question of 1 us where nothing was learnt. */
#define LOOKS_MAX 16

/* What lies at a place of the core. */
enum content {
	CONTENT_ZEROS, /* padding */
	CONTENT_ANONYMOUS, /* pages that do not exist are zeros */
	CONTENT_FILE, /* pages that do not exist are loaded */
	CONTENT_VDSO, /* the kernel's own pages, which the page map does not show */
	CONTENT_UNKNOWN, /* only the kernel has it */
	CONTENT_TRAILER, /* the number of program headers, behind all memory */
};

struct part {
	uint64_t offset, size; /* in the core */
	uint64_t address;
	enum content content;
};

struct source_memory {
	int mem_fd, pagemap_fd; /* the caller's */
	uint64_t page_size;
	struct part *parts; /* by offset, without gaps */
	size_t count;
	uint8_t trailer[64]; /* elf_xnum_write() */
	struct spans pages; /* that exist, by address, joined */
	bool has_pages; /* these are all */
	struct source_witness witness;
};

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

static int add_parts(const struct core *core, const struct notes *notes,
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
	r = add_parts(core, notes, names, memory);
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

/* The part that an offset is in, or NULL. */
static const struct part *part_at(const struct source_memory *memory, uint64_t offset)
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

/* As next_existing(), of what was learnt. */
static bool next_learnt(const struct source_memory *memory, uint64_t start, uint64_t end,
			uint64_t max, uint64_t *ret_start, uint64_t *ret_end)
{
	const struct spans *pages = &memory->pages;
	size_t i = spans_above(pages, start);
	uint64_t most;

	if (i == pages->count || pages->spans[i].start >= end)
		return false;
	*ret_start = pages->spans[i].start > start ? pages->spans[i].start : start;
	*ret_end = pages->spans[i].end < end ? pages->spans[i].end : end;
	if (max && !__builtin_mul_overflow(max, memory->page_size, &most) &&
	    *ret_end - *ret_start > most)
		*ret_end = *ret_start + most;
	return true;
}

/* As next_existing(), whatever was learnt. */
static bool next_now(const struct source_memory *memory, uint64_t start, uint64_t end,
		     uint64_t max, uint64_t *ret_start, uint64_t *ret_end)
{
	int r = pagemap_scan(memory->pagemap_fd, memory->page_size, start, end, 0, max,
			     ret_start, ret_end);

	if (r < 0)
		r = pagemap_walk(memory->pagemap_fd, memory->page_size, start, end, max,
				 ret_start, ret_end);
	if (r == 0)
		return false;
	*ret_start = *ret_start > start ? *ret_start : start;
	*ret_end = *ret_end < end ? *ret_end : end;
	return *ret_start < *ret_end;
}

/* The first pages of [start, end) that exist, at most `max`, 0: all. Return: false if none do. */
static bool next_existing(const struct source_memory *memory, uint64_t start,
			  uint64_t end, uint64_t max, uint64_t *ret_start,
			  uint64_t *ret_end)
{
	return memory->has_pages
		       ? next_learnt(memory, start, end, max, ret_start, ret_end)
		       : next_now(memory, start, end, max, ret_start, ret_end);
}

/* User space, as the parts that are processes' memory lie in it. */
static void find_ends(const struct source_memory *memory, uint64_t *ret_start,
		      uint64_t *ret_end)
{
	*ret_start = UINT64_MAX;
	*ret_end = 0;
	for (size_t i = 0; i < memory->count; i++) {
		const struct part *part = &memory->parts[i];

		if (part->content != CONTENT_ANONYMOUS && part->content != CONTENT_FILE)
			continue;
		if (part->address < *ret_start)
			*ret_start = part->address;
		if (part->address + part->size > *ret_end)
			*ret_end = part->address + part->size;
	}
}

void source_memory_learn(struct source_memory *memory)
{
	struct pagemap_range ranges[LEARN_AT_ONCE];
	uint64_t at, end;
	int n = 0;

	find_ends(memory, &at, &end);
	while (at < end && n >= 0 && memory->pages.count <= LEARN_MAX) {
		n = pagemap_scan_many(memory->pagemap_fd, memory->page_size, at, end, 0,
				      ranges, LEARN_AT_ONCE, &at);
		for (int i = 0; i < n; i++)
			spans_add(&memory->pages, ranges[i].start, ranges[i].end);
	}
	memory->has_pages = n >= 0 && at >= end && !memory->pages.failed &&
			    !process_memory_gone(memory->pagemap_fd);
}

static void watch_part(struct source_memory *memory, const struct part *part,
		       bool from_end)
{
	uint64_t start, end;

	if (part->content == CONTENT_ANONYMOUS &&
	    next_existing(memory, part->address, part->address + part->size, 1, &start,
			  &end))
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

bool source_memory_is_whole(const struct source_memory *memory)
{
	return !process_memory_gone(memory->pagemap_fd) &&
	       source_witness_stands(memory->pagemap_fd, &memory->witness);
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

/* What was learnt stays so. */
static bool is_gone(const struct source_memory *memory)
{
	return !memory->has_pages && process_memory_gone(memory->pagemap_fd);
}

/* As read_pages(). */
static int read_anonymous(const struct source_memory *memory, uint8_t *to, size_t n,
			  uint64_t address)
{
	size_t done = 0;

	while (done < n) {
		uint64_t start, end;
		int r;

		if (!next_existing(memory, address + done, address + n, 0, &start, &end))
			start = end = address + n;
		if (start > address + done && is_gone(memory))
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
		const struct part *part = part_at(memory, offset + done);
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

uint64_t source_memory_hole(const struct source_memory *memory, uint64_t offset,
			    uint64_t max)
{
	const struct part *part = part_at(memory, offset);
	uint64_t at, start, end, address;

	if (!part || part->content != CONTENT_ANONYMOUS)
		return 0;
	at = offset - part->offset;
	if (max > part->size - at)
		max = part->size - at;
	address = part->address + at;
	if (!next_existing(memory, address, address + max, 1, &start, &end))
		start = address + max;
	if (start > address &&
	    (is_gone(memory) ||
	     !source_witness_stands(memory->pagemap_fd, &memory->witness)))
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
		if (!next_existing(memory, done, end, 0, &from, &to))
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
		const struct part *part = part_at(memory, offset + done);
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

static bool keeps(const struct plan *plan, const struct part *part)
{
	for (size_t i = 0; i < plan->extent_count; i++) {
		const struct extent *e = &plan->extents[i];

		if (e->offset < part->offset + part->size &&
		    part->offset < e->offset + e->size)
			return true;
	}
	return plan->verbatim;
}

bool source_memory_suffices(const struct source_memory *memory, const struct plan *plan)
{
	for (size_t i = 0; i < memory->count; i++) {
		if (memory->parts[i].content == CONTENT_UNKNOWN &&
		    keeps(plan, &memory->parts[i]))
			return false;
	}
	return true;
}

bool source_memory_first(const struct source_memory *memory, uint64_t *ret_address)
{
	uint64_t end;

	for (size_t i = 0; i < memory->count; i++) {
		const struct part *part = &memory->parts[i];

		if ((part->content == CONTENT_ANONYMOUS ||
		     part->content == CONTENT_FILE) &&
		    next_existing(memory, part->address, part->address + part->size, 1,
				  ret_address, &end))
			return true;
	}
	return false;
}

/* Pages that exist in [start, end). runs: that may still be looked at. UINT64_MAX: more than `most`. */
static uint64_t count_existing(const struct source_memory *memory, uint64_t start,
			       uint64_t end, uint64_t most, unsigned int *runs)
{
	uint64_t max = most / memory->page_size + 1, bytes = 0, from, to;

	while (start < end && next_existing(memory, start, end, max, &from, &to)) {
		bytes += to - from;
		start = to;
		if (bytes > most || (*runs)-- == 0)
			return UINT64_MAX;
	}
	return bytes;
}

/* Of n bytes of a part, from `at` on. As count_existing(). */
static uint64_t count_part(const struct source_memory *memory, const struct part *part,
			   uint64_t at, uint64_t n, uint64_t most, unsigned int *runs)
{
	uint64_t bytes = n;

	if (part->content == CONTENT_ANONYMOUS)
		bytes = count_existing(memory, part->address + at, part->address + at + n,
				       most, runs);
	else if (part->content == CONTENT_ZEROS)
		bytes = 0;
	return bytes <= most ? bytes : UINT64_MAX;
}

/* What a plan keeps, part by part. Return: false at the end. */
static bool next_kept(const struct source_memory *memory, struct cursor *from,
		      const struct part **ret_part, uint64_t *ret_at, uint64_t *ret_n)
{
	uint64_t left = cursor_left(from);

	if (left == 0)
		return false;
	*ret_part = part_at(memory, cursor_offset(from));
	if (!*ret_part)
		return false;
	*ret_at = cursor_offset(from) - (*ret_part)->offset;
	*ret_n = (*ret_part)->size - *ret_at < left ? (*ret_part)->size - *ret_at : left;
	cursor_move(from, *ret_n);
	return true;
}

/* To look for pages would, at all that a plan keeps. */
static bool takes_long(const struct source_memory *memory, const struct plan *plan)
{
	const struct part *part;
	uint64_t at, n, all = 0;
	struct cursor from;

	if (memory->has_pages || pagemap_scan(memory->pagemap_fd, memory->page_size, 0,
					      memory->page_size, 0, 1, &at, &n) >= 0)
		return false;
	cursor_open(plan, &from);
	while (next_kept(memory, &from, &part, &at, &n))
		all += part->content == CONTENT_ANONYMOUS ? n : 0;
	return all > WALK_MAX;
}

uint64_t source_memory_kept(const struct source_memory *memory, const struct plan *plan,
			    uint64_t most)
{
	const struct part *part;
	unsigned int runs = RUNS_MAX;
	uint64_t at, n, all = 0;
	struct cursor from;

	if (takes_long(memory, plan))
		return UINT64_MAX;
	cursor_open(plan, &from);
	while (next_kept(memory, &from, &part, &at, &n)) {
		uint64_t bytes = count_part(memory, part, at, n, most - all, &runs);

		if (bytes == UINT64_MAX)
			return UINT64_MAX;
		all += bytes;
	}
	return all;
}

/*
 * For a file the page map is read again, whatever was learnt: a page may have been evicted since, and reading it would
 * block on the file.
 */
static bool next_found(const struct source_memory *memory, const struct part *part,
		       uint64_t start, uint64_t end, uint64_t *ret_from, uint64_t *ret_to)
{
	return part->content == CONTENT_FILE
		       ? next_now(memory, start, end, 0, ret_from, ret_to)
		       : next_existing(memory, start, end, 0, ret_from, ret_to);
}

/* As count_part(). Return: false if it takes too long. */
static bool find_pages(const struct source_memory *memory, const struct part *part,
		       uint64_t at, uint64_t n, unsigned int *runs,
		       struct source_pages *ret)
{
	uint64_t start = part->address + at, end = start + n, from, to, bytes = 0;

	while (start < end && next_found(memory, part, start, end, &from, &to)) {
		if ((*runs)-- == 0)
			return false;
		spans_add(&ret->spans, part->offset + (from - part->address),
			  part->offset + (to - part->address));
		bytes += to - from;
		start = to;
	}
	if (part->content == CONTENT_FILE)
		ret->absent += n - bytes;
	return !ret->spans.failed;
}

static bool find_existing(const struct source_memory *memory, const struct part *part,
			  uint64_t at, uint64_t n, unsigned int *runs,
			  struct source_pages *ret)
{
	if (part->content == CONTENT_ANONYMOUS || part->content == CONTENT_FILE)
		return find_pages(memory, part, at, n, runs, ret);
	if (part->content == CONTENT_VDSO)
		spans_add(&ret->spans, part->offset + at, part->offset + at + n);
	return !ret->spans.failed;
}

bool source_memory_existing(const struct source_memory *memory, const struct plan *plan,
			    struct source_pages *ret)
{
	const struct part *part;
	unsigned int runs = FOUND_MAX;
	struct cursor from;
	uint64_t at, n;

	*ret = (struct source_pages){ .learnt = memory->has_pages };
	if (takes_long(memory, plan))
		return false;
	cursor_open(plan, &from);
	while (next_kept(memory, &from, &part, &at, &n)) {
		if (!find_existing(memory, part, at, n, &runs, ret))
			return false;
	}
	spans_join(&ret->spans);
	return true;
}

uint64_t source_memory_kept_files(const struct source_memory *memory,
				  const struct plan *plan)
{
	const struct part *part;
	uint64_t at, n, all = 0;
	struct cursor from;

	cursor_open(plan, &from);
	while (next_kept(memory, &from, &part, &at, &n))
		all += part->content == CONTENT_FILE ? n : 0;
	return all;
}
