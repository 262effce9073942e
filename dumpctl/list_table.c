/* SPDX-License-Identifier: MIT */
#include <locale.h>
#include <string.h>

#include <libsmartcols/libsmartcols.h>

#include "dumpctl/list_table.h"
#include "dumpctl/show.h"
#include "dumpctl/terminal.h"

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

int list_table(struct index_entry *const *entries, size_t count)
{
	struct libscols_table *table = scols_new_table();
	int width = terminal_width(), r = table ? 0 : -1;

	/* Widths of UTF-8, whatever the user's locale is; no other category changes. */
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	if (r == 0) {
		/* The cells are escaped. */
		(void)scols_table_enable_noencoding(table, 1);
		(void)scols_table_set_termforce(table, width ? SCOLS_TERMFORCE_ALWAYS
							     : SCOLS_TERMFORCE_NEVER);
		if (width)
			(void)scols_table_set_termwidth(table, (size_t)width);
		r = add_columns(table, width);
	}
	for (size_t i = 0; r == 0 && i < count; i++)
		r = add_line(table, width, entries[i]);
	if (r == 0)
		r = scols_print_table(table);
	scols_unref_table(table);
	return r;
}
