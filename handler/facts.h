/* SPDX-License-Identifier: MIT */
/*
 * Arguments, /proc and the core's notes -> the record. The notes come first: the kernel wrote
 * them for this very process. But ids in them count in the process' own namespaces: user and
 * group come from the arguments, else /proc, or stay unknown.
 */
#pragma once

#include "config/config.h"
#include "handler/args.h"
#include "handler/process.h"
#include "handler/report.h"
#include "store/record.h"

/* When the handler began, on both clocks, µs. */
struct facts_start {
	int64_t realtime, monotonic;
};

void facts_start(struct facts_start *ret);

/* Fill an initialised record. Return: 0 or -ENOMEM. */
int facts_record(const struct facts_start *start, const struct args *args,
		 const struct process *process, const struct report *report,
		 struct record *record) _must_check_;

/*
 * What one run of the filter made of a crash: a new id, type, outcome, reason, sizes, version. What
 * the record had there is replaced. Return: 0 or negative errno.
 */
int facts_result(const struct report *report, struct record *record) _must_check_;

/* A record of a triage dump, which is for other eyes, without what the program was told. */
void facts_scrub(struct record *record);

/* Problems of the configuration, a line each. Return: 0 or -ENOMEM. */
int facts_config_problems(const struct config *config,
			  struct record *record) _must_check_;

/* record->duration until now. */
void facts_stop(const struct facts_start *start, struct record *record);

/*
 * The moment of the crash: the kernel's second (-t%t), as fine as the handler's own clock
 * where they agree. Pure.
 */
int64_t facts_timestamp(int64_t kernel_seconds, int64_t handler_usec);
