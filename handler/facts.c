/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/io.h"
#include "handler/facts.h"
#include "handler/process_names.h"
#include "store/record_list.h"
#include "store/valid.h"

/* Between the kernel's %t and the handler's first line: exec under load, not more. */
#define START_SECONDS 10

void facts_start(struct facts_start *ret)
{
	ret->realtime = clock_usec(CLOCK_REALTIME);
	ret->monotonic = clock_usec(CLOCK_MONOTONIC);
}

void facts_stop(const struct facts_start *start, struct record *record)
{
	record->duration = clock_usec(CLOCK_MONOTONIC) - start->monotonic;
}

int64_t facts_timestamp(int64_t kernel_seconds, int64_t handler_usec)
{
	int64_t seconds = handler_usec / 1000000;

	if (kernel_seconds < 0 ||
	    (seconds >= kernel_seconds && seconds - kernel_seconds <= START_SECONDS))
		return handler_usec;
	return kernel_seconds * 1000000;
}

/* Copy a text that is known. */
static int set(char **member, const char *text)
{
	if (!text || !*text)
		return 0;
	free(*member);
	*member = strdup(text);
	return *member ? 0 : -ENOMEM;
}

static int64_t known(int64_t a, int64_t b, int64_t otherwise)
{
	if (a >= 0)
		return a;
	return b >= 0 ? b : otherwise;
}

/* 48 random bits; the first digit a letter, so that an id is never a number. */
static int set_id(struct record *record)
{
	uint8_t random[6] = { 0 };

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return -EIO;
	free(TAKE_PTR(record->id));
	if (asprintf(&record->id, "%c%01x%02x%02x%02x%02x%02x", "abcdef"[random[0] % 6],
		     (random[0] >> 4) & 15, random[1], random[2], random[3], random[4],
		     random[5]) < 0) {
		record->id = NULL;
		return -ENOMEM;
	}
	return 0;
}

/* e3a9b6e2-4e4d-4f6b-9a3e-2f6d1c0b7a55 */
static int set_boot_id(struct record *record)
{
	_cleanup_free_ char *text = NULL;
	char id[33];
	size_t n, used = 0;

	if (io_read_file(AT_FDCWD, "/proc/sys/kernel/random/boot_id", 64, &text, &n) < 0)
		return 0;
	for (const char *p = text; *p && used < sizeof(id) - 1; p++) {
		if (*p != '-' && *p != '\n')
			id[used++] = *p;
	}
	id[used] = '\0';
	return set(&record->boot_id, id);
}

static int set_hostname(struct record *record)
{
	char name[256] = "";

	if (gethostname(name, sizeof(name) - 1) < 0)
		return 0;
	return set(&record->hostname, name);
}

static int set_signal(struct record *record, const struct args *args,
		      const struct report *report)
{
	char name[24];
	const char *abbreviation;
	int number;

	record->signal = known(args->signal, report->signal, 0);
	number = (int)record->signal;
	abbreviation = sigabbrev_np(number);
	if (abbreviation)
		(void)snprintf(name, sizeof(name), "SIG%s", abbreviation);
	else if (number >= SIGRTMIN && number <= SIGRTMAX)
		(void)snprintf(name, sizeof(name), "SIGRTMIN+%d", number - SIGRTMIN);
	else
		(void)snprintf(name, sizeof(name), "%d", number);
	return set(&record->signal_name, name);
}

static int set_fault(struct record *record, const struct report *report)
{
	char text[24] = "";
	int r;

	if (!report->has_siginfo)
		return 0;
	record->signal_code = report->signal_code;
	if (report->has_address)
		(void)snprintf(text, sizeof(text), "0x%" PRIx64, report->fault_address);
	r = set(&record->code_name, report->code_name);
	if (r == 0)
		r = set(&record->fault_address, text);
	return r == 0 ? set(&record->fault, report->fault) : r;
}

/*
 * Each argument quoted, a space between. Empty ones at the end are left out as systemd does, for what a program
 * writes over its arguments as a title is often padded by NULs.
 */
static char *quote_arguments(const char *bytes, size_t n)
{
	char *line = NULL;
	size_t size;
	FILE *out = open_memstream(&line, &size);
	bool failed = false;

	if (!out)
		return NULL;
	while (n > 0 && bytes[n - 1] == '\0')
		n--;
	for (size_t at = 0; at < n && !failed;) {
		size_t length = strnlen(bytes + at, n - at);
		_cleanup_free_ char *word = escape_shell(bytes + at, length);

		failed = !word;
		fprintf(out, "%s%s", at ? " " : "", word ? word : "");
		at += length + 1;
	}
	line = io_close_text(out, &line);
	if (failed)
		free(TAKE_PTR(line));
	return line;
}

/* NT_PRPSINFO has the first 79 bytes, with spaces for NULs: what was one argument is not to be told. */
static int set_psargs(struct record *record, const struct report *report)
{
	size_t n = strlen(report->psargs);

	while (n > 0 && report->psargs[n - 1] == ' ')
		n--;
	if (n > 0)
		record->cmdline = strndup(report->psargs, n);
	return n == 0 || record->cmdline ? 0 : -ENOMEM;
}

/* A program that wrote a title over its arguments has none of its own any more, and often no NUL at the end. */
static int set_cmdline(struct record *record, const struct process *process,
		       const struct report *report)
{
	const struct blob *blob = &process->files[PROCESS_CMDLINE];

	if (blob->n == 0)
		return set_psargs(record, report);
	record->cmdline = quote_arguments(blob->bytes, blob->n);
	if (!record->cmdline)
		return -ENOMEM;
	if (blob->cut || blob->bytes[blob->n - 1] != '\0')
		return 0;
	record->arguments = record_list_make(blob->bytes, blob->n);
	return record->arguments ? 0 : -ENOMEM;
}

static void set_numbers(struct record *record, const struct args *args,
			const struct process *process, const struct report *report)
{
	bool same_namespace = report->namespace_pid == args->pid;

	record->pid = args->pid;
	record->tid = known(args->tid, same_namespace ? report->namespace_tid : -1,
			    RECORD_UNKNOWN);
	record->uid = known(args->uid, process->uid, RECORD_UNKNOWN);
	record->gid = known(args->gid, process->gid, RECORD_UNKNOWN);
	record->rlimit = known(args->rlimit, process->rlimit, RECORD_UNKNOWN);
	record->dumpable = known(args->dumpable, -1, RECORD_UNKNOWN);
	record->owner_uid = known(process->owner_uid, -1, RECORD_UNKNOWN);
	record->verified = process->verified && !args->doubtful;
	if (report->has_notes)
		record->threads = (int64_t)report->threads;
}

static int set_names(struct record *record, const struct args *args,
		     const struct process *process, const struct report *report)
{
	struct process_names names;
	int r;

	process_names_choose(args, process, report, &names);
	r = set(&record->comm,
		names.process && names.process[0] ? names.process : "unknown");
	if (r == 0)
		r = set(&record->thread_name, names.thread);
	if (r == 0)
		r = set(&record->exe, names.exe);
	if (r == 0)
		r = set(&record->exe_in_core, names.exe_in_core);
	return r;
}

static int set_texts(struct record *record, const struct process *process,
		     const struct report *report)
{
	const struct {
		char **member;
		const char *text;
	} texts[] = {
		{ &record->cwd, process->cwd },
		{ &record->unit, process->unit },
		{ &record->user_unit, process->user_unit },
		{ &record->slice, process->slice },
		{ &record->session, process->session },
		{ &record->cgroup, process->cgroup },
		{ &record->arch, report->arch },
		{ &record->asked, report->asked },
		{ &record->build_id, report->build_id },
		{ &record->modules, report->modules },
		{ &record->data_files, report->data_files },
	};
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(texts) && r == 0; i++)
		r = set(texts[i].member, texts[i].text);
	if (r == 0 && process->own_mount_namespace >= 0)
		r = set(&record->mount_namespace, process->own_mount_namespace
							  ? RECORD_NAMESPACE_OWN
							  : RECORD_NAMESPACE_HOST);
	if (r == 0 && process->root && strcmp(process->root, "/") != 0)
		r = set(&record->root, process->root);
	return r;
}

static void set_result_numbers(struct record *record, const struct report *report)
{
	bool dumped = report->size_dump > 0;

	if (report->size_core)
		record->size_core = (int64_t)report->size_core;
	record->size_received = (int64_t)report->size_received;
	record->size_memory = (int64_t)report->size_memory;
	record->size_dump = dumped ? (int64_t)report->size_dump : RECORD_UNKNOWN;
	record->size_header = dumped ? (int64_t)report->size_header : RECORD_UNKNOWN;
	record->held = known(report->held, -1, RECORD_UNKNOWN);
	record->planning = known(report->planning, -1, RECORD_UNKNOWN);
	record->truncated = report->outcome == REPORT_CUT ? 1 : RECORD_UNKNOWN;
}

/* A dump that is made anew keeps what was. */
static int set_release(struct record *record, const struct report *report)
{
	int r;

	if (report->release >= RELEASE_WAYS)
		return 0;
	free(TAKE_PTR(record->release));
	free(TAKE_PTR(record->release_reason));
	r = set(&record->release, release_way_name(report->release));
	return r == 0 ? set(&record->release_reason, report->release_reason) : r;
}

int facts_result(const struct report *report, struct record *record)
{
	static const char *const words[REPORT_OUTCOMES] = {
		[REPORT_FAILED] = OUTCOME_FAILED,
		[REPORT_RECORD] = OUTCOME_RECORD,
		[REPORT_COMPLETE] = OUTCOME_COMPLETE,
		[REPORT_CUT] = OUTCOME_CUT,
	};
	const struct {
		char **member;
		const char *text;
	} texts[] = {
		{ &record->type, report->type },
		{ &record->reason, report->reason },
		{ &record->texts, report->texts },
		{ &record->version, DUMPD_VERSION },
		{ &record->outcome, words[report->outcome] },
	};
	int r = set_id(record);

	for (size_t i = 0; i < ARRAY_SIZE(texts) && r == 0; i++) {
		free(TAKE_PTR(*texts[i].member));
		r = set(texts[i].member, texts[i].text);
	}
	if (r == 0)
		r = set_release(record, report);
	set_result_numbers(record, report);
	return r;
}

/* The worker has read hostile bytes: what its reader would refuse is not written. */
static void drop_impossible(struct record *record)
{
	for (size_t i = 0; i < record_field_count; i++) {
		const struct record_field *field = &record_fields[i];

		if (field->kind == RECORD_NUMBER &&
		    !record_number_valid(field, record_number(record, field)))
			record_set_number(record, field, RECORD_UNKNOWN);
	}
}

int facts_record(const struct facts_start *start, const struct args *args,
		 const struct process *process, const struct report *report,
		 struct record *record)
{
	int r = facts_result(report, record);

	record->timestamp = facts_timestamp(args->time, start->realtime);
	set_numbers(record, args, process, report);
	if (r == 0)
		r = set_boot_id(record);
	if (r == 0)
		r = set_hostname(record);
	if (r == 0)
		r = set_signal(record, args, report);
	if (r == 0)
		r = set_fault(record, report);
	if (r == 0)
		r = set_cmdline(record, process, report);
	if (r == 0)
		r = set_names(record, args, process, report);
	if (r == 0)
		r = set_texts(record, process, report);
	drop_impossible(record);
	facts_scrub(record);
	return r;
}

void facts_scrub(struct record *record)
{
	if (!record->type || strcmp(record->type, "triage") != 0)
		return;
	free(TAKE_PTR(record->cmdline));
	free(TAKE_PTR(record->arguments));
	free(TAKE_PTR(record->cwd));
	free(TAKE_PTR(record->texts));
}

int facts_config_problems(const struct config *config, struct record *record)
{
	size_t count = config_problem_count(config);
	size_t size;
	FILE *out;

	if (count == 0)
		return 0;
	out = open_memstream(&record->config_problems, &size);
	if (!out)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s%s", i ? "\n" : "", config_problem(config, i));
	return fclose(out) != 0 ? -ENOMEM : 0;
}
