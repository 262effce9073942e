/* SPDX-License-Identifier: MIT */
/*
 * Entries of programs that speak the truth, that lie, and that crashed while they wrote.
 */
#include <stdlib.h>

#include "tests/unit/hints_world.h"
#include "tests/unit/table.h"

/* A range: what an entry becomes. */
struct want {
	enum hint_kind kind;
	uint64_t start, end;
	unsigned int priority;
};

struct entry_row {
	const char *name;
	unsigned int word;
	struct dumpd_hint entries[4];
	struct want want[4];
	const char *problem;
	bool unreadable;
};

#define POINTEE DUMPD_HINT_KEEP_POINTEE
#define END_64	(UINT64_C(1) << 56)
#define END_32	(UINT64_C(1) << 32)
#define BAD	"an entry that makes no sense"

/*
 * Data: at 0x10000 a pointer (8 bytes) to 0x123456789a0; at 0x10010 one of 4 bytes to 0xf0001000
 * with garbage behind it; at 0x10020 the length 0x4321 in 2 bytes with garbage behind it; at
 * 0x10030 a length of 8 bytes, all ones; NULL at 0x10040.
 */
static const struct entry_row entry_rows[] = {
	{ "keep",
	  8,
	  .entries = { { SET(1, 0x1000, 16), .priority = 9 } },
	  { { HINT_KEEP, 0x1000, 0x1010, 9 } } },
	{ "drop",
	  8,
	  .entries = { { SET(3, 0x1001, 1) } },
	  { { HINT_DROP, 0x1001, 0x1002, 0 } } },
	{ "secret",
	  8,
	  .entries = { { SET(4, 0x7fffffffe001, 3) } },
	  { { HINT_SECRET, 0x7fffffffe001, 0x7fffffffe004, 0 } } },
	{ "text",
	  8,
	  .entries = { { SET(5, 0x10041, 5) } },
	  { { HINT_TEXT, 0x10041, 0x10046, 0 } } },
	{ "text too long",
	  8,
	  .entries = { { SET(5, 0x10041, 5000) } },
	  { { HINT_TEXT, 0x10041, 0x10441, 0 } } },
	{ "free entries and gaps",
	  8,
	  .entries = { { .address = 1, .length = 1, .kind = 4 },
		       { SET(1, 0x1000, 16) },
		       { .state = 0 },
		       { SET(3, 8, 8) } },
	  { { HINT_KEEP, 0x1000, 0x1010, 0 }, { HINT_DROP, 8, 16, 0 } } },
	{ "half written",
	  8,
	  .entries = { { .state = 0x301, .kind = 4, .address = 0x1000 },
		       { SET(1, 0x1000, 16) } },
	  { { HINT_KEEP, 0x1000, 0x1010, 0 } } },
	{ "contradicting: all of it",
	  8,
	  .entries = { { SET(1, 0x1000, 64) },
		       { SET(3, 0x1000, 64) },
		       { SET(4, 0x1000, 64) } },
	  { { HINT_KEEP, 0x1000, 0x1040, 0 },
	    { HINT_DROP, 0x1000, 0x1040, 0 },
	    { HINT_SECRET, 0x1000, 0x1040, 0 } } },
	{ "the same twice",
	  8,
	  .entries = { { SET(4, 8, 8) }, { SET(4, 8, 8) } },
	  { { HINT_SECRET, 8, 16, 0 }, { HINT_SECRET, 8, 16, 0 } } },
	{ "the table itself",
	  8,
	  .entries = { { SET(4, TABLE_AT, TABLE_ROOM) } },
	  { { HINT_SECRET, TABLE_AT, TABLE_AT + TABLE_ROOM, 0 } } },
	{ "length overflows",
	  8,
	  .entries = { { SET(4, 0x1000, UINT64_MAX) } },
	  { { HINT_SECRET, 0x1000, END_64, 0 } } },
	{ "length overflows by one",
	  8,
	  .entries = { { SET(1, 0x1000, UINT64_MAX - 0xfff) } },
	  { { HINT_KEEP, 0x1000, END_64, 0 } } },
	{ "all there is",
	  8,
	  .entries = { { SET(4, 0, UINT64_MAX) } },
	  { { HINT_SECRET, 0, END_64, 0 } } },
	{ "the last byte",
	  8,
	  .entries = { { SET(4, UINT64_MAX, 1) } },
	  { { HINT_SECRET, END_64 - 1, END_64, 0 } } },
	{ "a tagged pointer",
	  8,
	  .entries = { { SET(4, 0x2a00555500001000, 8) } },
	  { { HINT_SECRET, 0x555500001000, 0x555500001008, 0 } } },
	{ "32 bits: behind the end",
	  4,
	  .entries = { { SET(4, 0xfffff000, 0x2000) } },
	  { { HINT_SECRET, 0xfffff000, END_32, 0 } } },
	{ "32 bits: sign extended",
	  4,
	  .entries = { { SET(4, 0xfffffffff0001000, 8) } },
	  { { HINT_SECRET, 0xf0001000, 0xf0001008, 0 } } },
	{ "pointee",
	  8,
	  .entries = { { SET(POINTEE, 0x10000, 0x20), .priority = 3 } },
	  { { HINT_KEEP, 0x123456789a0, 0x123456789c0, 3 } } },
	{ "32 bits: pointee",
	  4,
	  .entries = { { SET(POINTEE, 0x10010, 0x20) } },
	  { { HINT_KEEP, 0xf0001000, 0xf0001020, 0 } } },
	{ "pointee of a length",
	  8,
	  .entries = { { SET(POINTEE, 0x10000, 0), .length_at = 0x10020,
			 .length_width = 2 } },
	  { { HINT_KEEP, 0x123456789a0, 0x123456789a0 + 0x4321, 0 } } },
	{ "pointee of a length, capped",
	  8,
	  .entries = { { SET(POINTEE, 0x10000, 0x100), .length_at = 0x10020,
			 .length_width = 2 } },
	  { { HINT_KEEP, 0x123456789a0, 0x12345678aa0, 0 } } },
	{ "pointee of a length below the cap",
	  8,
	  .entries = { { SET(POINTEE, 0x10000, 0x10000), .length_at = 0x10020,
			 .length_width = 1 } },
	  { { HINT_KEEP, 0x123456789a0, 0x123456789c1, 0 } } },
	{ "pointee of a huge length",
	  8,
	  .entries = { { SET(POINTEE, 0x10000, 0), .length_at = 0x10030,
			 .length_width = 8 } },
	  { { HINT_KEEP, 0x123456789a0, END_64, 0 } } },
	{ "pointee: NULL", 8, .entries = { { SET(POINTEE, 0x10040, 8) } }, { { 0 } } },
	{ "pointee of no length",
	  8,
	  .entries = { { SET(POINTEE, 0x10000, 0), .length_at = 0x10040,
			 .length_width = 4 } },
	  { { 0 } } },
	{ "pointee of itself",
	  8,
	  .entries = { { SET(POINTEE, 0x10048, 8) } },
	  { { HINT_KEEP, 0x10048, 0x10050, 0 } } },
	{ "pointer unmapped",
	  8,
	  .entries = { { SET(POINTEE, 0x555500000000, 8) } },
	  { { 0 } },
	  "a hint's pointer is not in memory" },
	{ "pointer cut off",
	  8,
	  .entries = { { SET(POINTEE, 0x11ffc, 8) } },
	  { { 0 } },
	  "a hint's pointer is not in memory" },
	{ "32 bits: pointer at the end",
	  4,
	  .entries = { { SET(POINTEE, 0x11ffc, 8) } },
	  { { 0 } } },
	{ "length unmapped",
	  8,
	  .entries = { { SET(POINTEE, 0x10000, 8), .length_at = 8, .length_width = 8 } },
	  { { 0 } },
	  "a hint's length is not in memory" },
	{ "length of width 3",
	  8,
	  .entries = { { SET(POINTEE, 0x10000, 8), .length_at = 0x10020,
			 .length_width = 3 } },
	  { { 0 } },
	  "a hint's length has a width that no number has" },
	{ "length of width 255",
	  8,
	  .entries = { { SET(POINTEE, 0x10000, 8), .length_at = 0x10020,
			 .length_width = 255 } },
	  { { 0 } },
	  "a hint's length has a width that no number has" },
	{ "no bytes",
	  8,
	  .entries = { { SET(4, 0x1000, 0) }, { SET(3, 8, 8) } },
	  { { HINT_DROP, 8, 16, 0 } },
	  "a hint of no bytes" },
	{ "length_at is the pointee's alone",
	  8,
	  .entries = { { SET(4, 8, 8), .length_at = 0x10020, .length_width = 2 } },
	  { { HINT_SECRET, 8, 16, 0 } } },
	{ "a kind to ignore",
	  8,
	  .entries = { { SET(0x81, 8, 8) }, { SET(3, 8, 8) } },
	  { { HINT_DROP, 8, 16, 0 } },
	  "a hint of a kind that is not known" },
	{ "a kind not to ignore",
	  8,
	  .entries = { { SET(6, 8, 8) }, { SET(3, 8, 8) } },
	  { { HINT_DROP, 8, 16, 0 } },
	  BAD,
	  true },
	{ "kind 0", 8, .entries = { { SET(0, 8, 8) } }, { { 0 } }, BAD, true },
	{ "state 3", 8, .entries = { { .state = 3, .kind = 1 } }, { { 0 } }, BAD, true },
	{ "state 255", 8, .entries = { { .state = 0xffffffff } }, { { 0 } }, BAD, true },
	{ "unreadable is the problem",
	  8,
	  .entries = { { SET(1, 8, 0) }, { SET(99, 8, 8) } },
	  { { 0 } },
	  BAD,
	  true },
};

static void fill_data(struct world *w)
{
	world_put_data(w, 0x10000, 0x123456789a0, 8);
	world_put_data(w, 0x10010, 0xddddddddf0001000, 8);
	world_put_data(w, 0x10020, 0xeeeeeeee4321, 8);
	world_put_data(w, 0x10030, UINT64_MAX, 8);
	world_put_data(w, 0x10048, 0x10048, 8);
}

static void test_entry(void **state)
{
	const struct entry_row *row = *state;
	struct world *w = world_new(16);
	struct hints hints;
	size_t n = 0;

	fill_data(w);
	for (size_t i = 0; i < ARRAY_SIZE(row->entries); i++)
		world_set_entry(w, i, &row->entries[i]);
	world_read(w, row->word, &hints);
	for (; n < ARRAY_SIZE(row->want) && row->want[n].end > 0; n++) {
		assert_true(n < hints.count);
		assert_int_equal(hints.hints[n].kind, row->want[n].kind);
		assert_int_equal(hints.hints[n].start, row->want[n].start);
		assert_int_equal(hints.hints[n].end, row->want[n].end);
		assert_int_equal(hints.hints[n].priority, row->want[n].priority);
	}
	assert_int_equal(hints.count, n);
	assert_int_equal(hints.unreadable, row->unreadable);
	same_problem(&hints, row->problem);
	hints_done(&hints);
	free(w);
}

/* 24 bytes without a NUL, and one with bytes behind it. */
static void test_tags(void **state)
{
	struct dumpd_hint full = { SET(DUMPD_HINT_KEEP, 8, 8) };
	struct dumpd_hint two = { SET(DUMPD_HINT_KEEP, 8, 8), .tag = "a\0b" };
	static const char none[24] = "a";
	struct world *w = world_new(2);
	struct hints hints;

	(void)state;
	memset(full.tag, '\xff', sizeof(full.tag));
	world_set_entry(w, 0, &full);
	world_set_entry(w, 1, &two);
	world_read(w, 8, &hints);
	assert_int_equal(strlen(hints.hints[0].tag), 23);
	assert_memory_equal(hints.hints[0].tag, full.tag, 23);
	assert_memory_equal(hints.hints[1].tag, none, sizeof(none));
	hints_done(&hints);
	free(w);
}

/* Whole words are blanked: a half of one could still be read as a number. */
static void test_words(void **state)
{
	static const struct {
		uint64_t start, end;
		struct span words;
	} rows[] = {
		{ 0x1000, 0x1008, { 0x1000, 0x1008 } },
		{ 0x1003, 0x1004, { 0x1000, 0x1008 } },
		{ 0x1007, 0x1009, { 0x1000, 0x1010 } },
		{ 0, END_64, { 0, END_64 } },
		{ 0x1003, UINT64_MAX, { 0x1000, UINT64_MAX - 7 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct hint secret = { HINT_SECRET, rows[i].start, rows[i].end, 0,
					     "" };
		struct span words = hint_words(&secret);

		assert_int_equal(words.start, rows[i].words.start);
		assert_int_equal(words.end, rows[i].words.end);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_words),
	};
	int failed = RUN_TABLE(entry_rows, test_entry);

	return failed + cmocka_run_group_tests_name("entries", tests, NULL, NULL);
}
