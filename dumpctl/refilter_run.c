/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "dumpctl/refilter_run.h"
#include "filter/fate.h"
#include "handler/header.h"
#include "handler/modules_report.h"
#include "handler/notes_report.h"
#include "handler/plan_report.h"
#include "handler/planning.h"
#include "handler/policy.h"
#include "handler/window_core.h"
#include "handler/write.h"

/* Memory that waits to be packed: a few frames for each thread. */
#define SPOOL (64u << 20)

/* What was drawn up for a crash that is over: its facts are in the record, not in /proc. */
void refilter_resolve(const struct config *config, const struct record *record, int type,
		      const struct report *report, struct settings *ret)
{
	struct config_subject subject = { .exe = report->exe[0] ? report->exe : NULL,
					  .uid = -1 };

	if (record)
		subject = (struct config_subject){
			.exe = record->exe,
			.unit = record->unit,
			.user_unit = record->user_unit,
			.cgroup = record->cgroup,
			.uid = record->uid >= 0 ? record->uid : -1,
		};
	config_resolve(config, &subject, ret, NULL);
	if (type >= 0)
		ret->type = (enum dump_type)type;
}

/* As the old drop map has it; one that is older than the word has none. */
static void find_untouched(const struct memory_map *map, struct spans *ret)
{
	const char *fate = fate_name(FATE_UNTOUCHED);

	for (size_t i = 0; i < map->count; i++) {
		const struct memory_map_entry *entry = &map->entries[i];

		if (strcmp(map->words.texts[entry->fate], fate) == 0)
			spans_add(ret, entry->start, entry->end);
	}
	spans_join(ret);
}

static int make_plan(const struct refilter_job *job, const struct map_facts *facts,
		     const struct settings *settings, struct plan *ret,
		     struct report *report)
{
	int64_t start = clock_usec(CLOCK_MONOTONIC);
	struct spans untouched = { 0 };
	struct window_core window;
	struct policy policy;
	int r = policy_make(settings, &policy);

	if (r == 0)
		r = window_core_open(facts->core, job->in->pread, job->in->context,
				     &window);
	if (r < 0)
		return r;
	find_untouched(&job->in->map, &untouched);
	if (untouched.count > 0 && !untouched.failed)
		window_core_know(&window, &untouched);
	if (!job->in->record) /* a record's own are of the whole memory */
		modules_report(facts->notes, facts->names, &window.memory,
			       (struct bytes){ NULL, 0 }, report);
	r = planning_with(&(struct plan_input){ .core = facts->core,
						.notes = facts->notes,
						.type = &policy.type,
						.memory = &window.memory,
						.names = facts->names,
						.max_memory = settings->max_size,
						.by_rank = true },
			  ret, report);
	window_core_close(&window);
	spans_done(&untouched);
	report->planning = clock_usec(CLOCK_MONOTONIC) - start;
	ret->type = NULL; /* the policy ends here */
	return r;
}

/* Of what was written, not of what was planned: the plan may have been cut. */
static int take_map(const struct plan *plan, const struct map_facts *facts,
		    struct memory_map *ret)
{
	int r = map_make(plan, facts, ret);

	return r == -ENOMEM ? r : 0; /* without one: the reason says so */
}

static int write_core(const struct refilter_job *job, struct source *source,
		      const struct map_facts *facts, const struct settings *settings,
		      struct memory_map *ret_map, struct report *report)
{
	struct plan plan;
	struct pool pool;
	int r = make_plan(job, facts, settings, &plan, report);

	if (r < 0)
		return r;
	plan_report(&plan, "MaxSize", settings->max_size, report);
	pool_open(pool_processors(), NULL, &pool);
	r = write_plan(&plan, facts, source, job->file_fd,
		       &(struct write_means){ .level = settings->compression_level,
					      .room = ROOM_UNLIMITED,
					      .spool = SPOOL,
					      .pool = &pool,
					      .deadline = INT64_MAX },
		       report);
	pool_close(&pool);
	report->held = -1; /* nobody waits */
	if (r == 0 && (plan.left_out || !refilter_whole(job->in->record)))
		report->outcome = REPORT_CUT;
	if (r == 0)
		r = take_map(&plan, facts, ret_map);
	plan_done(&plan);
	return r;
}

static void say_origin(const struct refilter_in *in, struct report *report)
{
	const struct record *record = in->record;

	if (!record)
		report_say(report, "filtered from a core file");
	else
		report_say(report, "filtered anew from %s, a dump of type %s%s",
			   record->id ? record->id : "a dump without an id",
			   record->type ? record->type : "unknown",
			   refilter_whole(record)
				   ? ""
				   : ": what it lacks is missing here, too");
}

static int run(const struct refilter_job *job, struct source *source, struct core *core,
	       struct settings *ret_settings, struct memory_map *ret_map,
	       struct report *report)
{
	struct notes notes;
	int r;

	notes_read(&core->header, core->notes, &notes);
	notes_report(core, &notes, report);
	refilter_resolve(job->config, job->in->record, job->type, report, ret_settings);
	(void)snprintf(report->type, sizeof(report->type), "%s",
		       dump_type_name(ret_settings->type)); /* every name fits */
	say_origin(job->in, report);
	if (ret_settings->type == DUMP_NONE) {
		report_say(report, "Type=none: there is nothing to store");
		r = -EINVAL;
	} else {
		r = write_core(job, source,
			       &(struct map_facts){ core, &notes, &job->in->names,
						    &job->in->map },
			       ret_settings, ret_map, report);
		if (r < 0)
			report_say(report, "the dump cannot be written: %s",
				   strerror(-r));
	}
	notes_done(&notes);
	return r;
}

int refilter_run(const struct refilter_job *job, struct settings *ret_settings,
		 struct memory_map *ret_map, struct report *ret_report)
{
	struct source source;
	struct core core;
	int r;

	report_init(ret_report);
	core_init(&core);
	r = source_open_at(job->in->pread, job->in->context, job->in->size, &source);
	if (r == 0)
		r = header_read(&source, &core);
	if (r == 0)
		r = run(job, &source, &core, ret_settings, ret_map, ret_report);
	else
		header_say(ret_report, &core, &source, r);
	source_close(&source);
	core_done(&core);
	return r;
}
