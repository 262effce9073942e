/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/escape.h"
#include "base/number.h"
#include "dumpctl/match.h"

#define ID_SHORTEST 4

static int refuse(const char *reason, const char **ret_reason)
{
	*ret_reason = reason;
	return -EINVAL;
}

static int parse_number(const char *text, int64_t *ret)
{
	bool negative = text[0] == '-';
	uint64_t value;

	if (number_u64(text + negative, INT64_MAX, &value) < 0)
		return -EINVAL;
	*ret = negative ? -(int64_t)value : (int64_t)value;
	return 0;
}

static bool looks_like_field(const char *text)
{
	return strchr(text, '=') != NULL;
}

static int parse_field(const char *text, struct match *ret, const char **ret_reason)
{
	const char *equals = strchr(text, '=');
	char name[64] = "";

	if ((size_t)(equals - text) >= sizeof(name))
		return refuse("no such field", ret_reason);
	memcpy(name, text, (size_t)(equals - text));
	ret->field = record_field_by_journal(name);
	if (!ret->field)
		ret->field = record_field_by_key(name);
	if (!ret->field)
		return refuse("no such field", ret_reason);
	ret->text = equals + 1;
	if (ret->field->kind == RECORD_NUMBER &&
	    parse_number(ret->text, &ret->number) < 0)
		return refuse("this field's value is a number", ret_reason);
	return 0;
}

static bool looks_like_exe(const char *text)
{
	return strchr(text, '/') != NULL;
}

static int parse_exe(const char *text, struct match *ret, const char **ret_reason)
{
	if (text[0] != '/')
		return refuse("an executable is matched by its absolute path",
			      ret_reason);
	ret->field = record_field_by_key("exe");
	ret->also_deleted = true;
	return 0;
}

static bool looks_like_pid(const char *text)
{
	return text[strspn(text, "0123456789")] == '\0';
}

static int parse_pid(const char *text, struct match *ret, const char **ret_reason)
{
	ret->field = record_field_by_key("pid");
	if (parse_number(text, &ret->number) < 0)
		return refuse("this is too large for a PID", ret_reason);
	return 0;
}

static bool looks_like_name(const char *text)
{
	return text[0] != '\0';
}

static int parse_name(const char *text, struct match *ret, const char **ret_reason)
{
	size_t n = strlen(text);

	(void)ret_reason;
	ret->field = record_field_by_key("comm");
	ret->any_name = true;
	ret->maybe_id = n >= ID_SHORTEST && n <= RECORD_ID_LENGTH &&
			strspn(text, "0123456789abcdef") == n &&
			strchr("abcdef", text[0]) != NULL;
	return 0;
}

int match_parse(const char *text, struct match *ret, const char **ret_reason)
{
	static const struct {
		bool (*looks)(const char *text);
		int (*parse)(const char *text, struct match *ret,
			     const char **ret_reason);
	} forms[] = {
		{ looks_like_field, parse_field },
		{ looks_like_exe, parse_exe },
		{ looks_like_pid, parse_pid },
		{ looks_like_name, parse_name },
	};

	if (text[0] == '\0')
		return refuse("an empty text matches nothing", ret_reason);
	memset(ret, 0, sizeof(*ret));
	ret->text = text;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		if (forms[i].looks(text))
			return forms[i].parse(text, ret, ret_reason);
	}
	return refuse("no form of a match", ret_reason);
}

static bool is_id_of_any(const char *prefix, const struct index *index)
{
	for (size_t i = 0; i < index->count; i++) {
		const char *id = index->entries[i].record.id;

		if (id && strncmp(id, prefix, strlen(prefix)) == 0)
			return true;
	}
	return false;
}

void match_resolve(struct match *matches, size_t n, const struct index *index)
{
	for (size_t i = 0; i < n; i++) {
		struct match *match = &matches[i];

		if (match->maybe_id && is_id_of_any(match->text, index)) {
			match->field = record_field_by_key("id");
			match->any_name = false;
		} else {
			match->maybe_id = false;
		}
	}
}

/* The bytes themselves, or what dumpctl prints for them. */
static bool same_text(const char *have, const char *want)
{
	_cleanup_free_ char *escaped = NULL;

	if (!have)
		return false;
	if (strcmp(have, want) == 0)
		return true;
	if (!strchr(want, '\\'))
		return false;
	escaped = escape_text(have, strlen(have));
	return escaped && strcmp(escaped, want) == 0;
}

/* The path without what /proc adds to it when the file is gone. */
static bool same_exe(const char *have, const char *want)
{
	static const char mark[] = " (deleted)";
	size_t n = have ? strlen(have) : 0, tail = sizeof(mark) - 1;
	_cleanup_free_ char *path = NULL;

	if (n <= tail || strcmp(have + n - tail, mark) != 0)
		return false;
	path = strndup(have, n - tail);
	return path && same_text(path, want);
}

/* A process names itself as it likes, and of a long name the kernel keeps 15 bytes. */
static bool same_basename(const char *exe, const char *want)
{
	const char *slash = exe ? strrchr(exe, '/') : NULL;

	return slash && (same_text(slash + 1, want) || same_exe(slash + 1, want));
}

static bool holds(const struct match *match, const struct record *record)
{
	const char *text;

	if (match->field->kind == RECORD_NUMBER)
		return record_number(record, match->field) == match->number;
	text = record_text(record, match->field);
	if (match->maybe_id)
		return text && strncmp(text, match->text, strlen(match->text)) == 0;
	return same_text(text, match->text) ||
	       (match->also_deleted && same_exe(text, match->text)) ||
	       (match->any_name && (same_text(record->thread_name, match->text) ||
				    same_basename(record->exe, match->text)));
}

/* One of the matches of this field holds. */
static bool field_holds(const struct match *matches, size_t n,
			const struct record_field *field, const struct record *record)
{
	for (size_t i = 0; i < n; i++) {
		if (matches[i].field == field && holds(&matches[i], record))
			return true;
	}
	return false;
}

bool match_all(const struct match *matches, size_t n, const struct record *record)
{
	for (size_t i = 0; i < n; i++) {
		if (!field_holds(matches, n, matches[i].field, record))
			return false;
	}
	return true;
}
