/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdbool.h>
#include <string.h>

#include "base/clock.h"
#include "handler/anchor.h"
#include "handler/asked.h"
#include "handler/capture_distant.h"
#include "handler/capture_release_facts.h"
#include "handler/header.h"
#include "handler/isolate.h"
#include "handler/notes_report.h"
#include "handler/plan_report.h"
#include "handler/planning.h"
#include "handler/policy.h"
#include "handler/source_memory.h"
#include "handler/spool.h"
#include "handler/window.h"
#include "handler/worker.h"
#include "handler/write.h"

/* What is larger goes back to the kernel when it is freed. */
#define LARGE (128 << 10)

/* What a mini dump keeps for the most part: of most processes, and of each thread. */
#define MINI_FIXED  (2u << 20)
#define MINI_THREAD (16u << 10)

/* Of a file: the record, its gaps, and seek table and drop map of a small dump. */
#define BESIDE_MEMORY (24u << 10)

/* A process whose RLIMIT_CORE is below a page wants no memory stored (core(5)). */
#define SMALLEST_DUMP 4096

/*
 * One crash on its way into a file. A thread that hangs in a read has plan and source still, so
 * they stay until the worker ends.
 */
struct work {
	const struct worker_job *job;
	struct pool *pool;
	struct anchor anchor;
	struct stock *stock;
	struct release_ask release_ask;
	struct overlay overlay;
	struct source source;
	struct plan plan;
	struct settings settings;
	struct report report;
};

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

/*
 * Of what the file may take, what memory may come to: record, headers and notes are there in any
 * case. 0: no limit.
 */
static uint64_t memory_room(const struct worker_job *job, const struct core *core)
{
	uint64_t most = job->room.most, fixed = BESIDE_MEMORY + core->header_bytes.n / 2;

	if (most == UINT64_MAX)
		return 0;
	return most > fixed ? most - fixed : 1;
}

static void report_plan(const struct plan *plan, const struct planning *planning,
			const struct settings *settings, struct report *report)
{
	const char *name = plan->limit < planning->max_memory
				   ? "what MaxUse and KeepFree leave of the disk"
			   : planning->max_memory < settings->max_size ? "RLIMIT_CORE"
								       : "MaxSize";

	plan_report(plan, name, plan->limit, report);
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

/* A quarter of what is there: services need the rest, and the file's pages. */
static uint64_t spool_of(const struct worker_job *job, const struct settings *settings)
{
	uint64_t share = job->available / 4;

	return settings->spool_max < share ? settings->spool_max : share;
}

/* The parent knows then that nobody waits. */
static void let_go(void)
{
	/* it will take the report, or nothing */
	(void)!report_send_word(ISOLATE_REPORT, REPORT_LET_GO);
}

/* From here on memory is in another order than the header in the file says: that dump cannot be mended. */
static void turned(void)
{
	(void)!report_send_word(ISOLATE_REPORT, REPORT_TURNED); /* as above */
}

/* If this worker is killed, a second child mends the dump with these facts (handler/mend.h). */
static void begin(struct work *work)
{
	work->report.size_received = source_received(&work->source);
	(void)!report_send_begun(ISOLATE_REPORT, &work->report); /* as above */
}

static struct write_means means_of(struct work *work)
{
	uint64_t deadline = work->settings.deadline;

	return (struct write_means){
		.level = work->settings.compression_level,
		.room = work->job->room,
		.spool = spool_of(work->job, &work->settings),
		.stock = work->stock,
		.pool = work->pool,
		.let_go = let_go,
		.turned = turned,
		.start = work->job->start,
		.deadline = deadline < INT64_MAX ? (int64_t)deadline : INT64_MAX,
	};
}

static int open_memory(const struct map_facts *facts, struct source_memory **ret)
{
	return source_memory_open(ISOLATE_MEMORY, ISOLATE_PAGEMAP, facts->core,
				  facts->notes, facts->names, ret);
}

/*
 * Before the plan. NULL: all comes through the pipe, or *ret_later: it is to be opened again behind the plan. Of
 * a small process what it has is learnt; of a larger one the plan needs the room (2 MiB of 70,000 mappings).
 */
static struct source_memory *
look_at_memory(struct work *work, const struct map_facts *facts, bool *ret_later)
{
	const struct process *process = work->job->process;
	struct source_memory *memory = NULL;

	*ret_later = false;
	if (window_doubt(&work->source, process, facts->notes) != NULL ||
	    open_memory(facts, &memory) < 0)
		return NULL;
	if (process->present <= PROCESS_SMALL) {
		source_memory_learn(memory);
		return memory;
	}
	source_memory_close(memory);
	*ret_later = true;
	return NULL;
}

/* Of a plan that was to look at memory it was said when it could not. */
static void say_memory(struct work *work)
{
	const struct process *process = work->job->process;
	int error = work->source.memory_error;

	if (error)
		report_say(&work->report,
			   "memory came through the pipe: /proc/PID/mem says %s",
			   strerror(-error));
	else if (work->plan.verbatim && process->known && process->memory.mem_fd < 0)
		report_say(&work->report, "memory came through the pipe: /proc/PID/mem "
					  "or pagemap cannot be opened");
}

/* A process with the same memory runs on while this one is held, unless it waits in vfork(2). */
static void say_sharing(struct work *work)
{
	const struct process_sharing *sharing = &work->job->process->sharing;

	if (sharing->answer == PROCESS_SHARED)
		report_say(&work->report,
			   "its memory is shared with PID %" PRId64 " (%s), which %s",
			   sharing->pid, sharing->comm,
			   sharing->waits ? "waited for its end" : "ran on");
}

static struct release_ask release_ask_of(const struct work *work,
					 const struct map_facts *facts,
					 const struct source_memory *memory)
{
	return (struct release_ask){
		.wanted = work->settings.release_early,
		.available = work->job->available,
		.spool = spool_of(work->job, &work->settings),
		.process = work->job->process,
		.core = facts->core,
		.notes = facts->notes,
		.plan = &work->plan,
		.memory = memory,
		.mem_fd = ISOLATE_MEMORY,
		.pagemap_fd = ISOLATE_PAGEMAP,
	};
}

static bool hurry(void *context)
{
	struct work *work = context;

	return release_rest(&work->release_ask, &work->overlay);
}

/* Into buffers that are faulted in: that takes as long as to copy. */
static bool copy_scattered(struct work *work)
{
	struct stock *stock = work->stock;
	bool copied;

	stock_end(stock);
	overlay_lend(&work->overlay, stock->bytes, stock->count * SPOOL_BUFFER);
	copied = release_scattered(&work->release_ask, &work->overlay);
	stock->lent = copied && work->overlay.lent;
	return copied;
}

static void decide_release(struct work *work, struct write_means *means)
{
	struct release_facts facts;
	struct release release;

	overlay_init(&work->overlay);
	release_facts_read(&work->release_ask, &work->overlay, &facts);
	release = release_decide(&facts);
	report_release(&work->report, release.way, release.reason);
	means->release = release.way;
	if (release.way != RELEASE_HELD)
		means->anchor = &work->anchor;
	means->overlay = &work->overlay;
	if (release.way == RELEASE_COPIED && release_is_small(&facts)) {
		means->copied = copy_scattered(work);
		means->hurry = means->copied ? NULL : hurry;
	}
	means->context = work;
	say_sharing(work);
}

static int write_core(struct work *work, const struct map_facts *facts,
		      struct source_memory *memory)
{
	struct write_means means = means_of(work);
	int r;

	work->anchor.mem_fd = ISOLATE_MEMORY;
	source_use_memory(&work->source, memory);
	work->source.status_fd = ISOLATE_STATUS;
	if (memory) {
		(void)source_memory_first(memory, &work->anchor.address); /* else: held */
		source_memory_watch(memory);
	}
	work->release_ask = release_ask_of(work, facts, memory);
	decide_release(work, &means);
	begin(work);
	r = write_plan(&work->plan, facts, &work->source, ISOLATE_FILE, &means,
		       &work->report);
	say_memory(work);
	return r; /* memory stays, too */
}

/* Of a process whose mounts or mappings are not known there is none; without memory for it likewise. */
static void find_distant(const struct process *process, struct spans *ret)
{
	const struct blob *maps = &process->files[PROCESS_MAPS];
	const struct blob *mounts = &process->files[PROCESS_MOUNTINFO];

	capture_distant_find((struct bytes){ (const uint8_t *)maps->bytes, maps->n },
			     (struct bytes){ (const uint8_t *)mounts->bytes, mounts->n },
			     ret);
}

/* Without type and limit. */
static struct planning planning_of(struct work *work, const struct map_facts *facts)
{
	return (struct planning){
		.job = work->job,
		.source = &work->source,
		.core = facts->core,
		.notes = facts->notes,
		.names = facts->names,
	};
}

/*
 * What is copied at once, before it is known what is kept: faulting in more costs the plan time. No more than may
 * wait in memory at all.
 */
static uint64_t likely_kept(const struct work *work, const struct notes *notes)
{
	uint64_t likely = MINI_FIXED + notes->thread_count * (uint64_t)MINI_THREAD,
		 spool = spool_of(work->job, &work->settings);

	if (work->settings.type == DUMP_HEAP || work->settings.type == DUMP_FULL)
		likely = UINT64_MAX;
	return likely < spool ? likely : spool;
}

static int plan_core(struct work *work, struct planning *planning)
{
	struct spans distant = { 0 };
	int r;

	find_distant(work->job->process, &distant);
	planning->distant = &distant;
	r = planning_make(planning, &work->plan, &work->report);
	planning->distant = NULL;
	spans_done(&distant);
	return r;
}

static int store_core(struct work *work, const struct map_facts *facts)
{
	const struct settings *settings = &work->settings;
	struct planning planning = planning_of(work, facts);
	bool later;
	struct source_memory *memory = look_at_memory(work, facts, &later);
	struct policy policy;
	int r = policy_make(settings, &policy);

	stock_begin(work->stock, likely_kept(work, facts->notes));
	planning.type = &policy.type;
	planning.by_rank = memory || later;
	planning.max_memory = memory_limit(work->job, settings);
	planning.room = memory_room(work->job, facts->core);
	if (r == 0)
		r = plan_core(work, &planning);
	if (r == 0 && later)
		r = open_memory(facts, &memory);
	if (r < 0)
		return r;
	report_plan(&work->plan, &planning, settings, &work->report);
	r = write_core(work, facts, memory);
	if (r == 0 && work->plan.left_out)
		work->report.outcome = REPORT_CUT;
	return r;
}

/* The record has arguments and environment whatever is stored. */
static int hush(struct work *work, const struct map_facts *facts)
{
	const struct planning planning = planning_of(work, facts);

	return planning_hush(&planning, &work->report);
}

/* The same with the names of /proc/PID/maps, which plan and drop map need. */
static int handle_named(struct work *work, const struct core *core,
			const struct notes *notes)
{
	const struct blob *maps = &work->job->process->files[PROCESS_MAPS];
	struct names names;
	const struct map_facts facts = { core, notes, &names, NULL };
	int r = names_read((struct bytes){ (const uint8_t *)maps->bytes, maps->n },
			   &names);

	if (r < 0)
		return r;
	names.cut = maps->cut;
	if (wants_record(work->job, &work->settings, &work->report))
		r = hush(work, &facts);
	else
		r = store_core(work, &facts);
	names_done(&names);
	return r;
}

static void handle_core(struct work *work, const struct core *core)
{
	struct config_subject subject = work->job->subject;
	struct report *report = &work->report;
	struct notes notes;
	int r;

	notes_read(&core->header, core->notes, &notes);
	notes_report(core, &notes, report);
	if (!subject.exe && report->exe[0])
		subject.exe = report->exe;
	config_resolve(work->job->config, &subject, &work->settings, NULL);
	asked_apply(work->job, &notes, &work->settings, report);
	if (ceiling_lower(work->job->ceiling, &work->settings))
		report_say(report, "%s", work->job->ceiling_reason);
	(void)snprintf(report->type, sizeof(report->type), "%s",
		       dump_type_name(work->settings.type)); /* every name fits */
	r = handle_named(work, core, &notes);
	if (r < 0) {
		report->outcome = REPORT_FAILED;
		report->size_dump = report->size_header = 0;
		report_say(report, "the dump cannot be written: %s", strerror(-r));
	}
	notes_done(&notes);
}

/*
 * What glibc does with the heap's memory needs no file: with arenas of its own a thread that frees
 * much asks /proc/sys/vm/overcommit_memory, and before 2.35 one that begins asks how many processors
 * there are.
 */
static void set_up_heap(void)
{
	(void)mallopt(M_ARENA_MAX, 1); /* cannot fail, as the next */
	/* glibc would raise it with the first large piece that is freed, and keep the next ones */
	(void)mallopt(M_MMAP_THRESHOLD, LARGE);
}

int worker_run(const struct worker_job *job, const struct worker_threads *threads,
	       const struct anchor *anchor, const char *const notices[WORKER_NOTICES])
{
	struct work work = { .job = job,
			     .pool = threads->pool,
			     .stock = threads->stock,
			     .anchor = *anchor };
	struct core core;
	int r;

	set_up_heap();
	report_init(&work.report);
	for (size_t i = 0; i < WORKER_NOTICES; i++)
		if (notices[i])
			report_say(&work.report, "%s", notices[i]);
	core_init(&core);
	r = source_open(ISOLATE_CORE, &work.source);
	if (r == 0)
		r = header_read(&work.source, &core);
	if (r == 0)
		handle_core(&work, &core);
	else
		header_say(&work.report, &core, &work.source, r);
	work.report.size_received = source_received(&work.source);
	source_release(&work.source);
	if (work.report.held < 0) /* nothing was stored */
		work.report.held = clock_usec(CLOCK_MONOTONIC) - job->start;
	return report_send(ISOLATE_REPORT, &work.report) < 0;
}
