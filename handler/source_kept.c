/* SPDX-License-Identifier: MIT */
#include "handler/cursor.h"
#include "handler/pagemap_runs.h"
#include "handler/source_memory.h"
#include "handler/source_pages.h"

/* Runs of pages that are counted: a millisecond. And that are found when there is time. */
#define RUNS_MAX  1024
#define FOUND_MAX 65536

/* Without PAGEMAP_SCAN (Linux 6.7) a hole is read like memory: 8 ms. */
#define WALK_MAX (UINT64_C(4) << 30)

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
		    source_next_existing(memory, part->address,
					 part->address + part->size, 1, ret_address,
					 &end))
			return true;
	}
	return false;
}

/* Pages that exist in [start, end). runs: that may still be looked at. UINT64_MAX: more than `most`. */
static uint64_t count_existing(const struct source_memory *memory, uint64_t start,
			       uint64_t end, uint64_t most, unsigned int *runs)
{
	uint64_t max = most / memory->page_size + 1, bytes = 0, from, to;

	while (start < end && source_next_existing(memory, start, end, max, &from, &to)) {
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
	*ret_part = source_part_at(memory, cursor_offset(from));
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
		       ? source_next_now(memory, start, end, 0, ret_from, ret_to)
		       : source_next_existing(memory, start, end, 0, ret_from, ret_to);
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
