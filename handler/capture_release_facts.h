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
 * Of a small process with many runs of pages: copies all that is kept into the overlay, which is initialised. To copy a
 * run takes 3 us so, and 15 us if it is handed to the threads that pack. Return: false: there are few runs, or a read
 * might block on a file; the overlay is empty then.
 */
bool release_scattered(const struct release_ask *ask, struct overlay *overlay);

/* overlay: initialised; sealed if the process may be released early. */
void release_facts_read(const struct release_ask *ask, struct overlay *overlay,
			struct release_facts *ret);
