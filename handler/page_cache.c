/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "handler/page_cache.h"

struct cached_page {
	uint64_t mark; /* the page's offset + 1; 0: empty */
	size_t n;
};

int page_cache_open(size_t (*fill)(void *context, uint64_t offset, uint8_t *to),
		    void *context, struct page_cache *ret)
{
	*ret = (struct page_cache){ .fill = fill, .context = context };
	ret->pages = calloc(PAGE_CACHE_PAGES, sizeof(*ret->pages));
	ret->bytes = malloc((size_t)PAGE_CACHE_PAGES * PAGE);
	if (ret->pages && ret->bytes)
		return 0;
	page_cache_close(ret);
	return -ENOMEM;
}

void page_cache_close(struct page_cache *cache)
{
	free(cache->pages);
	free(cache->bytes);
	cache->pages = NULL;
	cache->bytes = NULL;
}

/*
 * Stacks lie a round number of pages apart: the low bits alone would put them all into one
 * place. The multiplier is 2^64 over the golden ratio (Knuth, TAOCP 6.4).
 */
static size_t place(uint64_t offset)
{
	return (size_t)(offset / PAGE * UINT64_C(0x9e3779b97f4a7c15) >>
			(64 - PAGE_CACHE_BITS));
}

/* The page at an offset. Return: its bytes, or NULL if it is not there. */
static const uint8_t *page_at(struct page_cache *cache, uint64_t offset, size_t *ret_n)
{
	size_t i = place(offset);
	struct cached_page *page = &cache->pages[i];
	uint8_t *bytes = cache->bytes + i * PAGE;

	if (page->mark != offset + 1) {
		page->n = cache->fill(cache->context, offset, bytes);
		page->mark = page->n ? offset + 1 : 0;
	}
	*ret_n = page->n;
	return page->n ? bytes : NULL;
}

size_t page_cache_read(struct page_cache *cache, uint64_t offset, void *to, size_t n)
{
	uint64_t left = -offset; /* to the end of all offsets; of 0: not in a size_t */
	size_t done = 0;

	if (offset && n > left)
		n = (size_t)left;
	while (done < n) {
		uint64_t page = page_down(offset + done);
		size_t at = (size_t)(offset + done - page), there, part;
		const uint8_t *bytes = page_at(cache, page, &there);

		if (!bytes || there <= at)
			break;
		part = there - at < n - done ? there - at : n - done;
		memcpy((uint8_t *)to + done, bytes + at, part);
		done += part;
		if (there < PAGE)
			break;
	}
	return done;
}
