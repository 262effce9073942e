/* SPDX-License-Identifier: MIT */
/*
 * Spans of addresses, in bytes: what hints and configuration name, what is blanked.
 */
#pragma once

#include "filter/bytes.h"

struct span {
	uint64_t start, end; /* [start, end) */
};

struct spans {
	struct span *spans;
	size_t count, capacity;
	bool failed; /* out of memory: the set is not to be used */
};

void spans_done(struct spans *spans);

/* Empty ones are left out; one that touches the last one added makes it longer. */
void spans_add(struct spans *spans, uint64_t start, uint64_t end);

/* Sort by address and join what overlaps or touches. */
void spans_join(struct spans *spans);

/* Joined spans: join those that lie at most `gap` bytes apart, in one page. */
void spans_close_gaps(struct spans *spans, uint64_t gap);

/* Joined spans: index of the first that ends above an address, count if there is none. */
size_t spans_above(const struct spans *spans, uint64_t address);

/* Joined spans: take away what other joined spans cover. */
void spans_subtract(struct spans *spans, const struct spans *minus);
