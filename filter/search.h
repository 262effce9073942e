/* SPDX-License-Identifier: MIT */
/*
 * A search through memory along pointers, nearest first: a word that is the address of memory in
 * the core is taken for a pointer. What comes first out of it is what matters first; it ends
 * when it has spent its share, or when no pointer is left.
 *
 * It keeps whole pages, or, where these would be too many, only windows around pointees.
 */
#pragma once

#include "filter/cost.h"
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
	uint64_t *
		seen; /* pointers that were found lately, by a hash: each is followed once */
	const struct area *area; /* of the last pointer */
	uint64_t low, high; /* no memory is outside [low, high) */
	struct spans *windows; /* gets windows in the ranges' stead; NULL: whole pages */
	uint64_t window; /* bytes of a pointee that are looked at */
	uint64_t
		left; /* bytes: of pages, or of windows as they come to when compressed */
	uint64_t
		packed; /* what pages may come to when compressed; UINT64_MAX: anything */
	struct spans
		arrays; /* that the words looked at describe, until search_arrays() */
	bool has_arrays; /* it was called */
	struct cost cost; /* so far, of windows or pages */
	size_t visited_max; /* pages, kept before or not */
	uint32_t order;
	bool failed; /* out of memory */
};

/* What is said of an object when nothing is known of its size. */
#define SEARCH_WINDOW 512

/* windows may be NULL. */
void search_start(struct search *search, const struct view *view,
		  const struct spans *kept, uint64_t left, struct ranges *ranges,
		  struct spans *windows);
void search_done(struct search *search);

/* Words in bytes (registers), or in memory, to follow. */
void search_seed_bytes(struct search *search, struct bytes bytes);
void search_seed(struct search *search, uint64_t start, uint64_t end);

/* Follow pointers from where the search is to queue[end], or to the end of the queue as it grows. */
void search_run(struct search *search, size_t end);
#define SEARCH_ALL SIZE_MAX

/* Look again at queue[first] to before queue[end], with the window as it is now. */
void search_again(struct search *search, size_t first, size_t end);

/*
 * Once, then: arrays to the length that is beside the pointers to them: {pointer, length, capacity} of Go's slices
 * and Rust's vectors, {begin, end, end of capacity} of std::vector.
 */
void search_arrays(struct search *search);

/* Then, as something is left: the rest of objects that are larger than what was looked at. */
void search_widen(struct search *search);
