/* SPDX-License-Identifier: MIT */
/*
 * What a plan leaves out, and why, for people.
 */
#pragma once

#include "filter/plan.h"
#include "handler/report.h"

/* limit: what max_memory was, and what set it ("MaxSize"). */
void plan_report(const struct plan *plan, const char *limit_name, uint64_t limit,
		 struct report *report);

/* Of a plan that was cut. planned: bytes of memory before. */
void plan_report_missing(const struct plan *plan, uint64_t planned,
			 struct report *report);
