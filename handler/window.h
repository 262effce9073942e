/* SPDX-License-Identifier: MIT */
/*
 * Which window the rules get: on the process that the kernel holds while the core comes
 * through a pipe, on the core itself where it is a file, or none. Never on a process of
 * which it is not certain that the core is its own.
 */
#pragma once

#include "filter/notes.h"
#include "handler/process.h"
#include "handler/source.h"
#include "handler/window_core.h"
#include "handler/window_live.h"

struct window {
	const struct memory *memory; /* NULL: there is none */
	const char *reason; /* then: why; static text */

	/* its own */
	struct window_live live;
	struct window_core core;
};

/* The worker's descriptors: of struct process only the facts are used. */
struct window_fds {
	int memory, pagemap;
};

/*
 * NULL: the core on the pipe is certain to be written by this process, and its descriptors are
 * there. Else why not; static text.
 */
const char *window_doubt(const struct source *source, const struct process *process,
			 const struct notes *notes);

/* ret and source stay where they are until window_close(). */
void window_open(struct source *source, const struct process *process,
		 const struct window_fds *fds, const struct core *core,
		 const struct notes *notes, struct window *ret);
void window_close(struct window *window);

/* The process has ended under the window: what was not there may have been there. */
bool window_gone(const struct window *window);
