/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "filter/visited.h"

#define FIRST_CAPACITY 1024

void visited_done(struct visited *visited)
{
	free(visited->slots);
	memset(visited, 0, sizeof(*visited));
}

/* Fibonacci hashing of the page's number: neighbours go far apart. */
static struct visited_page *slot_of(const struct visited *visited, uint64_t page)
{
	size_t i = (size_t)((page / PAGE * UINT64_C(0x9e3779b97f4a7c15)) >> 32);

	for (;; i++) {
		struct visited_page *slot = &visited->slots[i & (visited->capacity - 1)];

		if (slot->page == page || slot->page == 0)
			return slot;
	}
}

static bool grow(struct visited *visited)
{
	struct visited bigger = { .capacity = visited->capacity ? 2 * visited->capacity
								: FIRST_CAPACITY,
				  .count = visited->count };

	bigger.slots = calloc(bigger.capacity, sizeof(*bigger.slots));
	if (!bigger.slots)
		return false;
	for (size_t i = 0; i < visited->capacity; i++) {
		if (visited->slots[i].page)
			*slot_of(&bigger, visited->slots[i].page) = visited->slots[i];
	}
	free(visited->slots);
	*visited = bigger;
	return true;
}

struct visited_page *visited_page(struct visited *visited, uint64_t page, bool *ret_new)
{
	struct visited_page *slot;

	if (4 * visited->count >= 3 * visited->capacity && !grow(visited))
		return NULL;
	slot = slot_of(visited, page);
	*ret_new = slot->page == 0;
	if (*ret_new) {
		slot->page = page;
		visited->count++;
	}
	return slot;
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
