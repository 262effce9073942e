/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "filter/visited.h"

/* Of places: half of them are empty, so that what is looked for is found at once. */
#define FIRST_CAPACITY 2048

void visited_done(struct visited *visited)
{
	free(visited->places);
	free(visited->pages);
	memset(visited, 0, sizeof(*visited));
}

/* Fibonacci hashing of the page's number: neighbours go far apart. */
static uint32_t *place_of(const struct visited *visited, uint64_t page)
{
	size_t i = (size_t)((page / PAGE * UINT64_C(0x9e3779b97f4a7c15)) >> 32);

	for (;; i++) {
		uint32_t *place = &visited->places[i & (visited->capacity - 1)];

		if (*place == 0 || visited->pages[*place - 1].page == page)
			return place;
	}
}

/* Pages stay in a row, which grows without a copy where the kernel moves it; places are found anew. */
static bool grow(struct visited *visited)
{
	size_t capacity = visited->capacity ? 2 * visited->capacity : FIRST_CAPACITY;
	struct visited_page *pages =
		reallocarray(visited->pages, capacity / 2, sizeof(*pages));

	if (!pages)
		return false;
	visited->pages = pages;
	free(visited->places);
	visited->capacity = 0;
	visited->places = calloc(capacity, sizeof(*visited->places));
	if (!visited->places) {
		visited->count = 0;
		return false;
	}
	visited->capacity = capacity;
	for (size_t i = 0; i < visited->count; i++)
		*place_of(visited, pages[i].page) = (uint32_t)(i + 1);
	return true;
}

struct visited_page *visited_page(struct visited *visited, uint64_t page, bool *ret_new)
{
	uint32_t *place;

	if (2 * visited->count >= visited->capacity && !grow(visited))
		return NULL;
	place = place_of(visited, page);
	*ret_new = *place == 0;
	if (*ret_new) {
		visited->pages[visited->count] = (struct visited_page){ .page = page };
		*place = (uint32_t)++visited->count;
	}
	return &visited->pages[*place - 1];
}

/* Bits from `first` to before `last` (1 to 64) of a chunk of 64. */
static uint64_t mask(size_t first, size_t last)
{
	uint64_t below_last = last < 64 ? (UINT64_C(1) << last) - 1 : UINT64_MAX;

	return below_last & ~((UINT64_C(1) << first) - 1);
}

uint64_t visited_mark(struct visited_page *page, uint64_t start, uint64_t end)
{
	size_t word = (size_t)(start - page->page) / VISITED_WORD;
	size_t last = (size_t)(end - page->page + VISITED_WORD - 1) / VISITED_WORD;
	uint64_t first_new = end;

	while (word < last) {
		size_t chunk = word / 64, chunk_end = (chunk + 1) * 64;
		uint64_t bits = mask(word % 64, last < chunk_end ? last % 64 : 64);
		uint64_t new = bits & ~page->words[chunk];

		if (new &&first_new == end)
			first_new = page->page +
				    VISITED_WORD *
					    (chunk * 64 + (size_t)__builtin_ctzll(new));
		page->words[chunk] |= bits;
		word = chunk_end;
	}
	return first_new;
}
