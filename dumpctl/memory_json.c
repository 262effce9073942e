/* SPDX-License-Identifier: MIT */
/*
 * A drop map as JSON: every range, in a line of its own. Addresses are texts, for a JSON
 * number cannot hold all of them.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "dumpctl/json.h"
#include "dumpctl/memory.h"
#include "dumpctl/show.h"
#include "store/json_text.h"

static int set_address(json_t *object, const char *key, uint64_t address)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "0x%" PRIx64, address);
	return json_put(object, key, json_string(text));
}

static int set_name(json_t *object, const char *name)
{
	_cleanup_free_ char *text = name ? escape_text(name, strlen(name)) : NULL;

	if (!name)
		return 0;
	return text ? json_put(object, "name", json_string(text)) : -ENOMEM;
}

static int set_permissions(json_t *object, unsigned int flags)
{
	const char text[] = {
		flags & MEMORY_MAP_READ ? 'r' : '-',
		flags & MEMORY_MAP_WRITE ? 'w' : '-',
		flags & MEMORY_MAP_EXECUTE ? 'x' : '-',
		'\0',
	};

	return json_put(object, "permissions", json_string(text));
}

static json_t *range_json(const struct memory_map *map,
			  const struct memory_map_entry *entry)
{
	json_t *object = json_object();
	int r = object ? set_address(object, "start", entry->start) : -ENOMEM;

	if (r == 0)
		r = set_address(object, "end", entry->end);
	if (r == 0)
		r = json_put(object, "fate", json_string(memory_map_fate(map, entry)));
	if (r == 0)
		r = json_put(object, "rank", json_string(memory_map_rank(map, entry)));
	if (r == 0)
		r = set_name(object, memory_map_name(map, entry));
	if (r == 0)
		r = set_permissions(object, entry->flags);
	if (r == 0)
		return object;
	json_decref(object);
	return NULL;
}

/* "id": "...", "file": "...", "derived": false, */
static int print_head(const struct index_entry *entry, bool derived, FILE *out)
{
	_cleanup_free_ char *path = show_path(entry);
	json_t *object = json_object();
	char *text = NULL;
	int r = object && path ? 0 : -ENOMEM;

	if (r == 0 && entry->record.id)
		r = json_put(object, "id", json_string(entry->record.id));
	if (r == 0)
		r = json_put(object, "file", json_string(path));
	if (r == 0)
		r = json_put(object, "derived", json_boolean(derived));
	if (r == 0)
		text = json_text_print(object);
	json_decref(object);
	if (!text)
		return -ENOMEM;
	text[strlen(text) - 1] = '\0'; /* its brace, for more is to come */
	fputs(text, out);
	free(text);
	return 0;
}

int memory_json(const struct index_entry *entry, const struct memory_map *map,
		bool derived, FILE *out)
{
	int r = print_head(entry, derived, out);

	if (r < 0)
		return r;
	fputs(",\"ranges\":[", out);
	for (size_t i = 0; i < map->count && r == 0; i++)
		r = json_print_row(range_json(map, &map->entries[i]), i == 0, out);
	if (r < 0)
		return r;
	fputs("\n]}", out);
	return 0;
}
