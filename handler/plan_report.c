/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "handler/plan_report.h"

void plan_report(const struct plan *plan, const char *limit_name, uint64_t limit,
		 struct report *report)
{
	for (size_t i = 0; i < plan->reason_count; i++)
		report_say(report, "%s", plan->reasons[i]);
	if (plan->left_out)
		report_say(report,
			   "%" PRIu64 " bytes of memory were left out: %s allows %" PRIu64
			   " bytes",
			   plan->left_out, limit_name, limit);
	if (plan->stale)
		report_say(report,
			   "changed pages of files are among them: global variables "
			   "there read as the executable has them");
}

/*
 * What is missing is of the last ranks, or the end of the address space where memory came through the
 * pipe. Of changed pages of files a debugger shows what the files hold.
 */
void plan_report_missing(const struct plan *plan, uint64_t planned, struct report *report)
{
	if (plan->memory < planned)
		report_say(report,
			   "%" PRIu64 " of %" PRIu64
			   " bytes of memory are missing; global "
			   "variables there read as the executable has them",
			   planned - plan->memory, planned);
}
