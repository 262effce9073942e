/* SPDX-License-Identifier: MIT */
/*
 * What the kernel starts when a program crashes. Theory of operation, in the order of main():
 *
 *   1. isolate   descriptors, non-dumpable, few capabilities        handler/isolate.c
 *   2. args      argv -> struct args                                handler/args.c
 *   3. config    dumpd.conf                                         config/config.c
 *   4. process   first facts of /proc/PID, while the kernel holds it  handler/process.c
 *   5. load      how much it may cost; a slot, for which it waits   handler/load.c
 *   6. details   a child reads the other facts, within a time       handler/process_details.c
 *      opening   meanwhile: the store, an unnamed file              handler/opening.c
 *   7. child     a worker without rights reads the core             handler/child.c
 *                the parent gives up what rights it had left        handler/isolate.c
 *                and ends a worker that hangs                       handler/watch.c
 *                  core    headers and notes                        filter/core.c
 *                  window  memory that the plan may look at         handler/window.c
 *                  plan    which memory stays                       filter/plan.c
 *                  held    process let go; memory -> frames         handler/held.c
 *                  write   frames, drop map, seek table             handler/write.c
 *                of what a killed one wrote a second makes a dump   handler/mend.c
 *   8. facts     arguments, notes, /proc -> the record              handler/facts.c
 *   9. access    who may read the dump                              handler/access.c
 *      keep      record into the file, fsync, name                  handler/keep.c
 *  10. announce  the journal entry                                  handler/announce.c
 *  11. disk      old dumps make room                                handler/disk.c
 *
 * Whatever fails, the later stages still run, so that a record is left: dumpd(8) has the exit
 * codes.
 */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "config/ask.h"
#include "config/config.h"
#include "handler/access.h"
#include "handler/announce.h"
#include "handler/args.h"
#include "handler/available.h"
#include "handler/child.h"
#include "handler/disk.h"
#include "handler/facts.h"
#include "handler/isolate.h"
#include "handler/keep.h"
#include "handler/load.h"
#include "handler/opening.h"
#include "handler/priority.h"
#include "handler/process.h"
#include "handler/process_container.h"
#include "handler/process_details.h"
#include "handler/process_end.h"
#include "handler/process_names.h"
#include "handler/process_sender.h"
#include "handler/tell.h"
#include "handler/watch.h"
#include "store/publish.h"

struct handler {
	bool to_stderr;
	int rights; /* of isolate_reader() */
	struct facts_start start;
	struct args args;
	struct config *config;
	struct process process;
	struct process_details details;
	struct settings settings;
	struct load load;
	int store_fd, file_fd;
	bool worker_left; /* a worker does not end, and may still write to the file */
	char no_store[PATH_MAX + 256];
	struct disk disk;
	struct report report;
	struct record record;
};

/* The store must be known before the core is read; its directory is no executable's choice. */
static void open_store(struct handler *h)
{
	struct opened opened = { .runtime_fd = h->load.runtime_fd };
	const char *reason;
	int r = opening_try(&h->settings, &opened, &reason);

	h->store_fd = opened.store_fd;
	h->file_fd = opened.file_fd;
	h->disk = opened.disk;
	if (r == 0)
		return;
	(void)snprintf(h->no_store, sizeof(h->no_store), "%s: %s (%s)",
		       h->settings.directory, reason, strerror(-r)); /* cut is as good */
}

/* exe: as the record has it. */
static struct config_subject subject_of(const struct handler *h, const char *exe)
{
	return (struct config_subject){
		.exe = exe,
		.unit = h->process.unit,
		.user_unit = h->process.user_unit,
		.cgroup = h->process.cgroup,
		.uid = h->args.uid != ARGS_UNKNOWN ? h->args.uid : h->process.uid,
	};
}

static const char *asked_by(const struct process *process)
{
	const struct blob *environment = &process->files[PROCESS_ENVIRON];

	return environment->n ? ask_find(environment->bytes, environment->n) : NULL;
}

static struct load_ask load_ask(const struct handler *h)
{
	return (struct load_ask){
		.config = h->config,
		.subject = subject_of(h, h->process.exe),
		.asked = asked_by(&h->process),
		.process = &h->process,
		.comm = process_names_shown(&h->args, &h->process),
	};
}

static void weigh(struct handler *h)
{
	const struct load_ask ask = load_ask(h);

	load_weigh(&ask, &h->load);
}

/* The worker's own are by the core's notes, which tell the same but of who lies about it. */
static void settings_of(const struct handler *h, struct settings *ret)
{
	const struct config_subject subject = subject_of(h, h->process.exe);

	config_resolve(h->config, &subject, ret, NULL);
}

/* What the dump needs, all at the same time. */
static void prepare(struct handler *h)
{
	struct settings settings;
	struct load_ask ask;

	settings_of(h, &settings);
	process_details_start(&h->args, &h->process, settings.deadline, &h->details);
	open_store(h);
	process_details_finish(&h->details, &h->process);
	if (h->load.stream_alone)
		process_memory_close_pages(&h->process.memory);
	ask = load_ask(h);
	load_weigh_asked(&ask, &h->load);
}

/*
 * A crash too many: no worker, nothing of the core, and only the short facts. What of the process'
 * strings is a secret is not known then, so all of them may be. Return: is a record due for it?
 */
static bool leave_record(struct handler *h)
{
	int64_t held;

	(void)close(STDIN_FILENO); /* read by nobody: the process is let go */
	held = clock_usec(CLOCK_MONOTONIC) - h->start.monotonic;
	process_memory_close(&h->process.memory);
	process_forget_files(&h->process);
	if (!load_record_due(&h->load))
		return false;
	load_report(&h->load, &h->report);
	h->report.held = held;
	return true;
}

static void say_end(struct handler *h)
{
	int pidfd = h->args.pidfd == ARGS_UNKNOWN ? -1 : (int)h->args.pidfd;
	enum process_end end = process_end_find(h->process.memory.status_fd, h->args.tid,
						pidfd, h->args.signal);

	report_say(&h->report, "%s", process_end_text(end));
}

static void say_missing(struct handler *h)
{
	_cleanup_free_ char *text = process_details_missing(&h->details, &h->process);

	if (text)
		report_say(&h->report, "%s", text);
}

/* left: of child_run(). */
static void take_worker(struct handler *h, pid_t left)
{
	int r = left ? load_note_left(&h->load, left, h->args.pid) : 0;

	h->worker_left = left != 0;
	if (h->load.stream_alone)
		load_say_stream(&h->load, &h->report);
	if (left)
		report_say(
			&h->report,
			"the worker, process %d, waits for a file system that does not answer, and "
			"keeps the dead process' memory until that does (see dumpctl status)",
			(int)left);
	if (r < 0)
		tell(h->to_stderr, "worker %d is left behind, and is not remembered: %s",
		     (int)left, strerror(-r));
}

static void run_worker(struct handler *h)
{
	const uint64_t available = available_memory(), present = h->process.present;
	struct settings settings;
	struct worker_job job = {
		.config = h->config,
		.subject = subject_of(h, h->process.exe),
		.asked = asked_by(&h->process),
		.dumpable = h->args.doubtful ? 0 : h->args.dumpable,
		.process = &h->process,
		.details = &h->details,
		.rlimit = h->args.rlimit != ARGS_UNKNOWN ? h->args.rlimit
							 : h->process.rlimit,
		.file_fd = h->file_fd,
		.no_store = h->no_store,
		.room = h->disk.room,
		.ceiling = h->load.ceiling,
		.ceiling_reason = h->load.reason,
		.available = available,
		.start = h->start.monotonic,
	};

	settings_of(h, &settings);
	job.deadline = settings.deadline;
	job.packing = watch_packing(present != UINT64_MAX ? present : available,
				    settings.compression_level);
	if (h->rights < 0)
		child_refuse(h->rights, &h->report);
	else
		take_worker(h, child_run(&job, &h->report));
	if (h->report.ended_early)
		say_end(h);
	say_missing(h);
	process_memory_close(&h->process.memory); /* the worker had it */
	if (h->report.hushed) {
		report_hush(&h->report);
		process_forget_strings(&h->process);
	}
}

static int make_record(struct handler *h)
{
	int r = facts_record(&h->start, &h->args, &h->process, &h->report, &h->record);
	const struct config_subject subject = subject_of(h, h->record.exe);

	if (r == 0)
		r = process_container_record(h->process.cgroup, &h->record);
	if (r < 0)
		return r;
	process_sender_record(&h->process, &h->report, &h->record);
	if (h->load.repeated)
		h->record.repeated = (int64_t)h->load.repeated;
	config_resolve(h->config, &subject, &h->settings, NULL);
	return facts_config_problems(h->config, &h->record);
}

static int keep(struct handler *h)
{
	struct access_facts access;
	const struct keep keep = {
		.directory = h->settings.directory,
		.name_template = h->settings.name_template,
		.store_fd = h->store_fd,
		.file_fd = h->file_fd,
		.access = &access,
		.report = &h->report,
	};

	access_collect(h->settings.access_owner, &h->args, &h->process, &access);
	access.worker_left = h->worker_left;
	facts_stop(&h->start, &h->record);
	if (h->report.outcome == REPORT_COMPLETE || h->report.outcome == REPORT_CUT)
		return keep_dump(&keep, &h->record);
	return 0;
}

static enum exit_code handle(struct handler *h)
{
	const struct announcement announcement = {
		.record = &h->record,
		.process = &h->process,
		.settings = &h->settings,
		.to_stderr = h->to_stderr,
	};
	int r = config_load(h->args.config, &h->config);

	if (r == 0) {
		process_read(&h->args, &h->process);
		config_resolve(h->config, NULL, &h->settings, NULL);
		weigh(h);
		if (h->load.ceiling != CEILING_RECORD) {
			prepare(h);
			run_worker(h);
		} else if (!leave_record(h)) {
			return EXIT_DONE;
		}
		r = make_record(h);
	}
	if (r < 0) {
		tell(h->to_stderr, "process %d (%s) crashed and is lost: %s",
		     (int)h->args.pid, process_names_shown(&h->args, &h->process),
		     strerror(-r));
		return EXIT_LOST;
	}
	if (h->store_fd >= 0)
		load_wait_for_disk(&h->load);
	r = keep(h);
	if (r < 0 && !h->record.outcome)
		return EXIT_LOST;
	return announce(&announcement);
}

/* Or would have: where there was no room, the next crash shall find some. */
static bool took_space(const struct handler *h)
{
	const struct record *record = &h->record;

	return h->store_fd >= 0 &&
	       (record->filename ||
		(record->outcome && strcmp(record->outcome, OUTCOME_FAILED) == 0));
}

static void make_room(const struct handler *h)
{
	const struct disk_place place = { h->store_fd, h->load.runtime_fd, &h->settings };

	if (took_space(h))
		disk_vacuum(&place, &h->disk, h->to_stderr);
}

static void handler_done(struct handler *h)
{
	record_done(&h->record);
	process_done(&h->process);
	load_done(&h->load);
	config_free(h->config);
	cleanup_fd(&h->file_fd);
	cleanup_fd(&h->store_fd);
}

/* No descriptor may be used, nor may the core be read: this is all that is left of the crash. */
static enum exit_code cannot_begin(int argc, char **argv, int error)
{
	struct args args;
	const char *reason;

	if (args_parse(argc, argv, &args, &reason) < 0)
		tell(false, "a crash is lost: the handler cannot begin: %s",
		     strerror(-error));
	else
		tell(false,
		     "process %d (%s) crashed and is lost: the handler cannot begin: %s",
		     (int)args.pid, args.comm, strerror(-error));
	return EXIT_LOST;
}

int main(int argc, char **argv)
{
	struct handler h = { .store_fd = -1, .file_fd = -1 };
	const char *reason;
	enum exit_code code;
	int r;

	facts_start(&h.start);
	record_init(&h.record);
	process_init(&h.process);
	load_init(&h.load);
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return puts("dumpd " DUMPD_VERSION) < 0;
	r = isolate_start(&h.to_stderr);
	if (r < 0)
		return cannot_begin(argc, argv, r);
	h.rights = isolate_reader();
	priority_expendable();
	if (args_parse(argc, argv, &h.args, &reason) < 0) {
		tell(h.to_stderr,
		     "usage: dumpd [--config=FILE] PID SIGNAL COMM [-dN -uN -gN -cN -tN -IN "
		     "-FN]: %s (%d arguments came); see dumpd(8)",
		     reason, argc - 1);
		return EXIT_USAGE;
	}
	code = handle(&h);
	cleanup_fd(&h.load.slot_fd); /* others are held until they have it */
	make_room(&h);
	handler_done(&h);
	return code;
}
