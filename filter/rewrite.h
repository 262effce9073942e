/* SPDX-License-Identifier: MIT */
/*
 * The new core's program headers and beginning, for what the plan has chosen.
 */
#pragma once

#include "filter/plan.h"

/*
 * Chosen ranges (joined) -> plan->segments, plan->extents, plan->memory. p_offsets are relative to
 * the first memory until rewrite_header() places it. Return: 0 or -ENOMEM.
 */
int rewrite_segments(const struct core *core, const struct space *space,
		     const struct ranges *ranges, struct plan *plan);

/* ELF header, program headers, notes, padding -> plan->header. Return: 0 or -ENOMEM. */
int rewrite_header(const struct core *core, struct plan *plan);

/* The kernel's own core: a plan that copies. Return: 0 or -ENOMEM. */
int rewrite_nothing(const struct core *core, struct plan *plan);

/* See plan_cut(). */
void rewrite_cut(struct plan *plan, uint64_t size);
