/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/escape.h"
#include "dumpctl/json.h"
#include "dumpctl/modules.h"
#include "dumpctl/show.h"

#define SECOND INT64_C(1000000)

char *show_text(const char *text)
{
	return text ? escape_text(text, strlen(text)) : strdup("-");
}

char *show_number(int64_t number)
{
	char *text;

	if (number == RECORD_UNKNOWN)
		return strdup("-");
	return asprintf(&text, "%" PRId64, number) < 0 ? NULL : text;
}

static const char *show_ago(int64_t seconds, char *buffer, size_t size)
{
	static const struct {
		int64_t seconds;
		const char *unit;
	} units[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } };

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (seconds < units[i].seconds)
			continue;
		(void)snprintf(buffer, size, "%" PRId64 "%s ago",
			       seconds / units[i].seconds, units[i].unit);
		return buffer;
	}
	return "now";
}

char *show_time(int64_t timestamp, int64_t now)
{
	time_t seconds = (time_t)(timestamp / SECOND);
	char text[64], zone[32], ago[48];
	int64_t since;
	struct tm tm;
	char *line;

	if (timestamp == RECORD_UNKNOWN || !localtime_r(&seconds, &tm) ||
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm) == 0)
		return strdup("-");
	if (now == 0)
		return strdup(text);
	if (strftime(zone, sizeof(zone), " %Z", &tm) == 0)
		zone[0] = '\0';
	/* A clock that was set back, or a forged record. */
	if (__builtin_sub_overflow(now, timestamp, &since) || since < 0)
		return asprintf(&line, "%s%s", text, zone) < 0 ? NULL : line;
	return asprintf(&line, "%s%s (%s)", text, zone,
			show_ago(since / SECOND, ago, sizeof(ago))) < 0
		       ? NULL
		       : line;
}

char *show_size(int64_t bytes)
{
	static const char units[] = "BKMGTPE";
	double value = (double)bytes;
	size_t unit = 0;
	char *text;
	int r;

	if (bytes < 0)
		return strdup("-");
	while (value >= 1024) {
		value /= 1024;
		unit++;
	}
	r = unit == 0 ? asprintf(&text, "%" PRId64 "B", bytes)
		      : asprintf(&text, "%.1f%c", value, units[unit]);
	return r < 0 ? NULL : text;
}

char *show_signal(const struct record *record)
{
	const char *name = record->signal_name;

	if (!name)
		return show_number(record->signal);
	return show_text(strncmp(name, "SIG", 3) == 0 ? name + 3 : name);
}

char *show_path(const struct index_entry *entry)
{
	_cleanup_free_ char *path = NULL;

	if (!entry->name)
		return show_text(entry->record.filename);
	if (asprintf(&path, "%s/%s", entry->directory, entry->name) < 0) {
		path = NULL;
		return NULL;
	}
	return show_text(path);
}

static json_t *entry_json(const struct index_entry *entry)
{
	_cleanup_free_ char *path = show_path(entry);
	bool has_path = entry->name || entry->record.filename;
	json_t *object = record_json(&entry->record);
	int r = object && path ? 0 : -ENOMEM;

	if (r == 0)
		r = modules_put(object, &entry->record);
	if (r == 0)
		r = json_put(object, "state",
			     json_string(index_state_name(entry->state)));
	if (r == 0 && entry->name)
		r = json_put(object, "size", json_integer((json_int_t)entry->size));
	if (r == 0 && has_path)
		r = json_put(object, "file", json_string(path));
	if (r == 0)
		return object;
	json_decref(object);
	return NULL;
}

int show_json(struct index_entry *const *entries, size_t count, FILE *out)
{
	int r = 0;

	fputc('[', out);
	for (size_t i = 0; i < count && r == 0; i++)
		r = json_print_row(entry_json(entries[i]), i == 0, out);
	if (r < 0)
		return r;
	fputs(count > 0 ? "\n]\n" : "]\n", out);
	return 0;
}

void show_row(int width, const char *label, const char *text)
{
	printf("%*s%s %s\n", width, label, label[0] ? ":" : " ", text);
}

int show_rows(int width, const char *label, const char *lines)
{
	while (*lines) {
		size_t n = strcspn(lines, "\n");
		_cleanup_free_ char *text = escape_text(lines, n);

		if (!text)
			return -ENOMEM;
		show_row(width, label, text);
		label = "";
		lines += n + (lines[n] == '\n');
	}
	return 0;
}
