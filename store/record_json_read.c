/* SPDX-License-Identifier: MIT */
/*
 * A record out of JSON, hostile by assumption. Apart from record_json.c, which the handler's parent has: it writes
 * records, and reads none (tests/lint/parent).
 */
#include <errno.h>

#include "store/json_text.h"
#include "store/record_list.h"
#include "store/valid.h"

/* Nothing that dumpd writes is nested; a parser's depth is not the sender's to choose. */
#define MEMBERS_MAX 256

static int take_text(struct record *record, const struct record_field *field,
		     const json_t *value)
{
	_cleanup_free_ char *bytes = NULL;
	size_t n;
	int r = json_text_bytes(value, &bytes, &n);

	if (r < 0)
		return r;
	if (field->offset == offsetof(struct record, id) && !record_id_valid(bytes))
		return -EBADMSG;
	return record_set_text(record, field, bytes, n);
}

static int take_member(struct record *record, const char *key, const json_t *value)
{
	const struct record_field *field = record_field_by_key(key);

	if (!field)
		return 0;
	if (field->list)
		return record_list_read(value, (char **)((char *)record + field->offset));
	if (field->kind == RECORD_TEXT)
		return take_text(record, field, value);
	if (!json_is_integer(value) ||
	    !record_number_valid(field, json_integer_value(value)))
		return -EBADMSG;
	record_set_number(record, field, json_integer_value(value));
	return 0;
}

static int take_members(struct record *record, json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		int r = take_member(record, key, value);

		if (r < 0)
			return r;
	}
	return 0;
}

/* Until "thread_name" there was "process" for the process' name, and "comm" was the thread's. */
static int take_old_names(struct record *record, const json_t *object)
{
	const json_t *process = json_object_get(object, "process");

	if (!process || record->thread_name)
		return 0;
	record->thread_name = TAKE_PTR(record->comm);
	return take_text(record, record_field_by_key("comm"), process);
}

int record_from_json(const char *json, size_t n, struct record *ret)
{
	struct record record;
	json_t *object;
	int r = json_text_read(json, n, &object);

	if (r < 0)
		return r;
	record_init(&record);
	if (json_is_object(object) && json_object_size(object) <= MEMBERS_MAX)
		r = take_members(&record, object);
	else
		r = -EBADMSG;
	if (r == 0)
		r = take_old_names(&record, object);
	if (r == 0) {
		*ret = record;
		record_init(&record);
	}
	record_done(&record);
	json_decref(object);
	return r;
}
