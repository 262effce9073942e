/* SPDX-License-Identifier: MIT */
/*
 * dumpctl config: what the configuration comes to, key by key, and which line says so; for
 * all, for an executable, or for a crash that happened.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "config/user.h"
#include "dumpctl/explain.h"
#include "dumpctl/select.h"
#include "dumpctl/verbs.h"

/* Exit codes; dumpctl(1) and the help text say them, too. */
enum {
	EXIT_GOOD = 0,
	EXIT_PROBLEMS = 1, /* in the configuration, or in printing it */
	EXIT_USAGE = 2,
};

enum {
	OPTION_JSON = SELECT_OPTION_NEXT,
	OPTION_EXPLAIN,
	OPTION_UNIT,
	OPTION_CGROUP,
	OPTION_USER,
};

static const char help[] =
	"Usage: dumpctl config [<options>] [EXE]\n"
	"       dumpctl config --explain [<options>] [EXE | <match>...]\n"
	"Show the effective configuration, and where each value is from.\n"
	"\n"
	"  EXE            the path of an executable: what holds for its crashes\n"
	"  <match>        a crash: what it got, and what holds for it today\n"
	"  --explain      also show every section and line, and what became of it\n"
	"  --unit=UNIT    for crashes in this systemd unit\n"
	"  --cgroup=PATH  for crashes in this control group\n"
	"  --user=USER    for crashes of this user (name or uid)\n"
	"  --json         print an object with \"settings\" and \"problems\"\n"
	"\n"
	"Without a match, --explain is about the newest crash. Problems go to standard\n"
	"error. Exit: 0 no problems, 1 problems, 2 wrong usage.\n\n" SELECT_HELP;

struct options {
	struct select select; /* of --explain; its `config` is --config */
	struct config_subject subject; /* as the command line says */
	bool finding; /* an option for finding crashes was there */
	bool explain;
	bool json;
	bool help;
};

static json_t *json_problems(const struct config *config)
{
	json_t *problems = json_array();

	for (size_t i = 0; i < config_problem_count(config); i++) {
		if (json_array_append_new(problems,
					  json_string(config_problem(config, i))) < 0) {
			json_decref(problems);
			return NULL;
		}
	}
	return problems;
}

static int print_json(const struct explanation *explanation, bool explained)
{
	json_t *all = json_pack("{s:o, s:o}", "settings",
				effective_json(&explanation->effective), "problems",
				json_problems(explanation->config));
	int r = all ? 0 : -ENOMEM;

	if (r == 0 && explained)
		r = explain_json(explanation, all);
	if (r == 0 &&
	    (json_dumpf(all, stdout, JSON_INDENT(2)) < 0 || putchar('\n') == EOF))
		r = -EIO;
	json_decref(all);
	return r;
}

static int print_human(const struct explanation *explanation, bool explained)
{
	const struct config *config = explanation->config;
	int r = explained ? explain_print(explanation)
			  : effective_print(&explanation->effective);

	if (fflush(stdout) != 0 && r >= 0)
		r = -errno;
	for (size_t i = 0; i < config_problem_count(config); i++)
		fprintf(stderr, "%s\n", config_problem(config, i));
	return r;
}

/* Return: 0 or -EINVAL; what is wrong was said. */
static int take_user(struct options *options, const char *name)
{
	int r = user_find(name, &options->subject.uid);

	if (r == 0)
		return 0;
	fprintf(stderr, "dumpctl config: user `%s': %s\n", name,
		r == -ENOENT ? "not in " USER_FILE : strerror(-r));
	return -EINVAL;
}

/* Return: 0 or -EINVAL; what is wrong was said. */
static int take_option(struct options *options, int option, const char *argument)
{
	switch (option) {
	case OPTION_JSON:
		options->json = true;
		return 0;
	case OPTION_EXPLAIN:
		options->explain = true;
		return 0;
	case OPTION_UNIT:
		options->subject.unit = argument;
		return 0;
	case OPTION_CGROUP:
		options->subject.cgroup = argument;
		return 0;
	case OPTION_USER:
		return take_user(options, argument);
	case 'h':
		options->help = true;
		return 0;
	default:
		options->finding |= option != SELECT_CONFIG;
		return select_option(&options->select, option, argument);
	}
}

/* An absolute path is an executable's; for --explain anything else finds a crash. */
static int take_operands(struct options *options, char **operands)
{
	bool exe = operands[0] && operands[0][0] == '/';

	if (!exe && options->explain)
		return select_matches(&options->select, operands);
	if (operands[0] && operands[1]) {
		fprintf(stderr, "dumpctl config: one executable at most\n");
		return -EINVAL;
	}
	if (operands[0] && !exe) {
		fprintf(stderr, "dumpctl config: EXE is an absolute path\n");
		return -EINVAL;
	}
	if (options->finding) {
		fprintf(stderr, "dumpctl config: options for finding crashes go with "
				"--explain and no executable\n");
		return -EINVAL;
	}
	options->subject.exe = operands[0];
	return 0;
}

/* Return: 0 or -EINVAL; what is wrong was said. */
static int parse_options(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		SELECT_LONG,
		{ "json", no_argument, NULL, OPTION_JSON },
		{ "explain", no_argument, NULL, OPTION_EXPLAIN },
		{ "unit", required_argument, NULL, OPTION_UNIT },
		{ "cgroup", required_argument, NULL, OPTION_CGROUP },
		{ "user", required_argument, NULL, OPTION_USER },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	optind = 0; /* the options before the verb were read by the same getopt */
	while ((option = getopt_long(argc, argv, SELECT_SHORT, known, NULL)) != -1) {
		if (take_option(options, option, optarg) < 0)
			return -EINVAL;
	}
	return options->help ? 0 : take_operands(options, argv + optind);
}

/* Is it a crash that is asked about, not what the command line says of one? */
static bool wants_crash(const struct options *options)
{
	const struct config_subject *subject = &options->subject;

	if (!options->explain || subject->exe)
		return false;
	return options->select.match_count > 0 || options->finding ||
	       (!subject->unit && !subject->cgroup && subject->uid < 0);
}

/* What the record knows; what was given overrides it. */
static struct config_subject subject_of(const struct options *options,
					const struct record *record)
{
	const struct config_subject *given = &options->subject;

	return (struct config_subject){
		.exe = record->exe,
		.unit = given->unit ? given->unit : record->unit,
		.user_unit = given->unit ? NULL : record->user_unit,
		.cgroup = given->cgroup ? given->cgroup : record->cgroup,
		.uid = given->uid >= 0 ? given->uid : record->uid,
	};
}

static int show(struct options *options, const struct config *config)
{
	struct config_subject subject = options->subject;
	const struct index_entry *entry = NULL;
	struct explanation explanation;

	if (wants_crash(options)) {
		if (select_load(&options->select) < 0)
			return -ENOENT;
		entry = select_newest(&options->select);
		if (!entry)
			return -ENOENT;
		subject = subject_of(options, &entry->record);
	}
	explain(config, &subject, entry ? &entry->record : NULL, &explanation);
	return options->json ? print_json(&explanation, options->explain)
			     : print_human(&explanation, options->explain);
}

static int run(struct options *options)
{
	_cleanup_config_ struct config *config = NULL;
	int r = config_load(options->select.config, &config);

	if (r == 0)
		r = show(options, config);
	if (r == -ENOENT) /* no such crash: it was said */
		return EXIT_PROBLEMS;
	if (r < 0) {
		fprintf(stderr, "dumpctl config: %s\n", strerror(-r));
		return EXIT_PROBLEMS;
	}
	return config_problem_count(config) > 0 ? EXIT_PROBLEMS : EXIT_GOOD;
}

int verb_config(int argc, char **argv)
{
	struct options options = { .subject = { .uid = -1 } };
	int status;

	select_init(&options.select, argv[0]);
	if (parse_options(argc, argv, &options) < 0)
		status = EXIT_USAGE;
	else if (options.help)
		status = fputs(help, stdout) == EOF ? EXIT_PROBLEMS : EXIT_GOOD;
	else
		status = run(&options);
	select_done(&options.select);
	return status;
}
