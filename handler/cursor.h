/* SPDX-License-Identifier: MIT */
/* A place in what a plan keeps, which is read from there on, extent by extent. */
#pragma once

#include "filter/plan.h"

struct cursor {
	const struct extent *extents;
	size_t count;
	size_t index;
	uint64_t done; /* bytes of extents[index] that are behind the place */
	struct extent whole; /* of a verbatim plan: all that was announced */
	bool is_whole;
};

/* At the first byte. plan must outlive it. */
void cursor_open(const struct plan *plan, struct cursor *ret);

/* At the first byte of plan_rest(). */
void cursor_open_rest(const struct extent *extents, size_t count, struct cursor *ret);

/* Bytes from here to the end of the extent; 0: nothing is left of the plan. */
uint64_t cursor_left(const struct cursor *cursor);

/* Of the next byte, in the core. Only where something is left. */
uint64_t cursor_offset(const struct cursor *cursor);

/*
 * What comes next is needed less than what came before, which gets frames of its own: a full disk takes
 * whole ones.
 */
bool cursor_at_border(const struct cursor *cursor);

/* Behind n bytes more, which are fewer than are left of the plan, or as many. */
void cursor_move(struct cursor *cursor, uint64_t n);
