/* SPDX-License-Identifier: MIT */
/*
 * The drop map of a plan: the whole address space in pieces, each with what became of it.
 */
#pragma once

#include "filter/plan.h"
#include "filter/spans.h"

/*
 * Ranges: all, with their fates, disjoint. Secrets: joined. Gaps: joined, of what is
 * kept, where the budget ended. Blanks: joined, all that is blanked. Untouched: joined, of what is not kept. Fills plan->pieces. Return: 0 or -ENOMEM.
 */
int pieces_make(const struct space *space, struct ranges *ranges,
		const struct spans *secrets, const struct spans *gaps,
		const struct spans *blanks, const struct spans *untouched,
		struct plan *plan);

/*
 * The plan will be cut to a size, see plan_cut(): what its headers will not name any more is lost.
 * Before rewrite_cut().
 */
void pieces_cut(struct plan *plan, uint64_t size);
