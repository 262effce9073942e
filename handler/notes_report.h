/* SPDX-License-Identifier: MIT */
/*
 * Facts of the core's notes -> report.
 */
#pragma once

#include "filter/core.h"
#include "filter/notes.h"
#include "handler/report.h"

void notes_report(const struct core *core, const struct notes *notes,
		  struct report *report);
