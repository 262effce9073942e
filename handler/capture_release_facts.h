/* SPDX-License-Identifier: MIT */
/*
 * What the decision of handler/capture_release.h is made of, and the overlay of what changes: looked for
 * only as far as the decision needs it.
 */
#pragma once

#include "filter/core.h"
#include "filter/notes.h"
#include "filter/plan.h"
#include "handler/capture_overlay.h"
#include "handler/capture_release.h"
#include "handler/process.h"
#include "handler/source_memory.h"

struct release_ask {
	bool wanted; /* ReleaseEarly= */
	uint64_t available; /* bytes of the machine's memory; 0: unknown */
	uint64_t spool; /* bytes that may wait to be packed */
	const struct process *process;
	const struct core *core;
	const struct notes *notes;
	const struct plan *plan;
	const struct source_memory *memory; /* NULL: all comes through the pipe */
	int mem_fd, pagemap_fd;
};

/*
 * Where a small process could not be copied within RELEASE_PATIENCE, since a file that it maps does not
 * answer: all pages that exist, of which no read hangs, and which alone may change. The overlay, which is
 * initialised, is copied. Return: false: that is not all, or could not be had.
 */
bool release_rest(const struct release_ask *ask, struct overlay *overlay);

/*
 * Of a small process whose pages lie far apart: all that is kept of it goes into the overlay, which is initialised.
 * On the way into frames each run of pages costs 15 us, so 3. Return: false: its pages do not lie so, or a file would
 * have to be waited for, and the overlay is initialised again.
 */
bool release_scattered(const struct release_ask *ask, struct overlay *overlay);

/* overlay: initialised; sealed if the process may be released early. */
void release_facts_read(const struct release_ask *ask, struct overlay *overlay,
			struct release_facts *ret);
