/* SPDX-License-Identifier: MIT */
/*
 * dumpctl info: all that is known of a crash, and how to go on.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "dumpctl/info_rows.h"
#include "dumpctl/memory.h"
#include "dumpctl/modules.h"
#include "dumpctl/select.h"
#include "dumpctl/show.h"
#include "dumpctl/verbs.h"

enum {
	OPTION_JSON = SELECT_OPTION_NEXT,
	OPTION_MEMORY,
	OPTION_ALL,
	OPTION_MODULES,
};

#define LABEL_WIDTH 15

/* A line break is escaped with the rest, or a program's arguments could be rows of ours. */
static int print_text(const char *label, const char *raw)
{
	_cleanup_free_ char *text = escape_text(raw, strlen(raw));

	if (!text)
		return -ENOMEM;
	if (text[0] != '\0')
		show_row(LABEL_WIDTH, label, text);
	return 0;
}

static int print_member(const struct info_row *row, const struct record *record)
{
	const struct record_field *field = record_field_by_key(row->key);

	if (field->kind == RECORD_TEXT) {
		const char *text = record_text(record, field);

		if (!text)
			return 0;
		return row->lines ? show_rows(LABEL_WIDTH, row->label, text)
				  : print_text(row->label, text);
	}
	if (record_number(record, field) != RECORD_UNKNOWN)
		printf("%*s: %" PRId64 "\n", LABEL_WIDTH, row->label,
		       record_number(record, field));
	return 0;
}

/* Where more is told anyhow, nobody is told how to ask for it. */
static int print_made(const struct info_row *row, const char *text, bool told)
{
	_cleanup_free_ char *with = NULL;

	if (text[0] == '\0')
		return 0;
	if (row->more && !told &&
	    asprintf(&with, "%s (dumpctl info %s)", text, row->more) < 0)
		return -ENOMEM;
	show_row(LABEL_WIDTH, row->label, with ? with : text);
	return 0;
}

static int print_entry(const struct index_entry *entry, bool modules)
{
	int r = 0;

	for (size_t i = 0; i < info_row_count && r == 0; i++) {
		_cleanup_free_ char *text = NULL;

		if (info_rows[i].key) {
			r = print_member(&info_rows[i], &entry->record);
			continue;
		}
		text = info_rows[i].make(entry);
		if (!text)
			return -ENOMEM;
		r = print_made(&info_rows[i], text, modules);
	}
	return r;
}

static int print_entries(const struct select *select, bool modules)
{
	int r = 0;

	for (size_t i = 0; i < select->count && r == 0; i++) {
		if (i > 0)
			putchar('\n');
		r = print_entry(select->found[i], modules);
		if (r == 0 && modules)
			r = modules_print(LABEL_WIDTH, &select->found[i]->record);
	}
	return r;
}

static int help(void)
{
	printf("Usage: dumpctl info [<options>] [<match>...]\n\n"
	       "Tells all that is known of a crash; of the newest one without a "
	       "match.\n\n" SELECT_MANY_HELP
	       "      --memory         What became of its memory, and why\n"
	       "      --all            The same, a line for each mapping\n"
	       "      --modules        Also each mapped program and library, and its build-id\n"
	       "      --json           As a JSON array\n" SELECT_HELP);
	return 0;
}

/* What is asked for. */
struct asked {
	bool memory; /* alone */
	bool modules;
	struct memory_options how;
};

static int print(const struct select *select, const struct asked *asked)
{
	if (asked->memory)
		return memory_show(select->found, select->count, &asked->how);
	return asked->how.json ? show_json(select->found, select->count, stdout)
			       : print_entries(select, asked->modules);
}

static int run(struct select *select, const struct asked *asked)
{
	int r;

	/* Everything of everything is nobody's question. */
	if (select->match_count == 0 && select->newest == 0)
		select->newest = 1;
	if (select_load(select) < 0)
		return VERB_FAILED;
	if (select->count == 0 && !asked->how.json)
		return select_none(select);
	r = print(select, asked);
	if (r == -ENOMEM)
		fputs("dumpctl info: no memory\n", stderr);
	if (r < 0)
		return VERB_FAILED;
	return select->count > 0 ? VERB_DONE : select_none(select);
}

int verb_info(int argc, char **argv)
{
	static const struct option options[] = {
		SELECT_LONG,
		SELECT_MANY_LONG,
		{ "json", no_argument, NULL, OPTION_JSON },
		{ "memory", no_argument, NULL, OPTION_MEMORY },
		{ "all", no_argument, NULL, OPTION_ALL },
		{ "modules", no_argument, NULL, OPTION_MODULES },
		{ NULL, 0, NULL, 0 },
	};
	_cleanup_select_ struct select select;
	struct asked asked = { false };
	int c;

	select_init(&select, argv[0]);
	while ((c = getopt_long(argc, argv, SELECT_SHORT SELECT_MANY_SHORT, options,
				NULL)) != -1) {
		if (c == 'h')
			return help();
		if (c == OPTION_JSON)
			asked.how.json = true;
		else if (c == OPTION_ALL)
			asked.how.all = asked.memory = true;
		else if (c == OPTION_MEMORY)
			asked.memory = true;
		else if (c == OPTION_MODULES)
			asked.modules = true;
		else if (select_option(&select, c, optarg) < 0)
			return VERB_USAGE;
	}
	if (select_matches(&select, argv + optind) < 0)
		return VERB_USAGE;
	return run(&select, &asked);
}
