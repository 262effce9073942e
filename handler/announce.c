/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "handler/announce.h"
#include "handler/tell.h"
#include "store/journal.h"

/* 10,000 mappings: what an entry of the journal should carry, not what the handler knows. */
#define MAPS_MAX (1u << 20)

struct file_field {
	enum process_file file;
	const char *name;
};

static const struct file_field file_fields[] = {
	{ PROCESS_STATUS, "COREDUMP_PROC_STATUS" },
	{ PROCESS_MAPS, "COREDUMP_PROC_MAPS" },
	{ PROCESS_LIMITS, "COREDUMP_PROC_LIMITS" },
	{ PROCESS_CGROUP, "COREDUMP_PROC_CGROUP" },
	{ PROCESS_MOUNTINFO, "COREDUMP_PROC_MOUNTINFO" },
	{ PROCESS_AUXV, "COREDUMP_PROC_AUXV" },
};

/* systemd-coredump's form: one NAME=value a line. */
static char *lines_of(const struct blob *environment)
{
	char *lines = malloc(environment->n + 1);

	for (size_t i = 0; lines && i < environment->n; i++) {
		lines[i] = environment->bytes[i];
		if (lines[i] == '\0')
			lines[i] = '\n';
	}
	return lines;
}

static int send(const struct record *record, const struct process *process,
		bool with_environ)
{
	struct journal_extra extra[ARRAY_SIZE(file_fields) + 2];
	const struct blob *environment = &process->files[PROCESS_ENVIRON];
	_cleanup_free_ char *lines = NULL;
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(file_fields); i++) {
		const struct blob *blob = &process->files[file_fields[i].file];

		if (blob->n)
			extra[n++] =
				(struct journal_extra){ file_fields[i].name, blob->bytes,
							blob->n < MAPS_MAX ? blob->n
									   : MAPS_MAX };
	}
	if (process->open_fds.n)
		extra[n++] = (struct journal_extra){ "COREDUMP_OPEN_FDS",
						     process->open_fds.bytes,
						     process->open_fds.n };
	if (with_environ && environment->n) {
		lines = lines_of(environment);
		if (!lines)
			return -ENOMEM;
		extra[n++] = (struct journal_extra){ "COREDUMP_ENVIRON", lines,
						     environment->n };
	}
	return journal_send_crash(record, extra, n);
}

static enum exit_code outcome_code(const struct record *record)
{
	if (strcmp(record->outcome, OUTCOME_FAILED) == 0)
		return EXIT_RECORD;
	return strcmp(record->outcome, OUTCOME_CUT) == 0 ? EXIT_CUT : EXIT_DONE;
}

/* Who reads the journal's socket, or holds it: with them the entry may go, too. */
static bool is_journals(const struct record *record)
{
	return record->pid == 1 || (record->uid == 0 && record->comm &&
				    strcmp(record->comm, "systemd-journal") == 0);
}

static void say_kernel(const struct announcement *announcement, const char *why)
{
	const struct record *record = announcement->record;

	tell_kernel(announcement->to_stderr, "process %d (%s) crashed, %s; %s%s%s",
		    (int)record->pid, record->comm,
		    record->filename ? record->filename : "no dump is stored", why,
		    record->reason ? ": " : "", record->reason ? record->reason : "");
}

enum exit_code announce(const struct announcement *announcement)
{
	const struct record *record = announcement->record;
	int r = send(record, announcement->process,
		     announcement->settings->store_environment);
	char why[128];

	if (r == 0) {
		if (is_journals(record))
			say_kernel(announcement, "its entry of the journal may be lost");
		else if (record->reason && announcement->to_stderr)
			(void)fprintf(stderr, "dumpd: %s\n", record->reason);
		return outcome_code(record);
	}
	(void)snprintf(why, sizeof(why), "the journal could not be told (%s)",
		       strerror(-r)); /* cut is as good */
	say_kernel(announcement, why);
	return record->filename ? EXIT_NO_JOURNAL : EXIT_LOST;
}
