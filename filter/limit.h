/* SPDX-License-Identifier: MIT */
/*
 * The second cut: of what the type keeps, what the caller's limit allows.
 */
#pragma once

#include "filter/ranges.h"

struct limit_result {
	uint64_t left_out; /* bytes that the type keeps and the limit did not allow */
	bool stale; /* changed pages of files are among them */
};

/* Ranges sorted by rank: no more than `limit` bytes of them stay. */
void limit_spend(struct ranges *ranges, uint64_t limit, struct limit_result *ret);
