/* SPDX-License-Identifier: MIT */
/*
 * What the kernel and the crashed program say on the command line, and the file name that comes of
 * it. Input: texts with a NUL behind each: the template, then arguments.
 *
 * Whatever comes: numbers are what the kernel can mean, the name is one that no shell and no
 * file system takes for anything else, and it can be turned back.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/unit/table.h"

#include "base/escape.h"
#include "config/keys.h"
#include "config/name_template.h"
#include "handler/args.h"
#include "store/name.h"

#define ARGUMENTS_MAX 64
#define PLAIN	      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* Of so many bytes each may take three characters of a name (VALUE_MAX of store/name.c). */
#define WHOLE_MAX 32

static void assert_option(int64_t value, int64_t most)
{
	assert_true(value == ARGS_UNKNOWN || (value >= 0 && value <= most));
}

static void check_args(const struct args *args)
{
	assert_in_range(args->pid, 1, INT32_MAX);
	assert_option(args->signal, 64);
	assert_option(args->dumpable, 2);
	assert_option(args->uid, UINT32_MAX);
	assert_option(args->gid, UINT32_MAX);
	assert_option(args->rlimit, INT64_MAX);
	assert_option(args->time, INT64_C(253402300799));
	assert_option(args->tid, INT32_MAX);
	assert_option(args->pidfd, INT32_MAX);
	assert_non_null(args->comm);
}

/* Whether all is of these characters, and not too long. */
static bool consists_of(const char *text, const char *characters)
{
	size_t n = strlen(text);

	return n >= 1 && n <= NAME_MAX_STEM && strspn(text, characters) == n;
}

/* core.COMM.UID.BOOTID.PID.USEC: no value has a dot. */
static void check_reversible(const char *name, const char *comm)
{
	const char *value = name + strlen("core."), *end;
	_cleanup_free_ char *escaped = NULL;
	_cleanup_free_ char *bytes = NULL;
	size_t n = strlen(comm);

	assert_int_equal(strncmp(name, "core.", 5), 0);
	end = strchr(value, '.');
	assert_non_null(end);
	escaped = strndup(value, (size_t)(end - value));
	assert_non_null(escaped);
	if (n == 0 || n > WHOLE_MAX)
		return;
	bytes = escape_name_undo(escaped, &n);
	assert_non_null(bytes);
	assert_int_equal(n, strlen(comm));
	assert_memory_equal(bytes, comm, n);
}

static void check_names(const char *template, const struct args *args, const char *exe)
{
	struct record record;
	const struct name_facts facts = { &record, RECORD_UNKNOWN, args->tid };
	_cleanup_free_ char *usual = NULL;
	_cleanup_free_ char *named = NULL;

	record_init(&record);
	record.pid = args->pid;
	record.uid = args->uid == ARGS_UNKNOWN ? RECORD_UNKNOWN : args->uid;
	record.timestamp = args->time == ARGS_UNKNOWN ? RECORD_UNKNOWN
						      : args->time * 1000000;
	record.comm = strdup(args->comm);
	record.exe = strdup(exe);
	assert_true(record.comm && record.exe);
	usual = name_expand(keys[SETTING_NAME_TEMPLATE].value, &facts);
	named = name_expand(template, &facts);
	assert_true(usual && named);
	assert_true(consists_of(usual, PLAIN "_.+%-"));
	assert_true(consists_of(named, PLAIN "_.+%-@:,="));
	assert_true(usual[0] != '.' && named[0] != '.');
	check_reversible(usual, args->comm);
	record_done(&record);
}

/* Both ways of escaping, there and back. */
static void check_escapes(const char *text)
{
	_cleanup_free_ char *shown = escape_text(text, strlen(text));
	_cleanup_free_ char *named = escape_name(text, strlen(text));
	_cleanup_free_ char *shown_back = NULL;
	_cleanup_free_ char *named_back = NULL;
	size_t shown_n, named_n;

	assert_true(shown && named);
	for (const char *p = shown; *p; p++)
		assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
	shown_back = escape_text_undo(shown, &shown_n);
	named_back = escape_name_undo(named, &named_n);
	assert_true(shown_back && named_back);
	assert_int_equal(shown_n, strlen(text));
	assert_int_equal(named_n, strlen(text));
	assert_string_equal(shown_back, text);
	assert_string_equal(named_back, text);
}

void fuzz_one(struct input in)
{
	char program[] = "dumpd", *arguments[ARGUMENTS_MAX + 2] = { program };
	char *template = input_text(&in);
	const char *reason = NULL;
	struct args args;
	int count = 1;

	while (in.n > 0 && count <= ARGUMENTS_MAX)
		arguments[count++] = input_text(&in);
	if (args_parse(count, arguments, &args, &reason) == 0) {
		check_args(&args);
		check_names(template, &args, arguments[count - 1]);
		check_escapes(args.comm);
	} else {
		assert_non_null(reason);
	}
	(void)name_template_check(template); /* any answer: it must not crash */
	for (int i = 1; i < count; i++)
		free(arguments[i]);
	free(template);
}
