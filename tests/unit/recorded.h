/* SPDX-License-Identifier: MIT */
/*
 * A core that a kernel wrote (tests/recorded), planned; and the beacon, by which the process
 * tells where things are.
 */
#pragma once

#include "handler/window_core.h"
#include "tests/recorded/beacon.h"
#include "tests/unit/planned.h"

struct recorded {
	struct planned p;
	struct window_core window;
	struct beacon beacon;
};

/* path: from the top of the repository, where tests are run. */
void recorded_open(struct recorded *r, const char *path);
void recorded_done(struct recorded *r);
/* Plan it, as one of the types or as one's own, and check what planned.h promises. */
void recorded_plan(struct recorded *r, const struct type *type);

/* An address as the beacon has it, and without a tag in its highest byte. */
uint64_t recorded_address(uint64_t turned);
/* The thread of the core that the beacon speaks of. */
const struct thread *recorded_thread(const struct recorded *r,
				     const struct beacon_thread *told);
/* Its first place whose name begins so. */
const struct beacon_place *recorded_place(const struct recorded *r, const char *name);

/* A word of the process, which is in the core. */
uint64_t recorded_word(const struct recorded *r, uint64_t address);
/* The same, of some bytes, as the plan's core has it; false if it does not. */
bool recorded_kept(const struct recorded *r, uint64_t address, size_t width,
		   uint64_t *ret);
/* Whether its memory has such bytes anywhere where it is of no file. */
bool recorded_has_text(const struct recorded *r, const char *text);
