/* SPDX-License-Identifier: MIT */
/*
 * Carry out a plan: source -> pack. Whatever stops it, what is in the file afterwards is a
 * valid dump, or the plan has failed as a whole.
 */
#pragma once

#include "filter/plan.h"
#include "handler/map.h"
#include "handler/report.h"
#include "handler/source.h"

/*
 * facts are for the drop map. Fills outcome, sizes and reason. The source is closed as soon as the
 * last wanted byte is read.
 * Return: 0: there is a dump, complete or cut; negative errno: there is none.
 */
int write_plan(struct plan *plan, const struct map_facts *facts, struct source *source,
	       int file_fd, int level, struct report *report);
