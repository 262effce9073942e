/* SPDX-License-Identifier: MIT */
/*
 * The new core's program headers and beginning, for what the plan has chosen.
 */
#pragma once

#include "filter/plan.h"

/*
 * untouched: by address, apart from ranges and each in one area: they get a header without content.
 * Chosen ranges (joined) -> plan->segments, plan->extents, plan->memory. p_offsets are relative to
 * the first memory until rewrite_header() places it. Return: 0 or -ENOMEM.
 */
int rewrite_segments(const struct core *core, const struct space *space,
		     const struct ranges *ranges, const struct spans *untouched,
		     struct plan *plan);

/*
 * Spans (joined, in units of 4 bytes) that no header may name, and whose bytes are blanked. In the
 * file their place stays: gdb and lldb go by the headers and see that nothing is there;
 * elfutils rounds the headers to the smallest p_align of all (dwfl_report_core_segments), which is the unit's
 * then. Before rewrite_header(). Return: 0 or -ENOMEM.
 */
int rewrite_blanks(const struct spans *blanks, struct plan *plan);

/*
 * ELF header, program headers, notes (the core's or less), padding -> plan->header. Return: 0
 * or -ENOMEM.
 */
int rewrite_header(const struct core *core, struct bytes notes, struct plan *plan);

/* The kernel's own core: a plan that copies. Return: 0 or -ENOMEM. */
int rewrite_nothing(const struct core *core, struct plan *plan);

/* Where nothing is in the file: see rewrite.c. start: of what is. */
void rewrite_place_empty(struct plan *plan, uint64_t start);

/* How many bytes of a segment's content are in the first `size` bytes of the new core. */
uint64_t rewrite_there(const struct segment *s, uint64_t size);

/* See plan_cut(). */
void rewrite_cut(struct plan *plan, uint64_t size);
