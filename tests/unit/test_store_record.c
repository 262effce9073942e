/* SPDX-License-Identifier: MIT */
/*
 * The record as JSON and back: hostile bytes, sizes, and JSON that nobody should believe.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "tests/unit/core_builder.h"
#include "tests/unit/table.h"

#include "store/record_list.h"
#include "store/frame.h"
#include "store/record.h"

#define FRAME_ROOM (FRAME_RECORD_SIZE - FRAME_SKIPPABLE_HEADER)

/* Each text n bytes out of a pattern, each number one that it can be; an id has its form. */
static void fill(struct record *record, const char *pattern, size_t pattern_n, size_t n)
{
	char *text = malloc(n + 1);

	assert_non_null(text);
	for (size_t i = 0; i < n; i++)
		text[i] = pattern[i % pattern_n];
	record_init(record);
	for (size_t i = 0; i < record_field_count; i++) {
		if (record_fields[i].kind == RECORD_TEXT)
			assert_int_equal(
				record_set_text(record, &record_fields[i], text, n), 0);
		else
			record_set_number(record, &record_fields[i], i % 2);
	}
	/* of two elements, of which one is empty */
	free(record->arguments);
	text[n > 0 ? n - 1 : 0] = '\0';
	record->arguments = record_list_make(text, n + 1);
	record->pid = record->tid = 7;
	assert_int_equal(record_set_text(record, record_field_by_key("id"),
					 "a0123456789f", RECORD_ID_LENGTH),
			 0);
	free(text);
}

static void assert_same(const struct record *a, const struct record *b)
{
	for (size_t i = 0; i < record_field_count; i++) {
		const struct record_field *field = &record_fields[i];

		if (!field->key)
			continue;
		if (field->kind == RECORD_NUMBER)
			assert_int_equal(record_number(a, field),
					 record_number(b, field));
		else if (field->list && !record_text(b, field))
			continue; /* it did not fit */
		else if (record_text(a, field))
			assert_string_equal(record_text(a, field), record_text(b, field));
		else
			assert_null(record_text(b, field));
	}
}

struct text {
	const char *name, *pattern;
};

static const struct text texts[] = {
	{ "letters", "abc" },
	{ "quotes and backslashes", "\"\\" },
	{ "an escape that is none", "\\x41" },
	{ "control characters", "\x01\x1f\x7f\n\r\t" },
	{ "UTF-8", "ä€😀" },
	{ "broken UTF-8", "\xff\xfe\x80\xc3" },
	{ "surrogates in UTF-8", "\xed\xa0\x80" },
	{ "overlong", "\xc0\x80" },
	{ "noncharacter", "\xef\xbf\xbf" },
	{ "direction of text", "\xe2\x80\xae" },
	{ "escape sequences of terminals", "\x1b[31m\x9b" },
	{ "JSON", "{\"a\":[1,2]}" },
	{ "percent and dollar", "%s%n$(x)`x`" },
};

static void test_round(void **state)
{
	const struct text *row = *state;
	const size_t sizes[] = { 0, 1, 2, 3, 7, 63, 64, 65, 1000 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct record record, read;
		_cleanup_free_ char *json = NULL;

		fill(&record, row->pattern, strlen(row->pattern), sizes[i]);
		json = record_to_json(&record, 0);
		assert_non_null(json);
		assert_null(strchr(json, '\n'));
		assert_int_equal(record_from_json(json, strlen(json), &read), 0);
		assert_same(&record, &read);
		record_done(&record);
		record_done(&read);
	}
}

/* All texts of 8 KiB: they are shortened until it fits, and no number is lost. */
static void test_long(void **state)
{
	const struct text *row = *state;
	const size_t sizes[] = { 64, 100, 500, 1000, 4096, 8192 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct record record, read;
		_cleanup_free_ char *json = NULL;

		fill(&record, row->pattern, strlen(row->pattern), sizes[i]);
		json = record_to_json(&record, FRAME_ROOM);
		assert_non_null(json);
		assert_true(strlen(json) < FRAME_ROOM);
		assert_int_equal(record_from_json(json, strlen(json), &read), 0);
		assert_int_equal(read.pid, record.pid);
		assert_int_equal(read.duration, record.duration);
		assert_true(strlen(read.comm) >= 64);
		assert_memory_equal(read.comm, record.comm, strlen(read.comm));
		record_done(&record);
		record_done(&read);
	}
}

static void test_too_small(void **state)
{
	struct record record;
	char *json;

	(void)state;
	record_init(&record);
	json = record_to_json(&record, 3); /* {} */
	assert_string_equal(json, "{}");
	free(json);
	assert_null(record_to_json(&record, 2));
	assert_null(record_to_json(&record, 1));
	fill(&record, "\x01", 1, 100);
	assert_null(record_to_json(&record, 100));
	record_done(&record);
}

struct json {
	const char *name, *json;
	int r;
};

static const struct json jsons[] = {
	{ "empty object", "{}", 0 },
	{ "a text and a number", "{\"comm\":\"x\",\"pid\":7}", 0 },
	{ "before there was thread_name", "{\"comm\":\"x\",\"process\":\"y\"}", 0 },
	{ "an old name that is none", "{\"comm\":\"x\",\"process\":7}", -EBADMSG },
	{ "white space", " {\n\"pid\" :\t7 } \n", 0 },
	{ "unknown members", "{\"future\":[{}],\"pid\":7}", 0 },
	{ "the journal's own are unknown here", "{\"filename\":\"/etc/passwd\"}", 0 },
	{ "largest number", "{\"rlimit\":9223372036854775807}", 0 },
	{ "smallest number", "{\"pid\":-9223372036854775808}", -EBADMSG },
	{ "a number too large", "{\"pid\":9223372036854775808}", -EBADMSG },
	{ "a hundred digits",
	  "{\"pid\":1111111111111111111111111111111111111111111111111111"
	  "11111111111111111111111111111111111111111111111111}",
	  -EBADMSG },
	{ "a huge exponent", "{\"pid\":1e999999}", -EBADMSG },
	{ "a real number", "{\"pid\":7.0}", -EBADMSG },
	{ "a number as text", "{\"pid\":\"7\"}", -EBADMSG },
	{ "a text as number", "{\"comm\":7}", -EBADMSG },
	{ "null as number", "{\"pid\":null}", -EBADMSG },
	{ "null as text", "{\"comm\":null}", -EBADMSG },
	{ "true as number", "{\"pid\":true}", -EBADMSG },
	{ "a list", "{\"arguments\":[\"a b\",\"\",\"\\\\x0a\"]}", 0 },
	{ "an empty list", "{\"arguments\":[]}", 0 },
	{ "a text as list", "{\"arguments\":\"a\"}", -EBADMSG },
	{ "a number in a list", "{\"arguments\":[\"a\",1]}", -EBADMSG },
	{ "NUL in a list", "{\"arguments\":[\"\\\\x00\"]}", -EBADMSG },
	{ "half of an escape in a list", "{\"arguments\":[\"\\\\x0\"]}", -EBADMSG },
	{ "an array as text", "{\"comm\":[\"x\"]}", -EBADMSG },
	{ "an object as number", "{\"pid\":{}}", -EBADMSG },
	{ "a member twice", "{\"pid\":1,\"pid\":2}", -EBADMSG },
	{ "NUL by JSON", "{\"comm\":\"a\\u0000b\"}", -EBADMSG },
	{ "NUL by our escape", "{\"comm\":\"a\\\\x00b\"}", -EBADMSG },
	{ "half of our escape", "{\"comm\":\"a\\\\x0\"}", -EBADMSG },
	{ "a backslash of its own", "{\"comm\":\"a\\\\b\"}", -EBADMSG },
	{ "capital hex digits", "{\"comm\":\"\\\\xAB\"}", -EBADMSG },
	{ "lone surrogate", "{\"comm\":\"\\ud800\"}", -EBADMSG },
	{ "broken UTF-8", "{\"comm\":\"\xff\"}", -EBADMSG },
	{ "an array", "[]", -EBADMSG },
	{ "a text", "\"x\"", -EBADMSG },
	{ "nothing", "", -EBADMSG },
	{ "white space alone", "  ", -EBADMSG },
	{ "cut", "{\"pid\":7", -EBADMSG },
	{ "rubbish behind", "{} x", -EBADMSG },
	{ "a comment", "{}//", -EBADMSG },
	{ "comma at the end", "{\"pid\":7,}", -EBADMSG },
};

static void test_json(void **state)
{
	const struct json *row = *state;
	size_t n = strlen(row->json);
	char *copy = malloc(n + !n); /* no NUL behind */
	struct record record;

	memcpy(copy, row->json, n);
	assert_int_equal(record_from_json(copy, n, &record), row->r);
	if (row->r == 0) {
		assert_null(record.filename);
		if (record.thread_name) {
			assert_string_equal(record.comm, "y");
			assert_string_equal(record.thread_name, "x");
		}
		record_done(&record);
	}
	free(copy);
}

/* Deeply nested, in a member that nobody knows. */
static void test_deep(void **state)
{
	static const size_t depths[] = { 10, 2000, 1000000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(depths); i++) {
		size_t n = 2 * depths[i] + 8;
		char *json = malloc(n);
		struct record record;
		int r;

		memcpy(json, "{\"deep\":", 8);
		memset(json + 8, '[', depths[i]);
		memset(json + 8 + depths[i], ']', depths[i] - 1);
		json[n - 1] = '}'; /* one bracket is missing: malformed if it is read */
		r = record_from_json(json, n, &record);
		assert_int_equal(r, -EBADMSG);
		free(json);
	}
}

static void test_many_members(void **state)
{
	(void)state;
	for (int count = 255; count < 259; count++) {
		char json[8192] = "{";
		size_t n = 1;
		struct record record;
		int r;

		for (int i = 0; i < count; i++)
			n += (size_t)snprintf(json + n, sizeof(json) - n, "%s\"m%d\":1",
					      i ? "," : "", i);
		json[n++] = '}';
		r = record_from_json(json, n, &record);
		assert_int_equal(r, count <= 256 ? 0 : -EBADMSG);
		if (r == 0)
			record_done(&record);
	}
}

/* Good JSON with bytes changed: an answer, and no leak. */
static void test_flipped(void **state)
{
	uint32_t seed = 8;
	struct record record;
	char *json;
	size_t n;

	(void)state;
	fill(&record, "a\"\x01", 3, 5);
	json = record_to_json(&record, 0);
	n = strlen(json);
	for (int i = 0; i < 20000; i++) {
		char *copy = malloc(n);
		size_t cut = n - builder_random(&seed) % 3;
		struct record read;
		int r;

		memcpy(copy, json, n);
		copy[builder_random(&seed) % n] ^= (char)(1 << builder_random(&seed) % 8);
		r = record_from_json(copy, cut, &read);
		assert_true(r == 0 || r == -EBADMSG);
		if (r == 0)
			record_done(&read);
		free(copy);
	}
	free(json);
	record_done(&record);
}

static void test_table(void **state)
{
	struct record record;

	(void)state;
	for (size_t i = 0; i < record_field_count; i++) {
		const struct record_field *field = &record_fields[i];

		if (field->key)
			assert_ptr_equal(record_field_by_key(field->key), field);
		if (field->journal)
			assert_ptr_equal(record_field_by_journal(field->journal), field);
		assert_true(field->key || field->journal);
	}
	assert_null(record_field_by_key("filename"));
	assert_null(record_field_by_key(""));
	assert_null(record_field_by_journal("COREDUMP_"));
	record_init(&record);
	assert_int_equal(record.pid, RECORD_UNKNOWN);
	assert_null(record.comm);
	assert_int_equal(record_set_text(&record, record_field_by_key("comm"), "abc", 2),
			 0);
	assert_int_equal(record_set_text(&record, record_field_by_key("comm"), "xyz", 3),
			 0);
	assert_string_equal(record.comm, "xyz");
	record_done(&record);
	assert_null(record.comm);
	record_done(&record);
}

static void test_cut(void **state)
{
	static const struct {
		const char *outcome;
		int64_t truncated;
		bool cut;
	} rows[] = {
		{ OUTCOME_CUT, 1, true },
		{ OUTCOME_CUT, RECORD_UNKNOWN, true },
		{ OUTCOME_COMPLETE, RECORD_UNKNOWN, false },
		{ OUTCOME_COMPLETE, 0, false },
		{ OUTCOME_RECORD, RECORD_UNKNOWN, false },
		{ NULL, 1, true }, /* a journal entry without our own fields */
		{ NULL, RECORD_UNKNOWN, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct record record;

		record_init(&record);
		record.truncated = rows[i].truncated;
		if (rows[i].outcome)
			record.outcome = strdup(rows[i].outcome);
		assert_int_equal(record_is_cut(&record), rows[i].cut);
		record_done(&record);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_too_small),    cmocka_unit_test(test_deep),
		cmocka_unit_test(test_many_members), cmocka_unit_test(test_flipped),
		cmocka_unit_test(test_table),	     cmocka_unit_test(test_cut),
	};
	int failed = RUN_TABLE(texts, test_round);

	failed += RUN_TABLE(texts, test_long);
	failed += RUN_TABLE(jsons, test_json);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
