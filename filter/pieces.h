/* SPDX-License-Identifier: MIT */
/*
 * The drop map of a plan: the whole address space in pieces, each with what became of it.
 */
#pragma once

#include "filter/plan.h"
#include "filter/spans.h"

/*
 * Ranges: all, with their fates, disjoint. Secrets: joined. Gaps: joined, of what is
 * kept, where the budget ended. Blanks: joined, all that is blanked. Fills plan->pieces. Return: 0 or -ENOMEM.
 */
int pieces_make(const struct space *space, struct ranges *ranges,
		const struct spans *secrets, const struct spans *gaps,
		const struct spans *blanks, struct plan *plan);

/* The plan was cut: what its headers do not name any more is lost. */
void pieces_cut(struct plan *plan);
