/* SPDX-License-Identifier: MIT */
/*
 * dumpctl list: one line for each crash.
 */
#include <getopt.h>
#include <locale.h>
#include <string.h>

#include <libsmartcols/libsmartcols.h>

#include "dumpctl/select.h"
#include "dumpctl/show.h"
#include "dumpctl/terminal.h"
#include "dumpctl/verbs.h"
#include "store/valid.h"

enum {
	OPTION_JSON = SELECT_OPTION_NEXT,
	OPTION_WORDS,
};

enum form {
	FORM_TABLE,
	FORM_JSON,
	FORM_WORDS,
};

static char *cell_id(const struct index_entry *entry)
{
	return show_text(entry->record.id);
}

static char *cell_time(const struct index_entry *entry)
{
	return show_time(entry->record.timestamp, 0);
}

static char *cell_pid(const struct index_entry *entry)
{
	return show_number(entry->record.pid);
}

static char *cell_uid(const struct index_entry *entry)
{
	return show_number(entry->record.uid);
}

static char *cell_signal(const struct index_entry *entry)
{
	return show_signal(&entry->record);
}

static char *cell_comm(const struct index_entry *entry)
{
	return show_text(entry->record.comm);
}

static char *cell_exe(const struct index_entry *entry)
{
	return show_text(entry->record.exe);
}

static char *cell_type(const struct index_entry *entry)
{
	return show_text(entry->record.type);
}

static char *cell_dump(const struct index_entry *entry)
{
	return strdup(index_state_name(entry->state));
}

static char *cell_size(const struct index_entry *entry)
{
	return show_size(entry->name ? (int64_t)entry->size : -1);
}

/* Seconds that the crashed process was held. */
static char *cell_held(const struct index_entry *entry)
{
	char *text;

	if (entry->record.held < 0)
		return strdup("");
	return asprintf(&text, "%.3fs", (double)entry->record.held / 1e6) < 0 ? NULL
									      : text;
}

/* Columns that a narrow terminal has no room for are left out. */
static const struct column {
	const char *name;
	char *(*cell)(const struct index_entry *entry);
	int least_width; /* of the terminal */
	int flags;
} columns[] = {
	{ "ID", cell_id, 0, 0 },
	{ "TIME", cell_time, 0, 0 },
	{ "PID", cell_pid, 0, SCOLS_FL_RIGHT },
	{ "UID", cell_uid, 0, SCOLS_FL_RIGHT },
	{ "SIG", cell_signal, 0, 0 },
	{ "COMM", cell_comm, 0, SCOLS_FL_TRUNC },
	{ "TYPE", cell_type, 90, 0 },
	{ "DUMP", cell_dump, 0, 0 },
	{ "SIZE", cell_size, 70, SCOLS_FL_RIGHT },
	{ "HELD", cell_held, 100, SCOLS_FL_RIGHT },
	{ "EXE", cell_exe, 110, SCOLS_FL_TRUNC },
};

static bool column_fits(const struct column *column, int width)
{
	return width == 0 || width >= column->least_width;
}

static int add_columns(struct libscols_table *table, int width)
{
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		if (!column_fits(&columns[i], width))
			continue;
		if (!scols_table_new_column(table, columns[i].name, 0, columns[i].flags))
			return -1;
	}
	return 0;
}

static int add_line(struct libscols_table *table, int width,
		    const struct index_entry *entry)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);
	size_t n = 0;

	if (!line)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		char *cell;

		if (!column_fits(&columns[i], width))
			continue;
		cell = columns[i].cell(entry);
		if (!cell || scols_line_refer_data(line, n++, cell) < 0)
			return -1;
	}
	return 0;
}

static int print_table(const struct select *select)
{
	struct libscols_table *table = scols_new_table();
	int width = terminal_width(), r = table ? 0 : -1;

	if (r == 0) {
		/* The cells are escaped. */
		(void)scols_table_enable_noencoding(table, 1);
		(void)scols_table_set_termforce(table, width ? SCOLS_TERMFORCE_ALWAYS
							     : SCOLS_TERMFORCE_NEVER);
		if (width)
			(void)scols_table_set_termwidth(table, (size_t)width);
		r = add_columns(table, width);
	}
	for (size_t i = 0; r == 0 && i < select->count; i++)
		r = add_line(table, width, select->found[i]);
	if (r == 0)
		r = scols_print_table(table);
	scols_unref_table(table);
	return r;
}

/* For the shell's completion: what can be given as a match without quoting. */
static int print_words(const struct select *select)
{
	for (size_t i = 0; i < select->count; i++) {
		const struct record *record = &select->found[i]->record;

		if (record->id && record_id_valid(record->id))
			puts(record->id);
		if (record->comm && record->comm[0] != '-' &&
		    strspn(record->comm,
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.+-") ==
			    strlen(record->comm))
			puts(record->comm);
	}
	return 0;
}

static int print(const struct select *select, enum form form)
{
	switch (form) {
	case FORM_JSON:
		return show_json(select->found, select->count, stdout);
	case FORM_WORDS:
		return print_words(select);
	default:
		/* Widths of UTF-8, whatever the user's locale is; no other category changes. */
		(void)setlocale(LC_CTYPE, "C.UTF-8");
		return print_table(select);
	}
}

static int help(void)
{
	printf("Usage: dumpctl list [<options>] [<match>...]\n\n"
	       "Lists crashes, oldest first. DUMP is none, present, cut (smaller than "
	       "was\n"
	       "asked for), missing, elsewhere (info tells its -D), inaccessible or damaged.\n\n" SELECT_MANY_HELP
	       "      --json           All that is known, as a JSON array\n"
	       "      --words          Ids and names, one a line, for "
	       "completion\n" SELECT_HELP);
	return 0;
}

int verb_list(int argc, char **argv)
{
	static const struct option options[] = {
		SELECT_LONG,
		SELECT_MANY_LONG,
		{ "json", no_argument, NULL, OPTION_JSON },
		{ "words", no_argument, NULL, OPTION_WORDS },
		{ NULL, 0, NULL, 0 },
	};
	_cleanup_select_ struct select select;
	enum form form = FORM_TABLE;
	int c;

	select_init(&select, argv[0]);
	while ((c = getopt_long(argc, argv, SELECT_SHORT SELECT_MANY_SHORT, options,
				NULL)) != -1) {
		if (c == 'h')
			return help();
		if (c == OPTION_JSON)
			form = FORM_JSON;
		else if (c == OPTION_WORDS)
			form = FORM_WORDS;
		else if (select_option(&select, c, optarg) < 0)
			return VERB_USAGE;
	}
	if (select_matches(&select, argv + optind) < 0)
		return VERB_USAGE;
	if (select_load(&select) < 0)
		return VERB_FAILED;
	if (select.count == 0 && form != FORM_JSON)
		return select_none(&select);
	if (print(&select, form) != 0) {
		fputs("dumpctl list: no memory\n", stderr);
		return VERB_FAILED;
	}
	return select.count > 0 ? VERB_DONE : select_none(&select);
}
