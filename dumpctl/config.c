/* SPDX-License-Identifier: MIT */
/*
 * dumpctl config: what the configuration comes to, key by key, and which line says so.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>
#include <libsmartcols.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "config/config.h"
#include "dumpctl/verbs.h"

/* Exit codes; dumpctl(1) and the help text say them, too. */
enum {
	EXIT_GOOD = 0,
	EXIT_PROBLEMS = 1, /* in the configuration, or in printing it */
	EXIT_USAGE = 2,
};

static const char help[] =
	"Usage: dumpctl config [--config=FILE] [--json] [EXE]\n"
	"Show the effective configuration, and where each value is from.\n"
	"\n"
	"  EXE            the path of an executable: what holds for its crashes\n"
	"  --config=FILE  read FILE and FILE.d/*.conf instead of " CONFIG_FILE "\n"
	"  --json         print an object with \"settings\" and \"problems\"\n"
	"  --help         print this\n"
	"\n"
	"Problems go to standard error. Exit: 0 no problems, 1 problems, 2 wrong usage.\n";

struct options {
	const char *file; /* NULL: the default */
	const char *exe; /* NULL: what holds for all */
	bool json;
	bool help;
};

struct effective {
	struct settings settings;
	struct config_origin origins[SETTING_COUNT];
};

enum column {
	COLUMN_KEY,
	COLUMN_VALUE,
	COLUMN_FROM,
	COLUMN_COUNT,
};

/* Widths are smartcols' hints: fractions of a terminal where everything does not fit. */
static const struct {
	const char *name;
	double width;
	int flags;
} columns[COLUMN_COUNT] = {
	[COLUMN_KEY] = { "KEY", 16, 0 },
	[COLUMN_VALUE] = { "VALUE", 0.3, SCOLS_FL_WRAP },
	[COLUMN_FROM] = { "FROM", 0.4, SCOLS_FL_WRAP },
};

static void cleanup_table(struct libscols_table **table)
{
	scols_unref_table(*table);
}

static void cleanup_json(json_t **json)
{
	json_decref(*json);
}

static char *escaped(const char *text)
{
	return text ? escape_text(text, strlen(text)) : NULL;
}

static char *value_text(const struct effective *effective, enum setting which)
{
	_cleanup_free_ char *value = setting_print(&effective->settings, which);

	return escaped(value);
}

/* "FILE:LINE [Executable "GLOB"]", "FILE:LINE" or "default". */
static char *origin_text(const struct config_origin *origin)
{
	_cleanup_free_ char *text = NULL;
	int n;

	if (!origin->file)
		return strdup("default");
	if (origin->section)
		n = asprintf(&text, "%s:%u [%s \"%s\"]", origin->file, origin->line,
			     config_kind_name(origin->section->kind),
			     origin->section->name);
	else
		n = asprintf(&text, "%s:%u", origin->file, origin->line);
	if (n < 0) {
		text = NULL; /* undefined after a failure */
		return NULL;
	}
	return escaped(text);
}

static int add_line(struct libscols_table *table, const struct effective *effective,
		    enum setting which)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);
	char *value = value_text(effective, which);
	char *from = origin_text(&effective->origins[which]);

	if (line && value && from &&
	    scols_line_set_data(line, COLUMN_KEY, setting_name(which)) == 0 &&
	    scols_line_refer_data(line, COLUMN_VALUE, value) == 0) {
		value = NULL; /* the line's now */
		if (scols_line_refer_data(line, COLUMN_FROM, from) == 0)
			return 0;
	}
	free(value);
	free(from);
	return -ENOMEM;
}

static int print_table(const struct effective *effective)
{
	_cleanup_(cleanup_table) struct libscols_table *table = scols_new_table();

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		if (!scols_table_new_column(table, columns[i].name, columns[i].width,
					    columns[i].flags))
			return -ENOMEM;
	}
	for (enum setting i = 0; i < SETTING_COUNT; i++) {
		if (add_line(table, effective, i) < 0)
			return -ENOMEM;
	}
	return scols_print_table(table);
}

/* A string that may be NULL; raw bytes, so escaped. */
static json_t *json_text(const char *text)
{
	_cleanup_free_ char *escape = escaped(text);

	return text ? json_string(escape) : json_null();
}

static json_t *json_setting(const struct effective *effective, enum setting which)
{
	const struct config_origin *origin = &effective->origins[which];
	_cleanup_free_ char *value = value_text(effective, which);

	return json_pack(
		"{s:s, s:o, s:o, s:o}", "value", value, "file", json_text(origin->file),
		"line", origin->file ? json_integer(origin->line) : json_null(),
		"section", json_text(origin->section ? origin->section->name : NULL));
}

static json_t *json_settings(const struct effective *effective)
{
	json_t *settings = json_object();

	for (enum setting i = 0; i < SETTING_COUNT; i++) {
		if (json_object_set_new(settings, setting_name(i),
					json_setting(effective, i)) < 0) {
			json_decref(settings);
			return NULL;
		}
	}
	return settings;
}

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

static int print_json(const struct effective *effective, const struct config *config)
{
	_cleanup_(cleanup_json) json_t *all =
		json_pack("{s:o, s:o}", "settings", json_settings(effective), "problems",
			  json_problems(config));

	if (!all)
		return -ENOMEM;
	if (json_dumpf(all, stdout, JSON_INDENT(2)) < 0 || putchar('\n') == EOF)
		return -EIO;
	return 0;
}

/* Return: 0 or -EINVAL; what is wrong was said. */
static int parse_options(int argc, char **argv, struct options *ret)
{
	static const struct option known[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct options options = { .file = NULL };
	int option;

	optind = 0; /* the options before the verb were read by the same getopt */
	while ((option = getopt_long(argc, argv, "h", known, NULL)) != -1) {
		switch (option) {
		case 'c':
			options.file = optarg;
			break;
		case 'j':
			options.json = true;
			break;
		case 'h':
			options.help = true;
			break;
		default:
			return -EINVAL;
		}
	}
	if (argc - optind > 1) {
		fprintf(stderr, "dumpctl config: one executable at most\n");
		return -EINVAL;
	}
	if (argc > optind && argv[optind][0] != '/') {
		fprintf(stderr, "dumpctl config: EXE is an absolute path\n");
		return -EINVAL;
	}
	options.exe = argc > optind ? argv[optind] : NULL;
	*ret = options;
	return 0;
}

static int print_config(const struct options *options, const struct config *config)
{
	const struct config_subject subject = { .exe = options->exe, .uid = -1 };
	struct effective effective;
	int r;

	config_resolve(config, &subject, &effective.settings, effective.origins);
	r = options->json ? print_json(&effective, config) : print_table(&effective);
	if (fflush(stdout) != 0 && r >= 0)
		r = -errno;
	if (options->json)
		return r;
	for (size_t i = 0; i < config_problem_count(config); i++)
		fprintf(stderr, "%s\n", config_problem(config, i));
	return r;
}

int verb_config(int argc, char **argv)
{
	_cleanup_config_ struct config *config = NULL;
	struct options options;
	int r;

	if (parse_options(argc, argv, &options) < 0) {
		fprintf(stderr, "Try 'dumpctl config --help'.\n");
		return EXIT_USAGE;
	}
	if (options.help)
		return fputs(help, stdout) == EOF ? EXIT_PROBLEMS : EXIT_GOOD;
	r = config_load(options.file, &config);
	if (r == 0)
		r = print_config(&options, config);
	if (r < 0) {
		fprintf(stderr, "dumpctl config: %s\n", strerror(-r));
		return EXIT_PROBLEMS;
	}
	return config_problem_count(config) > 0 ? EXIT_PROBLEMS : EXIT_GOOD;
}
