/* SPDX-License-Identifier: MIT */
/*
 * Pages that were read, a fixed number of them: the rules look at the same ones again and
 * again, a few bytes at a time. Behind it is what fill() reads from.
 */
#pragma once

#include "filter/bytes.h"

/*
 * 16 MiB: what a mini dump keeps of a large heap, 200 stacks and the way there fit in. With
 * a quarter of it each page was read three times.
 */
#define PAGE_CACHE_PAGES 4096u

struct page_cache {
	/*
	 * Fill `to`, PAGE bytes, from an offset that is a multiple of PAGE. Return: how many
	 * there are from its beginning on; 0: the page is not there, and is asked for again.
	 */
	size_t (*fill)(void *context, uint64_t offset, uint8_t *to);
	void *context;

	/* its own */
	struct page_set *sets;
	uint8_t *bytes;
	size_t used; /* pages of bytes, from their beginning */
};

/* Return: 0 or -ENOMEM. */
int page_cache_open(size_t (*fill)(void *context, uint64_t offset, uint8_t *to),
		    void *context, struct page_cache *ret);
void page_cache_close(struct page_cache *cache);

/* Give back what the pages take. They can be read again. */
void page_cache_forget(struct page_cache *cache);

/* Up to n bytes at any offset. Return: how many there are in one piece. */
size_t page_cache_read(struct page_cache *cache, uint64_t offset, void *to, size_t n);
