/* SPDX-License-Identifier: MIT */
/*
 * Ranges of addresses with a rank: what the rules say, before the plan cuts.
 */
#pragma once

#include "filter/bytes.h"

/* design: "rank, then cut". Lower ranks are taken first. */
enum rank {
	RANK_MUST = 0, /* what a limit takes before all else */
	RANK_CRASH = 1, /* crashing thread's stack, page of PC, page of the fault */
	RANK_LOADER = 2, /* what tells a debugger which objects are loaded */
	RANK_OBJECT = 3, /* first page of every object, the vdso */
	RANK_HINT = 4,
	RANK_THREAD = 5, /* other stacks, TCB, TLS */
	RANK_GLOBAL = 6, /* modified file-backed memory */
	RANK_POINTEE = 7,
	RANK_PRIVATE = 8, /* the rest of private anonymous memory */
	RANK_DEAD_STACK = 9, /* private too, but below a stack's pointer */
	RANK_SHARED = 10,
	RANK_REST = 11,
};

struct range {
	uint64_t start, end; /* [start, end), page aligned */
	enum rank rank;
};

struct ranges {
	struct range *ranges;
	size_t count, capacity;
	bool failed; /* out of memory: the set is not to be used */
};

void ranges_done(struct ranges *ranges);

/* Add [start, end), widened to pages. Empty ranges are left out. */
void ranges_add(struct ranges *ranges, uint64_t start, uint64_t end, enum rank rank);

/* Sort by rank, within a rank the smallest first, then by address. */
void ranges_sort_by_rank(struct ranges *ranges);

/*
 * Make them disjoint: each address once, at its lowest rank. Overlapping ranges of one rank
 * become one, touching ones stay apart. They come out sorted by address.
 */
void ranges_split(struct ranges *ranges);

/* Sort by address and join what overlaps or touches; the rank is then the lowest. */
void ranges_join(struct ranges *ranges);
