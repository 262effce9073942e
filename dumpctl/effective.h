/* SPDX-License-Identifier: MIT */
/*
 * What the configuration comes to for a crash, key by key, as people and programs read it.
 */
#pragma once

#include <jansson.h>
#include <libsmartcols.h>

#include "base/cleanup.h"
#include "config/config.h"

struct effective {
	struct settings settings;
	struct config_origin origins[SETTING_COUNT];
};

/* A column of a table; width as smartcols takes it. */
struct effective_column {
	const char *name;
	double width;
	int flags;
};

/* A table with these columns. Return: NULL without memory. */
struct libscols_table *effective_new_table(const struct effective_column *columns,
					   size_t count) _must_check_;
/* A line of it; takes the texts, one per column. Return: 0, or -ENOMEM, also for a NULL text. */
int effective_add_line(struct libscols_table *table, char **texts,
		       size_t count) _must_check_;

/* KEY VALUE FROM, to standard output. Return: 0 or negative errno. */
int effective_print(const struct effective *effective) _must_check_;

/* An object: key -> value, file, line, section, name. NULL without memory. */
json_t *effective_json(const struct effective *effective) _must_check_;

/* All escaped, new strings; NULL is for lack of memory. "FILE:LINE" or "default". */
char *effective_line_text(const struct config_origin *origin) _must_check_;
/* "[Unit "GLOB"]" */
char *effective_section_text(const struct config_section *section) _must_check_;
char *effective_value_text(const struct effective *effective,
			   enum setting which) _must_check_;
/* A string that may be NULL; raw bytes, so escaped. */
json_t *effective_json_text(const char *text) _must_check_;

static inline void effective_table_done(struct libscols_table **table)
{
	scols_unref_table(*table);
}
#define _cleanup_table_ _cleanup_(effective_table_done)
