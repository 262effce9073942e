/* SPDX-License-Identifier: MIT */
#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "config/ask.h"
#include "handler/args.h"
#include "handler/asked.h"

/* So much of a word that is none of ours is shown. */
#define SHOWN_MAX 32

/*
 * Its environment may be another user's than its own: a set-user-ID program (AT_SECURE of
 * ld.so(8)) would let who starts it choose how much of it is stored. Dumpable (%d) is 1 where
 * ids never changed; a short core_pattern does not tell it, the notes always do AT_SECURE.
 */
static bool may_ask(const struct worker_job *job, const struct notes *notes)
{
	uint64_t secure;

	return notes_auxv(notes, AT_SECURE, &secure) && secure == 0 &&
	       (job->dumpable == ARGS_UNKNOWN || job->dumpable == 1);
}

static void say_unknown(const char *word, const struct settings *settings,
			struct report *report)
{
	char shown[SHOWN_MAX + 1];
	size_t n = strnlen(word, SHOWN_MAX);

	/* A line break in it would begin a line of ours. */
	for (size_t i = 0; i < n; i++) {
		shown[i] = word[i];
		if (word[i] <= ' ' || word[i] > '~')
			shown[i] = '?';
	}
	shown[n] = '\0';
	report_say(report,
		   "the process asked for Type=%s (" ASK_VARIABLE
		   "), which is no type: not followed, Type=%s holds",
		   shown, dump_type_name(settings->type));
}

static void say_refused(enum dump_type asked, const struct settings *settings,
			struct report *report)
{
	_cleanup_free_ char *allowed = ask_types_print(settings->ask_types);

	report_say(report,
		   "the process asked for Type=%s (" ASK_VARIABLE
		   "), AskTypes=%s does not allow it: not followed, Type=%s holds",
		   dump_type_name(asked), allowed ? allowed : "",
		   dump_type_name(settings->type));
}

static void apply(enum dump_type asked, struct settings *settings, struct report *report)
{
	enum dump_type configured = settings->type;

	(void)snprintf(report->asked, sizeof(report->asked), "%s",
		       dump_type_name(asked)); /* every name fits */
	if (!ask_apply(settings, asked)) {
		say_refused(asked, settings, report);
		return;
	}
	report_say(report,
		   "the process asked for Type=%s (" ASK_VARIABLE
		   "): followed, Type=%s is configured",
		   dump_type_name(asked), dump_type_name(configured));
}

void asked_apply(const struct worker_job *job, const struct notes *notes,
		 struct settings *settings, struct report *report)
{
	enum dump_type asked;

	if (!job->asked)
		return;
	if (!may_ask(job, notes))
		report_say(report, ASK_VARIABLE
			   " of the process is ignored: it may have been given "
			   "more rights than who set it");
	else if (dump_type_parse(job->asked, &asked) < 0)
		say_unknown(job->asked, settings, report);
	else
		apply(asked, settings, report);
}
