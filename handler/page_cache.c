/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "handler/page_cache.h"

/* A page may be in one of four places: a few stacks do not push one another out. */
#define WAYS	 4u
#define SET_BITS 8
#define SETS	 (1u << SET_BITS)

struct cached_page {
	uint64_t mark; /* the page's offset + 1; 0: empty */
	size_t n;
};

struct page_set {
	struct cached_page pages[WAYS];
	unsigned int oldest;
};

_Static_assert(SETS *WAYS == PAGE_CACHE_PAGES, "every page has its place");

int page_cache_open(size_t (*fill)(void *context, uint64_t offset, uint8_t *to),
		    void *context, struct page_cache *ret)
{
	*ret = (struct page_cache){ .fill = fill, .context = context };
	ret->sets = calloc(SETS, sizeof(*ret->sets));
	ret->bytes = malloc((size_t)PAGE_CACHE_PAGES * PAGE);
	if (ret->sets && ret->bytes)
		return 0;
	page_cache_close(ret);
	return -ENOMEM;
}

void page_cache_close(struct page_cache *cache)
{
	free(cache->sets);
	free(cache->bytes);
	cache->sets = NULL;
	cache->bytes = NULL;
}

/*
 * Stacks lie a round number of pages apart: the low bits alone would put them all into one
 * set. The multiplier is 2^64 over the golden ratio (Knuth, TAOCP 6.4).
 */
static size_t set_of(uint64_t offset)
{
	return (size_t)(offset / PAGE * UINT64_C(0x9e3779b97f4a7c15) >> (64 - SET_BITS));
}

static uint8_t *bytes_of(const struct page_cache *cache, size_t set, size_t way)
{
	return cache->bytes + (set * WAYS + way) * PAGE;
}

/* In the place of the oldest page of its set, which is lost even if fill() fails half-way. */
static const uint8_t *load(struct page_cache *cache, size_t number, uint64_t offset,
			   size_t *ret_n)
{
	struct page_set *set = &cache->sets[number];
	struct cached_page *page = &set->pages[set->oldest];
	uint8_t *bytes = bytes_of(cache, number, set->oldest);

	page->n = cache->fill(cache->context, offset, bytes);
	page->mark = page->n ? offset + 1 : 0;
	*ret_n = page->n;
	if (page->n == 0)
		return NULL;
	set->oldest = (set->oldest + 1) % WAYS;
	return bytes;
}

/* The page at an offset. Return: its bytes, or NULL if it is not there. */
static const uint8_t *page_at(struct page_cache *cache, uint64_t offset, size_t *ret_n)
{
	size_t number = set_of(offset);
	const struct page_set *set = &cache->sets[number];

	for (size_t way = 0; way < WAYS; way++) {
		if (set->pages[way].mark == offset + 1) {
			*ret_n = set->pages[way].n;
			return bytes_of(cache, number, way);
		}
	}
	return load(cache, number, offset, ret_n);
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
