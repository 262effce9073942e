/* SPDX-License-Identifier: MIT */
#include "handler/pagemap_runs.h"
#include "handler/process_memory.h"
#include "handler/source_memory.h"
#include "handler/source_pages.h"

/* Runs of pages that are remembered: half a million bytes, of what has few pages at all. */
#define LEARN_MAX     32768
#define LEARN_AT_ONCE 128u

/* As source_next_existing(), of what was learnt. */
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

bool source_next_now(const struct source_memory *memory, uint64_t start, uint64_t end,
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

bool source_next_existing(const struct source_memory *memory, uint64_t start,
			  uint64_t end, uint64_t max, uint64_t *ret_start,
			  uint64_t *ret_end)
{
	return memory->has_pages
		       ? next_learnt(memory, start, end, max, ret_start, ret_end)
		       : source_next_now(memory, start, end, max, ret_start, ret_end);
}

/* What was learnt stays so. */
bool source_is_gone(const struct source_memory *memory)
{
	return !memory->has_pages && process_memory_gone(memory->pagemap_fd);
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
