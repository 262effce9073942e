/* SPDX-License-Identifier: MIT */
/*
 * The cut: in rank order, what the type keeps, until its budget is spent; then what the
 * caller's limit allows.
 */
#pragma once

#include "filter/rules.h"

/*
 * What all that is kept may come to when compressed, less what `kept` (ranks 1 to 6) does;
 * UINT64_MAX: no limit, or it cannot be told. An estimate, see cost.h.
 */
uint64_t budget_packed(const struct view *view, const struct spans *kept);

/* Ranges sorted by rank: those that the type does not keep get their fate. */
void budget_spend(const struct view *view, struct ranges *ranges);

struct limit_result {
	uint64_t left_out; /* bytes that the type keeps and the limit did not allow */
	bool stale; /* changed pages of files are among them */
};

/* Ranges sorted by rank: no more than `limit` bytes of them stay. */
void limit_spend(struct ranges *ranges, uint64_t limit, struct limit_result *ret);
