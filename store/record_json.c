/* SPDX-License-Identifier: MIT */
/*
 * The record as JSON (RFC 8259). Texts are escaped (base/escape.h), for JSON cannot hold bytes
 * that are not UTF-8.
 */
#include <errno.h>
#include <string.h>

#include "base/escape.h"
#include "store/json_text.h"
#include "store/record.h"
#include "store/record_list.h"
#include "store/modules.h"

static int add_text(json_t *object, const char *key, const char *bytes, size_t longest)
{
	size_t n = strnlen(bytes, longest);
	_cleanup_free_ char *text = escape_text(bytes, n);

	if (!text)
		return -ENOMEM;
	return json_object_set_new(object, key, json_string(text)) < 0 ? -ENOMEM : 0;
}

/* Half of a list would look like one: where it does not fit it is left out. */
static int add_list(json_t *object, const char *key, const char *list, size_t longest)
{
	if (strlen(list) > longest)
		return 0;
	return json_object_set_new(object, key, record_list_json(list)) < 0 ? -ENOMEM : 0;
}

static int add_field(json_t *object, const struct record *record,
		     const struct record_field *field, size_t longest)
{
	int64_t number;

	if (!field->key)
		return 0;
	if (field->kind == RECORD_TEXT) {
		const char *text = record_text(record, field);

		if (!text)
			return 0;
		return field->list ? add_list(object, field->key, text, longest)
				   : add_text(object, field->key, text, longest);
	}
	number = record_number(record, field);
	if (number == RECORD_UNKNOWN)
		return 0;
	return json_object_set_new(object, field->key, json_integer(number)) < 0 ? -ENOMEM
										 : 0;
}

/* How much of a record is printed. */
struct extent {
	size_t longest; /* of each text */
	const char *
		modules; /* in place of the record's own, which has lines; NULL: without */
};

static bool is_modules(const struct record_field *field)
{
	return field->offset == offsetof(struct record, modules);
}

static int add_extent(json_t *object, const struct record *record,
		      const struct record_field *field, const struct extent *extent)
{
	if (!is_modules(field))
		return add_field(object, record, field, extent->longest);
	return extent->modules ? add_text(object, field->key, extent->modules, SIZE_MAX)
			       : 0;
}

static json_t *make(const struct record *record, const struct extent *extent)
{
	json_t *object = json_object();

	for (size_t i = 0; object && i < record_field_count; i++) {
		if (add_extent(object, record, &record_fields[i], extent) < 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

json_t *record_json(const struct record *record)
{
	return make(record, &(struct extent){ SIZE_MAX, record->modules });
}

static char *print(const struct record *record, const struct extent *extent)
{
	json_t *object = make(record, extent);
	char *text = object ? json_text_print(object) : NULL;

	json_decref(object);
	return text;
}

/* Modules by whole lines, in the room that the rest of the record leaves; *text is the rest. */
static int add_modules(const struct record *record, size_t longest, size_t size,
		       char **text)
{
	for (size_t room = size - strlen(*text); record->modules && room >= 64;
	     room -= room / 8) {
		_cleanup_free_ char *modules = modules_shorten(record->modules, room);
		const struct extent extent = { longest, modules };
		_cleanup_free_ char *whole = modules ? print(record, &extent) : NULL;

		if (!whole)
			return -ENOMEM;
		if (strlen(whole) >= size)
			continue;
		free(*text);
		*text = TAKE_PTR(whole);
		return 0;
	}
	return 0;
}

char *record_to_json(const struct record *record, size_t size)
{
	/* 64 bytes of each text fit always: 30 texts, each byte at most 5 characters. */
	static const size_t longest[] = { 4096, 2048, 1024, 512, 256, 128, 64 };
	const struct extent all = { SIZE_MAX, record->modules };

	if (size == 0)
		return print(record, &all);
	for (size_t i = 0; i < ARRAY_SIZE(longest); i++) {
		const struct extent others = { longest[i], NULL };
		_cleanup_free_ char *text = print(record, &others);

		if (!text)
			return NULL;
		if (strlen(text) >= size)
			continue;
		if (add_modules(record, longest[i], size, &text) < 0)
			return NULL;
		return TAKE_PTR(text);
	}
	return NULL;
}
