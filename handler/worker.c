/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdbool.h>
#include <string.h>

#include "handler/asked.h"
#include "handler/header.h"
#include "handler/isolate.h"
#include "handler/notes_report.h"
#include "handler/plan_report.h"
#include "handler/planning.h"
#include "handler/policy.h"
#include "handler/worker.h"
#include "handler/write.h"

/* What is larger goes back to the kernel when it is freed. */
#define LARGE (128 << 10)

/* A process whose RLIMIT_CORE is below a page wants no memory stored (core(5)). */
#define SMALLEST_DUMP 4096

/* How much memory may be stored at all: MaxSize=, and what `ulimit -c` allows. */
static uint64_t memory_limit(const struct worker_job *job,
			     const struct settings *settings)
{
	uint64_t limit = settings->max_size;

	if (settings->honour_core_limit && job->rlimit >= 0 && job->rlimit != INT64_MAX &&
	    (uint64_t)job->rlimit < limit)
		limit = (uint64_t)job->rlimit;
	return limit;
}

/* Reasons to store nothing, before anything is planned. */
static bool wants_record(const struct worker_job *job, const struct settings *settings,
			 struct report *report)
{
	report->outcome = REPORT_RECORD;
	if (settings->type == DUMP_NONE) {
		report_say(report, "Type=none: a record only");
		return true;
	}
	if (memory_limit(job, settings) < SMALLEST_DUMP &&
	    settings->max_size >= SMALLEST_DUMP) {
		report_say(report,
			   "RLIMIT_CORE of the process is %" PRId64
			   ": no memory is stored "
			   "(ulimit -c unlimited, LimitCORE=infinity in its unit, or "
			   "CoreLimit=ignore in dumpd.conf change that)",
			   job->rlimit);
		return true;
	}
	report->outcome = REPORT_FAILED;
	if (job->file_fd < 0) {
		report_say(report, "%s", job->no_store);
		return true;
	}
	return false;
}

static int store_core(const struct worker_job *job, const struct settings *settings,
		      struct source *source, const struct map_facts *facts,
		      struct report *report)
{
	struct policy policy;
	const struct planning planning = {
		.job = job,
		.source = source,
		.core = facts->core,
		.notes = facts->notes,
		.names = facts->names,
		.type = &policy.type,
		.max_memory = memory_limit(job, settings),
	};
	struct plan plan;
	int r = policy_make(settings, &policy);

	if (r == 0)
		r = planning_make(&planning, &plan, report);
	if (r < 0)
		return r;
	plan_report(&plan,
		    planning.max_memory < settings->max_size ? "RLIMIT_CORE" : "MaxSize",
		    planning.max_memory, report);
	r = write_plan(&plan, facts, source, ISOLATE_FILE, settings->compression_level,
		       report);
	if (r == 0 && plan.left_out)
		report->outcome = REPORT_CUT;
	plan_done(&plan);
	return r;
}

/* The record has arguments and environment whatever is stored. */
static int hush(const struct worker_job *job, struct source *source,
		const struct map_facts *facts, struct report *report)
{
	const struct planning planning = {
		.job = job,
		.source = source,
		.core = facts->core,
		.notes = facts->notes,
		.names = facts->names,
	};

	return planning_hush(&planning, report);
}

/* The same with the names of /proc/PID/maps, which plan and drop map need. */
static int handle_named(const struct worker_job *job, const struct settings *settings,
			struct source *source, const struct core *core,
			const struct notes *notes, struct report *report)
{
	const struct blob *maps = &job->process->files[PROCESS_MAPS];
	struct names names;
	const struct map_facts facts = { core, notes, &names, NULL };
	int r = names_read((struct bytes){ (const uint8_t *)maps->bytes, maps->n },
			   &names);

	if (r < 0)
		return r;
	names.cut = maps->cut;
	if (wants_record(job, settings, report))
		r = hush(job, source, &facts, report);
	else
		r = store_core(job, settings, source, &facts, report);
	names_done(&names);
	return r;
}

static void handle_core(const struct worker_job *job, struct source *source,
			struct core *core, struct report *report)
{
	struct config_subject subject = job->subject;
	struct settings settings;
	struct notes notes;
	int r;

	notes_read(&core->header, core->notes, &notes);
	notes_report(core, &notes, report);
	if (report->exe[0])
		subject.exe = report->exe;
	config_resolve(job->config, &subject, &settings, NULL);
	asked_apply(job, &notes, &settings, report);
	(void)snprintf(report->type, sizeof(report->type), "%s",
		       dump_type_name(settings.type)); /* every name fits */
	r = handle_named(job, &settings, source, core, &notes, report);
	if (r < 0) {
		report->outcome = REPORT_FAILED;
		report->size_dump = report->size_header = 0;
		report_say(report, "the dump cannot be written: %s", strerror(-r));
	}
	notes_done(&notes);
}

int worker_run(const struct worker_job *job)
{
	struct report report;
	struct source source;
	struct core core;
	int r;

	/* glibc would raise it with the first large piece that is freed, and keep the next ones */
	(void)mallopt(M_MMAP_THRESHOLD, LARGE); /* refused: some MiB more are held */
	report_init(&report);
	core_init(&core);
	r = source_open(ISOLATE_CORE, &source);
	if (r == 0)
		r = header_read(&source, &core);
	if (r == 0)
		handle_core(job, &source, &core, &report);
	else
		header_say(&report, &core, &source, r);
	report.size_received = source.position;
	source_close(&source);
	core_done(&core);
	return report_send(ISOLATE_REPORT, &report) < 0;
}
