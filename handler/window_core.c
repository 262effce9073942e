/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "base/io.h"
#include "handler/window_core.h"

static size_t fill(void *context, uint64_t offset, uint8_t *to)
{
	struct window_core *window = context;
	ssize_t n = window->pread(window->context, to, PAGE, offset);

	return n > 0 ? (size_t)n : 0;
}

/* The segment whose bytes hold an address, or NULL. */
static const struct segment *segment_at(const struct window_core *window,
					uint64_t address)
{
	size_t low = 0, high = window->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct segment *s = &window->segments[middle];

		if (address < s->vaddr)
			high = middle;
		else if (address - s->vaddr >= s->filesz)
			low = middle + 1;
		else
			return s;
	}
	return NULL;
}

/* Neighbours in memory need not be neighbours in the file. */
static size_t core_read(void *context, uint64_t address, void *to, size_t n)
{
	struct window_core *window = context;
	size_t done = 0;

	while (done < n) {
		uint64_t at;
		size_t part = n - done, got;
		const struct segment *s;

		if (__builtin_add_overflow(address, done, &at))
			break;
		s = segment_at(window, at);
		if (!s)
			break;
		at -= s->vaddr;
		if (part > s->filesz - at)
			part = (size_t)(s->filesz - at);
		got = page_cache_read(&window->cache, s->offset + at,
				      (uint8_t *)to + done, part);
		done += got;
		if (got < part)
			break;
	}
	return done;
}

static void core_forget(void *context)
{
	struct window_core *window = context;

	page_cache_forget(&window->cache);
}

/* All but what was never touched. */
static bool core_next_there(void *context, uint64_t start, uint64_t end,
			    uint64_t *ret_start, uint64_t *ret_end)
{
	const struct spans *untouched = ((struct window_core *)context)->untouched;
	size_t i = spans_above(untouched, start);

	if (i < untouched->count && untouched->spans[i].start <= start)
		start = untouched->spans[i++].end;
	if (start >= end)
		return false;
	*ret_start = start;
	*ret_end = i < untouched->count && untouched->spans[i].start < end
			   ? untouched->spans[i].start
			   : end;
	return true;
}

void window_core_know(struct window_core *window, const struct spans *untouched)
{
	window->untouched = untouched;
	window->memory.next_there = core_next_there;
}

static int by_address(const void *a, const void *b)
{
	const struct segment *x = a, *y = b;

	return x->vaddr < y->vaddr ? -1 : x->vaddr > y->vaddr;
}

static int sort_segments(const struct core *core, struct window_core *window)
{
	window->segments = calloc(core->count ? core->count : 1, sizeof(struct segment));
	if (!window->segments)
		return -ENOMEM;
	for (size_t i = 0; i < core->count; i++) {
		const struct segment *s = &core->segments[i];

		if (s->type == PT_LOAD && s->filesz > 0)
			window->segments[window->count++] = *s;
	}
	qsort(window->segments, window->count, sizeof(struct segment), by_address);
	return 0;
}

int window_core_open(const struct core *core, source_pread pread, void *context,
		     struct window_core *ret)
{
	int r;

	*ret = (struct window_core){
		.memory = { .read = core_read, .context = ret, .forget = core_forget },
		.pread = pread,
		.context = context,
	};
	r = sort_segments(core, ret);
	if (r == 0)
		r = page_cache_open(fill, ret, &ret->cache);
	if (r < 0)
		window_core_close(ret);
	return r;
}

void window_core_close(struct window_core *window)
{
	page_cache_close(&window->cache);
	free(window->segments);
	window->segments = NULL;
	window->count = 0;
}

ssize_t window_core_pread_fd(void *context, void *to, size_t n, uint64_t offset)
{
	return io_pread_full(*(const int *)context, to, n, offset);
}
