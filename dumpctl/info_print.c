/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "dumpctl/info_print.h"
#include "dumpctl/info_rows.h"
#include "dumpctl/modules.h"
#include "dumpctl/show.h"

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

int info_print(const struct index_entry *entry, bool modules)
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
	if (r == 0 && modules)
		r = modules_print(LABEL_WIDTH, &entry->record);
	return r;
}
