/* SPDX-License-Identifier: MIT */
/*
 * Which pages a search has come to, and which of their words it has looked at: each word once,
 * however many pointers lead to it.
 */
#pragma once

#include "filter/bytes.h"

/* Words of 8 bytes; of a 32-bit process two pointers each. */
#define VISITED_WORD  8u
#define VISITED_WORDS (PAGE / VISITED_WORD)

struct visited_page {
	uint64_t page; /* address */
	uint64_t words[VISITED_WORDS / 64];
};

struct visited {
	struct visited_page *pages; /* in the order in which they were found */
	size_t count;
	uint32_t *places; /* a hash table: numbers of pages, from 1 on; 0: empty */
	size_t capacity; /* of places: a power of two; half as many pages have room */
};

void visited_done(struct visited *visited);

/*
 * The page at an address (page aligned). *ret_new: it was not there before. The pointer is good
 * until the next call. Return: NULL without memory.
 */
struct visited_page *visited_page(struct visited *visited, uint64_t page, bool *ret_new);

/*
 * Mark the words of [start, end), addresses of one page, start at a word's beginning. Return: the
 * address of the first that was not marked before, end if all were.
 */
uint64_t visited_mark(struct visited_page *page, uint64_t start, uint64_t end);
