/* SPDX-License-Identifier: MIT */
/*
 * The cut: in rank order, what the type keeps, until its budget is spent.
 */
#pragma once

#include "filter/rules.h"

/*
 * What all that is kept may come to when compressed, less what `kept` (ranks 1 to 7) does;
 * UINT64_MAX: no limit, or it cannot be told. An estimate, see cost.h.
 */
uint64_t budget_packed(const struct view *view, const struct spans *kept);

/*
 * What is nearest of pointees may come to in any case, whatever ranks 1 to 6 cost: a program with many
 * libraries has more in what these relocated than its budget is.
 */
uint64_t budget_least(const struct view *view);

/* What whole pages of the same may come to before what is farther gets less: half of what any file may. */
uint64_t budget_dense(const struct view *view);

/* Ranges sorted by rank: those that the type does not keep get their fate. */
void budget_spend(const struct view *view, struct ranges *ranges);
