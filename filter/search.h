/* SPDX-License-Identifier: MIT */
/*
 * A search through memory along pointers, nearest first: a word that is the address of memory in
 * the core is taken for a pointer. What comes first out of it is what matters first; it ends
 * when it has named its share of pages, or when no pointer is left.
 */
#pragma once

#include "filter/rules.h"
#include "filter/visited.h"

struct search {
	const struct view *view;
	struct ranges *ranges; /* gets the pages, in order */
	const struct spans *kept; /* what better ranks have; joined */
	struct visited visited;
	uint64_t *
		queue; /* pointers, in the order they were found; 0: led to nothing new */
	size_t head, count, capacity;
	const struct area *area; /* of the last pointer */
	uint64_t low, high; /* no memory is outside [low, high) */
	uint64_t pages_left;
	uint64_t visited_max; /* pages, kept before or not */
	uint32_t order;
	bool failed; /* out of memory */
};

void search_start(struct search *search, const struct view *view,
		  const struct spans *kept, uint64_t pages, struct ranges *ranges);
void search_done(struct search *search);

/* Words in bytes (registers), or in memory, to follow. */
void search_seed_bytes(struct search *search, struct bytes bytes);
void search_seed(struct search *search, uint64_t start, uint64_t end);

/* Follow all pointers, and what they lead to, and so on. */
void search_run(struct search *search);

/* Then, as pages are left: the rest of objects that are larger than what was looked at. */
void search_widen(struct search *search);
