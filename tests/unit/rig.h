/* SPDX-License-Identifier: MIT */
/*
 * A built core as the rules see it: notes, space, a window on its memory. What a rule names
 * is compared as text, in pages of hexadecimal: "start-end:rank ...", in rank order.
 */
#pragma once

#include "filter/rules.h"
#include "tests/unit/core_memory.h"

#define RW (PF_R | PF_W)

struct rig {
	struct core_builder b;
	struct built file;
	struct core core;
	struct notes notes;
	struct space space;
	struct core_memory window;
	struct hints hints;
	struct findings findings;
	struct ranges ranges;
	struct view view; /* type mini, with the window, without hints */
};

/* After builder_init() and the rest; headers are all that is built. */
void rig_up(struct rig *rig);
void rig_done(struct rig *rig);

/* Hints, which stay the caller's. */
void rig_hint(struct rig *rig, struct hint *hints, size_t count);

/* One rule, and what it named. */
void rig_check(struct rig *rig, rule run, const char *expected);
void assert_ranges(const struct ranges *ranges, const char *expected);
/* In bytes, not pages: "start-end ...". */
void assert_spans(const struct spans *spans, const char *expected);
