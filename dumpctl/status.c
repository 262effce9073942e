/* SPDX-License-Identifier: MIT */
/*
 * dumpctl status: would a crash be caught now; --test: make one and see.
 */
#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#include "base/escape.h"
#include "dumpctl/checks.h"
#include "dumpctl/selftest.h"
#include "dumpctl/verbs.h"

static const char *const state_names[] = {
	[CHECK_OK] = "ok",
	[CHECK_NOTE] = "note",
	[CHECK_PROBLEM] = "problem",
};

/* Paths, patterns and configuration lines may hold anything. */
static char *printable(const char *text)
{
	return text ? escape_text(text, strlen(text)) : NULL;
}

static void print_check(const struct check *check)
{
	_cleanup_free_ char *text = printable(check->text);
	_cleanup_free_ char *advice = printable(check->advice);

	printf("%-8s %s: %s\n", state_names[check->state], check->name,
	       text ? text : "out of memory");
	if (advice)
		printf("%-8s -> %s\n", "", advice);
}

static json_t *check_to_json(const struct check *check)
{
	_cleanup_free_ char *text = printable(check->text);
	_cleanup_free_ char *advice = printable(check->advice);

	return json_pack("{s:s, s:s, s:s?, s:s?}", "check", check->name, "state",
			 state_names[check->state], "text", text, "advice", advice);
}

static bool all_caught(const struct checks *checks)
{
	for (size_t i = 0; i < checks->count; i++)
		if (checks->list[i].state == CHECK_PROBLEM)
			return false;
	return true;
}

static int print_json(const struct checks *checks, const struct machine *machine)
{
	json_t *list = json_array();
	json_t *root;
	int r;

	for (size_t i = 0; i < checks->count; i++)
		if (json_array_append_new(list, check_to_json(&checks->list[i])) < 0)
			break;
	root = json_pack("{s:b, s:o, s:o}", "caught", all_caught(checks), "checks", list,
			 "load", load_to_json(&machine->load));
	if (!root)
		return -1;
	r = json_dumpf(root, stdout, JSON_INDENT(2));
	json_decref(root);
	putchar('\n');
	return r;
}

static int print(const struct checks *checks, const struct machine *machine, bool json)
{
	if (json) {
		if (print_json(checks, machine) == 0)
			return 0;
		fputs("dumpctl status: out of memory\n", stderr);
		return -1;
	}
	for (size_t i = 0; i < checks->count; i++)
		print_check(&checks->list[i]);
	return 0;
}

static int status(const char *config_file, bool test, bool json)
{
	_cleanup_machine_ struct machine machine = { .config = NULL };
	_cleanup_checks_ struct checks checks = { .count = 0 };

	if (machine_read(config_file, &machine) < 0) {
		fputs("dumpctl status: out of memory\n", stderr);
		return 1;
	}
	if (test) {
		checks.count = 1;
		selftest_run(&machine, &checks.list[0]);
	} else {
		checks_run(&machine, &checks);
	}
	if (print(&checks, &machine, json) < 0)
		return 1;
	return all_caught(&checks) ? 0 : 1;
}

static const char help[] =
	"Usage: dumpctl status [--test] [--json] [--config=FILE]\n"
	"Tells whether a crash would be caught now, and what to do if not.\n"
	"\n"
	"  --test         makes a program crash and looks for its dump; needs root\n"
	"  --json         prints an object with \"caught\", \"checks\" and \"load\"\n"
	"  --config=FILE  the configuration, if it is not the one that the handler "
	"reads\n"
	"  --help         prints this\n"
	"\n"
	"Exit: 0 it would be (was) caught, 1 it would not be, 2 wrong usage.\n";

int verb_status(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "test", no_argument, NULL, 't' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *config_file = NULL;
	bool test = false, json = false;
	int option;

	optind = 0;
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			config_file = optarg;
			break;
		case 't':
			test = true;
			break;
		case 'j':
			json = true;
			break;
		case 'h':
			fputs(help, stdout);
			return 0;
		default:
			return VERB_USAGE;
		}
	}
	if (optind < argc) {
		fputs(help, stderr);
		return VERB_USAGE;
	}
	return status(config_file, test, json);
}
