/* SPDX-License-Identifier: MIT */
/*
 * Ranges of addresses with a rank: what the rules say, before the plan cuts.
 */
#pragma once

#include "filter/spans.h"

/* design: "rank, then cut". Lower ranks are taken first. */
enum rank {
	RANK_MUST = 0, /* what a limit takes before all else */
	RANK_CRASH = 1, /* crashing thread's stack, page of PC, page of the fault */
	RANK_LOADER = 2, /* what tells a debugger which objects are loaded */
	RANK_OBJECT = 3, /* first page of every object, the vdso */
	RANK_HINT = 4,
	RANK_THREAD = 5, /* other stacks, TCB, TLS */
	RANK_GLOBAL = 6, /* modified file-backed memory */
	RANK_RUNTIME = 7, /* what the tools of a language's runtime read first */
	RANK_POINTEE = 8,
	RANK_FAR_STACK = 9, /* above a stack pointer in a larger mapping: may be stack */
	RANK_PRIVATE = 10, /* the rest of private anonymous memory */
	RANK_DEAD_STACK = 11, /* private too, but below a stack's pointer */
	RANK_SHARED = 12,
	RANK_REST = 13,
	/*
	 * No rule has it, and no type is asked for it: what is kept, of whatever rank, and goes out behind all else
	 * (distant.h).
	 */
	RANK_DISTANT = 14,
};

#define RANK_BIT(rank) (1u << (rank))

/* What becomes of a range, and why. */
enum fate {
	FATE_KEPT,
	FATE_TYPE, /* of a rank that the type does not keep */
	FATE_BUDGET, /* more than what was left of the type's budget */
	FATE_PACKED, /* more than what was left of what the file should come to */
	FATE_LIMIT, /* MaxSize= or RLIMIT_CORE */
	FATE_CONFIG, /* Drop= or MappingMax= */
	FATE_HINT, /* the program's own hint: drop */
	FATE_SECRET, /* the program's own hint: secret */
	FATE_SCRUBBED, /* triage: no pointer and no small number */
	FATE_FILE, /* as in the file, which a debugger reads */
	FATE_UNTOUCHED, /* never touched: a header without content, zeros */
	FATE_NOT_OFFERED, /* the kernel does not dump it: MADV_DONTDUMP, coredump_filter */
	FATE_LOST, /* the stream ended or the disk was full */
	FATE_COUNT,
};

struct range {
	uint64_t start, end; /* [start, end), page aligned */
	uint32_t order; /* within the rank, lower first; hints and pointees have one */
	enum rank rank : 8; /* there may be 200,000 of these */
	enum fate fate : 8;
};

static inline uint64_t range_size(const struct range *range)
{
	return range->end - range->start;
}

struct ranges {
	struct range *ranges;
	size_t count, capacity;
	bool failed; /* out of memory: the set is not to be used */
};

void ranges_done(struct ranges *ranges);

/* Add [start, end), widened to pages. Empty ranges are left out. */
void ranges_add(struct ranges *ranges, uint64_t start, uint64_t end, enum rank rank);

/* The same with an order. Ranges of one rank with an order should not overlap. */
void ranges_add_ordered(struct ranges *ranges, uint64_t start, uint64_t end,
			enum rank rank, uint32_t order);

/* As it is, with its fate, to the byte. Empty ones are left out, too. */
void ranges_append(struct ranges *ranges, const struct range *range);

/* Sort by rank, within a rank by order, then the smallest first, then by address. */
void ranges_sort_by_rank(struct ranges *ranges);

/*
 * Make them disjoint: each address once, at its lowest rank, but where that is RANK_HINT at the
 * lowest of `over_hints` (RANK_BIT), if it has one. Overlapping ranges of one rank become one,
 * touching ones stay apart. They come out sorted by address.
 */
void ranges_split(struct ranges *ranges, uint32_t over_hints);

/*
 * Disjoint ranges, by address: what a span covers of those whose rank is in `ranks` (RANK_BIT) gets a
 * fate, if it has none yet; ranges are cut at the spans' ends, widened to pages. Spans: joined.
 */
void ranges_mark(struct ranges *ranges, const struct spans *spans, uint32_t ranks,
		 enum fate fate);

/* Keep the first `size` bytes (whole pages) of ranges[i]; a new range at the end is the rest. */
void ranges_cut(struct ranges *ranges, size_t i, uint64_t size, enum fate rest);

void ranges_sort_by_address(struct ranges *ranges);

/* Add to `ret` what is kept of some ranks (RANK_BIT), and join it. */
void ranges_collect(const struct ranges *ranges, uint32_t ranks, struct spans *ret);

/* Sort by address and join what overlaps or touches; the rank is then the lowest. */
void ranges_join(struct ranges *ranges);
