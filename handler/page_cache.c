/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "handler/page_cache.h"

/* A page may be in one of four places: a few stacks do not push one another out. */
#define WAYS	 4u
#define SET_BITS 10
#define SETS	 (1u << SET_BITS)

/*
 * One fault for 512 pages instead of 512: 0.2 us a page instead of 2.2. Most plans need few pages, and a huge one
 * costs up to 4 ms in a virtual machine whose host has to find it: the first ones are small.
 */
#define HUGE_PAGE (2u << 20)

struct cached_page {
	uint64_t mark; /* the page's offset + 1; 0: empty */
	uint8_t *bytes; /* NULL: not used yet */
	size_t n;
};

struct page_set {
	struct cached_page pages[WAYS];
	unsigned int oldest;
};

_Static_assert(WAYS << SET_BITS == PAGE_CACHE_PAGES, "every page has its place");

int page_cache_open(size_t (*fill)(void *context, uint64_t offset, uint8_t *to),
		    void *context, struct page_cache *ret)
{
	*ret = (struct page_cache){ .fill = fill, .context = context };
	ret->sets = calloc(SETS, sizeof(*ret->sets));
	ret->bytes = aligned_alloc(HUGE_PAGE, (size_t)PAGE_CACHE_PAGES * PAGE);
	if (!ret->sets || !ret->bytes) {
		page_cache_close(ret);
		return -ENOMEM;
	}
	/* refused or not known: only slower */
	(void)madvise(ret->bytes + HUGE_PAGE, (size_t)PAGE_CACHE_PAGES * PAGE - HUGE_PAGE,
		      MADV_HUGEPAGE);
	return 0;
}

void page_cache_close(struct page_cache *cache)
{
	free(cache->sets);
	free(cache->bytes);
	cache->sets = NULL;
	cache->bytes = NULL;
}

void page_cache_forget(struct page_cache *cache)
{
	memset(cache->sets, 0, SETS * sizeof(*cache->sets));
	cache->used = 0;
	/* refused: then they stay until they are used again */
	(void)madvise(cache->bytes, (size_t)PAGE_CACHE_PAGES * PAGE, MADV_DONTNEED);
}

/*
 * Stacks lie a round number of pages apart: the low bits alone would put them all into one
 * set. The multiplier is 2^64 over the golden ratio (Knuth, TAOCP 6.4).
 */
static size_t set_of(uint64_t offset)
{
	return (size_t)(offset / PAGE * UINT64_C(0x9e3779b97f4a7c15) >> (64 - SET_BITS));
}

/* In the place of the oldest page of its set, which is lost even if fill() fails half-way. */
static const struct cached_page *load(struct page_cache *cache, struct page_set *set,
				      uint64_t offset)
{
	struct cached_page *page = &set->pages[set->oldest];

	/* not by its set, so that a small process costs a few pages */
	if (!page->bytes)
		page->bytes = cache->bytes + cache->used++ * PAGE;
	page->n = cache->fill(cache->context, offset, page->bytes);
	page->mark = page->n ? offset + 1 : 0;
	if (page->n == 0)
		return NULL;
	set->oldest = (set->oldest + 1) % WAYS;
	return page;
}

/* The page at an offset, or NULL if it is not there. */
static const struct cached_page *page_at(struct page_cache *cache, uint64_t offset)
{
	struct page_set *set = &cache->sets[set_of(offset)];

	for (size_t way = 0; way < WAYS; way++) {
		if (set->pages[way].mark == offset + 1)
			return &set->pages[way];
	}
	return load(cache, set, offset);
}

size_t page_cache_read(struct page_cache *cache, uint64_t offset, void *to, size_t n)
{
	uint64_t left = -offset; /* to the end of all offsets; of 0: not in a size_t */
	size_t done = 0;

	if (offset && n > left)
		n = (size_t)left;
	while (done < n) {
		uint64_t start = page_down(offset + done);
		size_t at = (size_t)(offset + done - start), part;
		const struct cached_page *page = page_at(cache, start);

		if (!page || page->n <= at)
			break;
		part = page->n - at < n - done ? page->n - at : n - done;
		memcpy((uint8_t *)to + done, page->bytes + at, part);
		done += part;
		if (page->n < PAGE)
			break;
	}
	return done;
}
