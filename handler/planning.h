/* SPDX-License-Identifier: MIT */
/*
 * From headers and notes to the plan: the window on memory is had here, and given back
 * when the plan is made.
 */
#pragma once

#include "filter/plan.h"
#include "handler/report.h"
#include "handler/source.h"
#include "handler/worker.h"

struct planning {
	const struct worker_job *job;
	struct source *source;
	const struct core *core;
	const struct notes *notes;
	const struct names *names;
	const struct spans *distant; /* as in struct plan_input */
	const struct type *type;
	uint64_t max_memory, room; /* as in struct plan_input */
	bool by_rank; /* as there */
};

/* Says in the report what it had to do without, and how long it took. Return: 0 or -ENOMEM. */
int planning_make(const struct planning *planning, struct plan *ret,
		  struct report *report);

/*
 * Where no memory is stored: whether arguments and environment, which the record has, are secrets.
 * Return as above.
 */
int planning_hush(const struct planning *planning, struct report *report);

/*
 * The same with any window: input, whose hints are read here, to a plan; the texts among the hints
 * go into the report. Return as above.
 */
int planning_with(const struct plan_input *input, struct plan *ret,
		  struct report *report);
