/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "dumpctl/json.h"
#include "dumpctl/modules.h"
#include "dumpctl/show.h"
#include "store/modules.h"

char *modules_summary(const struct record *record)
{
	const char *text = record->modules ? record->modules : "";
	uint64_t more = modules_more(text), count = more, without = 0;
	struct module_line line;
	char *summary;
	int r;

	while (modules_next(&text, &line)) {
		count++;
		without += line.why != NULL;
	}
	if (count == 0)
		return strdup("");
	if (without)
		r = asprintf(&summary, "%" PRIu64 ", %" PRIu64 " without a build-id",
			     count, without);
	else
		r = asprintf(&summary, "%" PRIu64 "", count);
	return r < 0 ? NULL : summary;
}

char *modules_executable(const struct record *record)
{
	const char *text = record->modules ? record->modules : "";
	struct module_line line;
	char *why;

	if (record->build_id)
		return escape_text(record->build_id, strlen(record->build_id));
	if (!modules_next(&text, &line) || !line.why)
		return strdup("");
	return asprintf(&why, "none: %s", line.why) < 0 ? NULL : why;
}

static int print_line(int width, const char *label, const struct module_line *line)
{
	_cleanup_free_ char *path = escape_text(line->path, line->n);
	_cleanup_free_ char *text = NULL;
	int r;

	if (!path)
		return -ENOMEM;
	if (line->why)
		r = asprintf(&text, "%s: no build-id: %s", path, line->why);
	else
		r = asprintf(&text, "%s %s", line->build_id, path);
	if (r < 0) {
		text = NULL;
		return -ENOMEM;
	}
	show_row(width, label, text);
	return 0;
}

int modules_print(int width, const struct record *record)
{
	const char *text = record->modules ? record->modules : "";
	uint64_t more = modules_more(text);
	const char *label = "Modules";
	struct module_line line;
	char rest[64];

	for (; modules_next(&text, &line); label = "") {
		if (print_line(width, label, &line) < 0)
			return -ENOMEM;
	}
	if (more) {
		(void)snprintf(rest, sizeof(rest),
			       "and %" PRIu64 " more, which the record has no room for",
			       more); /* fits */
		show_row(width, label, rest);
	}
	return 0;
}

static json_t *line_json(const struct module_line *line)
{
	_cleanup_free_ char *path = escape_text(line->path, line->n);
	json_t *object = json_object();
	char start[24];
	int r = path ? 0 : -ENOMEM;

	(void)snprintf(start, sizeof(start), "0x%" PRIx64, line->start); /* fits */
	if (r == 0)
		r = json_put(object, "path", json_string(path));
	if (r == 0)
		r = json_put(object, "start", json_string(start));
	if (r == 0)
		r = json_put(object, "build_id",
			     line->why ? json_null() : json_string(line->build_id));
	if (r == 0 && line->why)
		r = json_put(object, "why", json_string(line->why));
	if (r == 0)
		return object;
	json_decref(object);
	return NULL;
}

int modules_put(json_t *object, const struct record *record)
{
	const char *text = record->modules;
	uint64_t more = text ? modules_more(text) : 0;
	json_t *array;
	struct module_line line;
	int r = 0;

	if (!text)
		return 0;
	array = json_array();
	while (r == 0 && modules_next(&text, &line))
		r = json_array_append_new(array, line_json(&line)) < 0 ? -ENOMEM : 0;
	if (r < 0) {
		json_decref(array);
		return r;
	}
	r = json_put(object, "modules", array);
	if (r == 0 && more)
		r = json_put(object, "modules_left_out",
			     json_integer((json_int_t)(more & INT64_MAX)));
	return r;
}
