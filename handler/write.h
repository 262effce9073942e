/* SPDX-License-Identifier: MIT */
/*
 * Carry out a plan: source -> pack. Whatever stops it, what is in the file afterwards is a
 * valid dump, or the plan has failed as a whole.
 */
#pragma once

#include "filter/plan.h"
#include "handler/capture_overlay.h"
#include "handler/capture_release.h"
#include "handler/capture_stock.h"
#include "handler/map.h"
#include "handler/pool.h"
#include "handler/report.h"
#include "handler/room.h"
#include "handler/source.h"

/* What there is to write with. */
struct write_means {
	int level; /* zstd's */
	struct room room; /* of the file */
	uint64_t spool; /* bytes of memory that may wait to be packed */
	struct stock *stock; /* of that; NULL */
	struct pool *pool; /* NULL: the caller does all */
	enum release_way release; /* what is meant to be done */
	struct anchor *anchor; /* NULL if it is RELEASE_HELD */
	struct overlay *overlay; /* RELEASE_EARLY: sealed */
	bool copied; /* RELEASE_COPIED: all that is kept is in the overlay already */
	bool (*hurry)(void *context); /* RELEASE_COPIED: see handler/held.h; NULL */
	void *context;
	void (*let_go)(void); /* is called when the process was let go; NULL */
	void (*turned)(
		void); /* before what is written is not as the header in the file has it; NULL */
	int64_t start; /* of the handler, µs of CLOCK_MONOTONIC */
	int64_t deadline; /* seconds from start that the process may be held; INT64_MAX: no limit */
};

/*
 * facts are for the drop map. Fills outcome, sizes and reason. The source is closed as soon as the
 * last wanted byte is read.
 * Return: 0: there is a dump, complete or cut; negative errno: there is none.
 */
int write_plan(struct plan *plan, const struct map_facts *facts, struct source *source,
	       int file_fd, const struct write_means *means, struct report *report);
