/* SPDX-License-Identifier: MIT */
/*
 * The record's list of modules: lines that are right, lines that nobody should believe, and less
 * room than there are lines.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/table.h"

#include "store/frame.h"
#include "store/modules.h"
#include "store/record.h"

#define ID "93ac61ec5a8eb1396f9fbd350e3169a558528a40"

static const struct row {
	const char *name, *text;
	const char *
		said; /* each line as "BUILDID|START|PATH" or "WHY|START|PATH", ended by ; */
	uint64_t more;
} rows[] = {
	{ "nothing", "", "", 0 },
	{ "one", ID " 7f40d032e000 /lib/x.so", ID "|7f40d032e000|/lib/x.so;", 0 },
	{ "one with a line break", ID " 1 /x\n", ID "|1|/x;", 0 },
	{ "two and more", "abcd 1 /x\nnone 2 /y z\n17 more",
	  "abcd|1|/x;its memory has no such note|2|/y z;", 17 },
	{ "every word", "unread 1 /a\nbad-size 2 /b\nbad-place 3 /c\ntwo 4 /d",
	  "its headers or notes are not in memory, or could not be read|1|/a;"
	  "its note has a size that cannot be|2|/b;its note is outside of its memory|3|/c;"
	  "its notes have two that differ|4|/d;",
	  0 },
	{ "a word that is none", "some 1 /x\nabcd 2 /y", "abcd|2|/y;", 0 },
	{ "an odd number of digits", "abc 1 /x", "", 0 },
	{ "longer than any", ID ID ID ID " 1 /x", "", 0 },
	{ "an address that is none", "abcd xyz /x", "", 0 },
	{ "an address too long", "abcd 11112222333344445 /x", "", 0 },
	{ "no path", "abcd 1", "", 0 },
	{ "an empty path", "abcd 1 ", "", 0 },
	{ "no address", "abcd", "", 0 },
	{ "capitals", "ABCD 1 /x", "", 0 },
	{ "more than there can be", "99999999999999999999 more", "", 0 },
	{ "more of something", "5 more of it", "", 0 },
};

static void test_row(void **state)
{
	const struct row *row = *state;
	const char *text = row->text;
	struct module_line line;
	char said[4096] = "";

	while (modules_next(&text, &line)) {
		size_t n = strlen(said);

		snprintf(said + n, sizeof(said) - n, "%s|%" PRIx64 "|%.*s;",
			 line.why ? line.why : line.build_id, line.start, (int)line.n,
			 line.path);
	}
	assert_string_equal(said, row->said);
	assert_int_equal(modules_more(row->text), row->more);
}

static void test_shorten(void **state)
{
	static const char text[] = "abcd 1 /x\nabcd 2 /yy\nabcd 3 /z\n7 more";
	static const struct {
		size_t size;
		const char *expected;
	} sizes[] = {
		{ 100, "abcd 1 /x\nabcd 2 /yy\nabcd 3 /z\n7 more" },
		{ 31, "abcd 1 /x\nabcd 2 /yy\nabcd 3 /z\n7 more" },
		{ 30, "abcd 1 /x\nabcd 2 /yy\n8 more" },
		{ 20, "abcd 1 /x\n9 more" }, /* none that comes later fills the room */
		{ 0, "10 more" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		_cleanup_free_ char *shortened = modules_shorten(text, sizes[i].size);

		assert_non_null(shortened);
		assert_string_equal(shortened, sizes[i].expected);
	}
}

/* A record of 1,000 modules: as many as the frame has room for, and no half line. */
static void test_record(void **state)
{
	const size_t size = FRAME_RECORD_SIZE - FRAME_SKIPPABLE_HEADER;
	_cleanup_free_ char *json = NULL;
	char modules[65536] = "";
	struct module_line line;
	struct record record, again;
	const char *text;
	uint64_t count = 0;
	size_t n = 0;

	(void)state;
	record_init(&record);
	for (int i = 0; i < 600; i++)
		n += (size_t)snprintf(
			modules + n, sizeof(modules) - n,
			ID " %x000 /usr/lib/x86_64-linux-gnu/lib%d\x01.so\n", i + 1, i);
	record.modules = modules;
	json = record_to_json(&record, size);
	assert_non_null(json);
	assert_true(strlen(json) < size && strlen(json) > size - size / 6);
	assert_int_equal(record_from_json(json, strlen(json), &again), 0);
	for (text = again.modules; modules_next(&text, &line); count++)
		assert_int_equal(line.start, (count + 1) << 12);
	assert_true(count > 100);
	assert_int_equal(count + modules_more(again.modules), 600);
	record_done(&again);
	record.modules = NULL;
	record_done(&record);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_shorten),
					    cmocka_unit_test(test_record) };

	return RUN_TABLE(rows, test_row) + cmocka_run_group_tests(tests, NULL, NULL);
}
