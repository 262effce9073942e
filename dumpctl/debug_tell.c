/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "dumpctl/debug_tell.h"
#include "handler/isolate_debugger.h"

/* More than anybody reads. */
#define LINES_MAX 40

static char *hex(const struct build_id *id)
{
	char *text = malloc(2 * BUILD_ID_MAX + 1);

	for (size_t i = 0; text && i < id->n; i++)
		(void)snprintf(&text[2 * i], 3, "%02x", id->bytes[i]); /* fits */
	if (text)
		text[2 * (size_t)id->n] = '\0';
	return text;
}

/* "build-id A, was B", as far as there are any. */
static char *difference(const struct debug_choice *choice)
{
	const struct build_id *was = &choice->module->build_id;
	const struct build_id *is = &choice->file.build_id;
	_cleanup_free_ char *a = hex(is), *b = hex(was);
	char *text;
	int r;

	if (!a || !b)
		return NULL;
	if (was->state != BUILD_ID_FOUND)
		return strdup(
			"the crashed one has no build-id, and the first pages differ");
	if (is->state != BUILD_ID_FOUND)
		r = asprintf(&text, "no build-id, was %s", b);
	else
		r = asprintf(&text, "build-id %s, was %s", a, b);
	return r < 0 ? NULL : text;
}

static const char was_deleted[] =
	"it was replaced or removed before the crash, and has no build-id";
static const char was_foreign[] =
	"it has no build-id, and the process was in another mount namespace";

static char *barred(const struct debug_choice *choice)
{
	char *text;

	if (choice->file.error == -EACCES)
		return strdup("user " ISOLATE_DEBUGGER_USER " may not read it");
	return asprintf(&text,
			"user " ISOLATE_DEBUGGER_USER
			" may not read it, and it cannot be handed over: %s",
			strerror(-choice->file.error)) < 0
		       ? NULL
		       : text;
}

/* Why the debugger does not see it. */
static char *reason(const struct debug_choice *choice)
{
	if (choice->barred)
		return barred(choice);
	switch (choice->file.verdict) {
	case DEBUG_OTHER:
		return difference(choice);
	case DEBUG_UNKNOWN:
		return strdup("the dump has neither its build-id nor its first page");
	case DEBUG_UNVERIFIED:
		return strdup(choice->deleted ? was_deleted : was_foreign);
	default:
		if (strncmp(choice->path, "/memfd:", 7) == 0)
			return strdup("it was a file in memory");
		return strdup(choice->file.error == -EMEDIUMTYPE ? "it is not a file"
			      : choice->file.error == -ENOENT
				      ? "it is not there"
				      : strerror(-choice->file.error));
	}
}

/* The file that was looked at, or would have been. */
static char *name_of(const struct debug_choice *choice)
{
	const char *name = choice->file.path ? choice->file.path : choice->plain;

	return escape_text(name, strlen(name));
}

static void tell_program(const struct debug_choice *choice)
{
	_cleanup_free_ char *name = name_of(choice);
	_cleanup_free_ char *why = reason(choice);

	if (!name || !why)
		return;
	if (choice->file.verdict == DEBUG_OTHER)
		fprintf(stderr,
			"dumpctl debug: %s is not the program that crashed (%s): the "
			"core is opened without it\n",
			name, why);
	else
		fprintf(stderr,
			"dumpctl debug: without the executable %s (%s): only the core is "
			"opened\n",
			name, why);
}

static bool is_missing(const struct debug_choices *choices,
		       const struct debug_choice *choice)
{
	return choice->module && !choice->shown && !choice->barred &&
	       choice != choices->program;
}

static size_t count_missing(const struct debug_choices *choices)
{
	size_t n = 0;

	for (size_t i = 0; i < choices->count; i++)
		n += is_missing(choices, &choices->list[i]);
	return n;
}

static void tell_missing(const struct debug_choices *choices)
{
	size_t missing = count_missing(choices), told = 0;

	if (missing == 0)
		return;
	fputs("dumpctl debug: the debugger does not see these files, as they are not what was "
	      "mapped:\n",
	      stderr);
	for (size_t i = 0; i < choices->count && told < LINES_MAX; i++) {
		const struct debug_choice *choice = &choices->list[i];
		_cleanup_free_ char *name = NULL, *why = NULL;

		if (!is_missing(choices, choice))
			continue;
		told++;
		name = name_of(choice);
		why = reason(choice);
		fprintf(stderr, "dumpctl debug:   %s: %s\n", name ? name : "",
			why ? why : "");
	}
	if (missing > told)
		fprintf(stderr, "dumpctl debug:   and %zu more\n", missing - told);
}

/* In one line. */
static void tell_those(const struct debug_choices *choices, const char *what,
		       bool (*are)(const struct debug_choice *choice))
{
	size_t told = 0;

	for (size_t i = 0; i < choices->count && told < LINES_MAX; i++) {
		const struct debug_choice *choice = &choices->list[i];
		_cleanup_free_ char *name = NULL;

		if (!are(choice))
			continue;
		name = name_of(choice);
		fprintf(stderr, "%s %s", told ? "," : what, name ? name : "");
		told++;
	}
	if (told)
		fputc('\n', stderr);
}

static bool is_unverified(const struct debug_choice *choice)
{
	return choice->shown && choice->file.verdict == DEBUG_UNVERIFIED;
}

static bool is_handed_over(const struct debug_choice *choice)
{
	return choice->given;
}

/* Return: of how many modules that was told. */
static size_t tell_barred(const struct debug_choices *choices)
{
	size_t modules = 0, told = 0;

	for (size_t i = 0; i < choices->count; i++) {
		const struct debug_choice *choice = &choices->list[i];
		_cleanup_free_ char *name = NULL, *why = NULL;

		if (!choice->barred || choice == choices->program)
			continue;
		modules += choice->module != NULL;
		if (++told > LINES_MAX)
			continue;
		name = name_of(choice);
		why = barred(choice);
		fprintf(stderr, "dumpctl debug: without %s: %s\n", name ? name : "",
			why ? why : "");
	}
	if (told > LINES_MAX)
		fprintf(stderr, "dumpctl debug: and without %zu more\n",
			told - LINES_MAX);
	return modules;
}

static size_t count_data(const struct debug_choices *choices, enum debug_data why)
{
	size_t n = 0;

	for (size_t i = 0; i < choices->count; i++) {
		const struct debug_choice *choice = &choices->list[i];

		n += !choice->module && !choice->shown && !choice->barred &&
		     choice->data == why && access(choice->path, F_OK) == 0;
	}
	return n;
}

/* Data that is there, and is not, or may not be, what it was. */
static void tell_data(const struct debug_choices *choices)
{
	static const struct {
		const char *one, *more;
	} words[DEBUG_DATA_COUNT] = {
		[DEBUG_DATA_CHANGED] = { "may have changed since the crash",
					 "may have changed since the crash" },
		[DEBUG_DATA_OTHER] = { "may be another than the one that was mapped",
				       "may be others than those that were mapped" },
		[DEBUG_DATA_UNTOLD] = { "is on a file system that does not tell of every change",
					"are on file systems that do not tell of every change" },
		[DEBUG_DATA_UNRECORDED] = { "may be another: the dump does not tell which was mapped",
					    "may be others: the dump does not tell which were mapped" },
	};

	for (enum debug_data why = DEBUG_DATA_CHANGED; why < DEBUG_DATA_COUNT; why++) {
		size_t n = count_data(choices, why);

		if (n)
			fprintf(stderr,
				"dumpctl debug: %zu mapped file%s of data %s; the debugger "
				"does not see %s\n",
				n, n == 1 ? "" : "s",
				n == 1 ? words[why].one : words[why].more,
				n == 1 ? "it" : "them");
	}
}

static void tell_advice(const struct debug_places *places, bool exe, size_t missing,
			size_t unreadable)
{
	if (!exe && !missing)
		; /* what is not read needs no other file */
	else if (places->foreign && !places->sysroot)
		fputs("dumpctl debug: the process was in another mount namespace (of a container, "
		      "or of its service): give the directory that has its files with "
		      "--sysroot=DIR\n",
		      stderr);
	else if (exe)
		fputs("dumpctl debug: give the right one with --exe=FILE, or a directory "
		      "that has it at its path with --sysroot=DIR\n",
		      stderr);
	else
		fputs("dumpctl debug: give a directory that has them at their paths with "
		      "--sysroot=DIR\n",
		      stderr);
	if (missing || exe || unreadable)
		fputs("dumpctl debug: frames in what is missing, and those below them, are guesses "
		      "of the debugger\n",
		      stderr);
}

static void tell_unknown(const struct record *record)
{
	const char *exe = record->exe ? record->exe : "";
	_cleanup_free_ char *name = escape_text(exe, strlen(exe));

	fprintf(stderr,
		"dumpctl debug: without the executable%s%s (%s): only the core is opened\n",
		exe[0] ? " " : "", name ? name : "",
		exe[0] ? "the dump does not tell where it was mapped"
		       : "it is not recorded");
}

void debug_tell(const struct debug_choices *choices, const struct record *record,
		const struct debug_places *places)
{
	const struct debug_choice *program = choices->program;
	size_t missing = count_missing(choices), unreadable;

	if (!program)
		tell_unknown(record);
	else if (!program->shown)
		tell_program(program);
	tell_missing(choices);
	tell_those(choices, "dumpctl debug: not verified, as they have no build-id:",
		   is_unverified);
	unreadable = tell_barred(choices);
	tell_those(choices,
		   "dumpctl debug: handed over, as user " ISOLATE_DEBUGGER_USER
		   " may not read:",
		   is_handed_over);
	tell_data(choices);
	tell_advice(places, !program || !program->shown, missing, unreadable);
}
