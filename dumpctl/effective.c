/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "dumpctl/effective.h"

/* Widths are smartcols' hints: fractions of a terminal where everything does not fit. */
static const struct effective_column columns[] = {
	{ "KEY", 16, 0 },
	{ "VALUE", 0.3, SCOLS_FL_WRAP },
	{ "FROM", 0.4, SCOLS_FL_WRAP },
};

static char *escaped(const char *text)
{
	return text ? escape_text(text, strlen(text)) : NULL;
}

char *effective_value_text(const struct effective *effective, enum setting which)
{
	_cleanup_free_ char *value = setting_print(&effective->settings, which);

	return escaped(value);
}

char *effective_line_text(const struct config_origin *origin)
{
	_cleanup_free_ char *text = NULL;

	if (!origin->file)
		return strdup("default");
	if (asprintf(&text, "%s:%u", origin->file, origin->line) < 0) {
		text = NULL; /* undefined after a failure */
		return NULL;
	}
	return escaped(text);
}

char *effective_section_text(const struct config_section *section)
{
	_cleanup_free_ char *text = NULL;

	if (asprintf(&text, "[%s \"%s\"]", config_kind_name(section->kind),
		     section->name) < 0) {
		text = NULL;
		return NULL;
	}
	return escaped(text);
}

/* "FILE:LINE [Executable "GLOB"]", "FILE:LINE" or "default". */
static char *origin_text(const struct config_origin *origin)
{
	_cleanup_free_ char *line = effective_line_text(origin);
	_cleanup_free_ char *section = NULL;
	char *text;

	if (!origin->section)
		return TAKE_PTR(line);
	section = effective_section_text(origin->section);
	if (!line || !section || asprintf(&text, "%s %s", line, section) < 0)
		return NULL;
	return text;
}

struct libscols_table *effective_new_table(const struct effective_column *wanted,
					   size_t count)
{
	struct libscols_table *table = scols_new_table();

	for (size_t i = 0; table && i < count; i++) {
		if (scols_table_new_column(table, wanted[i].name, wanted[i].width,
					   wanted[i].flags))
			continue;
		scols_unref_table(table);
		table = NULL;
	}
	return table;
}

int effective_add_line(struct libscols_table *table, char **texts, size_t count)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);
	int r = line ? 0 : -ENOMEM;

	for (size_t i = 0; i < count; i++) {
		if (r == 0 && texts[i])
			r = scols_line_refer_data(line, i, texts[i]);
		else
			r = -ENOMEM;
		if (r != 0)
			free(texts[i]); /* not the line's */
	}
	return r == 0 ? 0 : -ENOMEM;
}

int effective_print(const struct effective *effective)
{
	_cleanup_table_ struct libscols_table *table =
		effective_new_table(columns, ARRAY_SIZE(columns));

	if (!table)
		return -ENOMEM;
	for (enum setting i = 0; i < SETTING_COUNT; i++) {
		char *texts[] = {
			strdup(setting_name(i)),
			effective_value_text(effective, i),
			origin_text(&effective->origins[i]),
		};

		if (effective_add_line(table, texts, ARRAY_SIZE(texts)) < 0)
			return -ENOMEM;
	}
	return scols_print_table(table);
}

json_t *effective_json_text(const char *text)
{
	_cleanup_free_ char *escape = escaped(text);

	return text ? json_string(escape) : json_null();
}

static json_t *json_setting(const struct effective *effective, enum setting which)
{
	const struct config_origin *origin = &effective->origins[which];
	const struct config_section *section = origin->section;
	_cleanup_free_ char *value = effective_value_text(effective, which);

	return json_pack("{s:s, s:o, s:o, s:o, s:o}", "value", value, "file",
			 effective_json_text(origin->file), "line",
			 origin->file ? json_integer(origin->line) : json_null(),
			 "section",
			 origin->file ? json_string(config_kind_name(
						section ? section->kind : CONFIG_DUMP))
				      : json_null(),
			 "name", effective_json_text(section ? section->name : NULL));
}

json_t *effective_json(const struct effective *effective)
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
