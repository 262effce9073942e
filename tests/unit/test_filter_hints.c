/* SPDX-License-Identifier: MIT */
/*
 * Entries of programs that speak the truth, that lie, and that crashed while they wrote; and
 * what the functions of hints/dumpd-hints.h write.
 */
#include <stdlib.h>

#include "tests/unit/hints_world.h"
#include "tests/unit/rig.h"
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

struct text_row {
	const char *name;
	uint64_t at, length;
	uint64_t secret, secret_length;
	const char *text; /* NULL: none */
	size_t n; /* where it is not strlen(text) */
	const char *problem;
};

#define IS_SECRET "a text that is a secret, too"

/* "assertion failed: a < b" at 0x10100, x from 0x11000 to the end of the data */
static const struct text_row text_rows[] = {
	{ "to its NUL", 0x10100, 500, 1, 1, "assertion failed: a < b", 0, NULL },
	{ "to its length", 0x10100, 9, 1, 1, "assertion", 0, NULL },
	{ "one byte", 0x10100, 1, 1, 1, "a", 0, NULL },
	{ "empty", 0x100f8, 8, 1, 1, NULL, 0, NULL },
	{ "at most 1024", 0x11000, 4096, 1, 1, "xxxx", HINT_TEXT_MAX, NULL },
	{ "to the end of what is there", 0x11ff0, 500, 1, 1, "xxxx", 16, NULL },
	{ "not there", 0x555500000000, 500, 1, 1, NULL, 0, NULL },
	{ "all the address space", 0x10100, UINT64_MAX, 1, 1, "assertion failed: a < b",
	  0, NULL },
	{ "secret", 0x10100, 9, 0x10100, 9, NULL, 0, IS_SECRET },
	{ "secret from the middle on", 0x10100, 500, 0x10108, 1000, NULL, 0, IS_SECRET },
	{ "in the word of a secret", 0x10100, 9, 0x1010f, 1, NULL, 0, IS_SECRET },
	{ "in the word before a secret", 0x10100, 8, 0x10108, 8, "assertio", 0, NULL },
	{ "in the last word of a secret", 0x10104, 9, 0x10080, 0x81, NULL, 0, IS_SECRET },
	{ "in the word behind a secret", 0x10108, 8, 0x10080, 0x88, "n failed", 0, NULL },
	{ "all is secret", 0x10100, 9, 0, UINT64_MAX, NULL, 0, IS_SECRET },
};

static void test_text(void **state)
{
	const struct text_row *row = *state;
	const struct dumpd_hint said = { SET(DUMPD_HINT_TEXT, row->at, row->length),
					 .tag = "abort" };
	const struct dumpd_hint secret = { SET(DUMPD_HINT_SECRET, row->secret,
					       row->secret_length) };
	struct world *w = world_new(16);
	struct hints hints;

	memcpy(w->data + 0x100, "assertion failed: a < b", 24);
	memset(w->data + PAGE, 'x', PAGE);
	world_set_entry(w, 0, &said);
	world_set_entry(w, 1, &secret); /* behind it: all secrets come before all texts */
	world_read(w, 8, &hints);
	assert_int_equal(hints.count, 2);
	assert_int_equal(hints.text_count, row->text ? 1 : 0);
	if (row->text) {
		size_t n = row->n ? row->n : strlen(row->text);

		assert_int_equal(hints.texts[0].n, n);
		assert_memory_equal(hints.texts[0].bytes, row->text, strlen(row->text));
		assert_int_equal(hints.texts[0].bytes[n - 1],
				 row->text[strlen(row->text) - 1]);
		assert_string_equal(hints.texts[0].tag, "abort");
	}
	same_problem(&hints, row->problem);
	hints_done(&hints);
	free(w);
}

/* What may be an unknown secret is not copied. */
static void test_text_unreadable(void **state)
{
	const struct dumpd_hint said = { SET(DUMPD_HINT_TEXT, 0x10100, 9) };
	const struct dumpd_hint wrong = { SET(77, 0x10100, 9) };
	struct world *w = world_new(16);
	struct hints hints;

	(void)state;
	memset(w->data, 'x', sizeof(w->data));
	world_set_entry(w, 0, &said);
	world_set_entry(w, 1, &wrong);
	world_read(w, 8, &hints);
	assert_true(hints.unreadable);
	assert_int_equal(hints.text_count, 0);
	hints_done(&hints);
	free(w);
}

static void test_many_texts(void **state)
{
	struct world *w = world_new(100);
	struct hints hints;

	(void)state;
	memset(w->data, 'x', sizeof(w->data));
	for (size_t i = 0; i < 70; i++) {
		struct dumpd_hint said = { SET(DUMPD_HINT_TEXT, 0x10000 + i, 1 + i) };

		world_set_entry(w, i, &said);
	}
	world_read(w, 8, &hints);
	assert_int_equal(hints.text_count, 64);
	assert_int_equal(hints.count, 64);
	assert_int_equal(hints.texts[63].n, 64);
	same_problem(&hints, "more texts than are read");
	assert_false(hints.unreadable);
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

/* What filter/ repeats because it may not include it. */
static void test_abi(void **state)
{
	(void)state;
	assert_int_equal(TABLE_MAGIC, DUMPD_HINTS_MAGIC);
	assert_int_equal(TABLE_VERSION, DUMPD_HINTS_VERSION);
	assert_int_equal(TABLE_HEADER_SIZE, DUMPD_HINTS_HEADER_SIZE);
	assert_int_equal(TABLE_ENTRY_SIZE, DUMPD_HINTS_ENTRY_SIZE);
	assert_int_equal(ENTRY_FREE, DUMPD_HINTS_FREE);
	assert_int_equal(ENTRY_BUSY, DUMPD_HINTS_BUSY);
	assert_int_equal(ENTRY_SET, DUMPD_HINTS_SET);
	assert_int_equal(ENTRY_KEEP, DUMPD_HINT_KEEP);
	assert_int_equal(ENTRY_KEEP_POINTEE, DUMPD_HINT_KEEP_POINTEE);
	assert_int_equal(ENTRY_DROP, DUMPD_HINT_DROP);
	assert_int_equal(ENTRY_SECRET, DUMPD_HINT_SECRET);
	assert_int_equal(ENTRY_TEXT, DUMPD_HINT_TEXT);
	assert_int_equal(sizeof(((struct hint *)0)->tag), DUMPD_HINTS_TAG_SIZE);
	assert_memory_equal(&(uint32_t){ DUMPD_HINTS_MAGIC }, "DHNT", 4);
}

static size_t read_own(void *context, uint64_t address, void *to, size_t n)
{
	(void)context;
	memcpy(to, (const void *)(uintptr_t)address, n);
	return n;
}

static void same_range(const struct hint *hint, enum hint_kind kind, const void *p,
		       size_t n, unsigned int priority, const char *tag)
{
	assert_int_equal(hint->kind, kind);
	assert_int_equal(hint->start, (uintptr_t)p);
	assert_int_equal(hint->end, (uintptr_t)p + n);
	assert_int_equal(hint->priority, priority);
	assert_string_equal(hint->tag, tag);
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

/* A process with so many mappings that the kernel left NT_FILE out. */
static void test_by_names(void **state)
{
	const struct dumpd_hint secret = { SET(DUMPD_HINT_SECRET, 0x1000, 16) };
	struct named named[] = {
		{ DATA_AT, DATA_AT + DATA_SIZE, 0, world_text("[heap]") },
		{ TABLE_AT, TABLE_AT + TABLE_ROOM, 0, world_text(MEMFD) },
	};
	struct names names = { named, ARRAY_SIZE(named), false };
	struct world *w = world_new(16);
	struct hints hints;

	(void)state;
	world_set_entry(w, 0, &secret);
	assert_int_equal(world_read_names(w, &names, &hints), 0);
	assert_true(hints.found);
	assert_false(hints.unreadable);
	assert_int_equal(hints.count, 1);
	assert_int_equal(hints.hints[0].start, 0x1000);
	assert_int_equal(hints.hints[0].end, 0x1010);
	hints_done(&hints);
	names.count = 1;
	assert_int_equal(world_read_names(w, &names, &hints), 0);
	assert_false(hints.found || hints.unreadable);
	hints_done(&hints);
	free(w);
}

struct text_place {
	const char *name;
	uint64_t start;
	size_t n;
	bool stays;
};

/*
 * In pages: 10-11 and 11-12 offered by the kernel; 13-14 private, of which it offers nothing
 * (MADV_DONTDUMP); 14-15 of a file, likewise, which is no secret of the process.
 */
static const struct text_place text_places[] = {
	{ "in what is offered", 0x10010, 16, true },
	{ "to its end", 0x11ff0, 16, true },
	{ "over two mappings", 0x10ff8, 16, true },
	{ "in what is not", 0x13000, 16, false },
	{ "ends in what is not", 0x12ff8, 16, false },
	{ "in a file", 0x14000, 16, true },
	{ "where nothing is mapped", 0x20000, 16, true },
};

/* A text must not tell what the program has kept out of every dump. */
static void test_left_out(void **state)
{
	const struct text_place *row = *state;
	struct hint_text texts[2] = {
		{ .start = 0x10000, .n = 4 },
		{ .start = row->start, .n = row->n },
	};
	struct hints hints = { .texts = texts, .text_count = 2 };
	struct rig rig;

	builder_init(&rig.b, EM_X86_64);
	builder_thread(&rig.b, 1, 0x10000, 0x10000, 0);
	builder_file(&rig.b, 0x14000, 0x15000, 0, "/usr/bin/x");
	builder_files(&rig.b);
	builder_load(&rig.b, 0x10000, PAGE, PAGE, RW);
	builder_load(&rig.b, 0x11000, PAGE, PAGE, RW | PF_X);
	builder_load(&rig.b, 0x13000, 0, PAGE, RW);
	builder_load(&rig.b, 0x14000, 0, PAGE, PF_R);
	rig_up(&rig);
	hints_drop_texts(&rig.space, &hints);
	assert_int_equal(hints.text_count, row->stays ? 2 : 1);
	assert_int_equal(texts[0].start, 0x10000);
	if (row->stays)
		assert_int_equal(texts[1].start, row->start);
	same_problem(&hints, row->stays ? NULL : "a text in memory that is in no dump");
	rig_done(&rig);
}

/* What the header's functions write in this very process. */
static void test_own(void **state)
{
	static char memory[64] = "said by itself";
	char *pointer = memory + 8;
	uint16_t length = 24;
	struct notes notes = { .word = sizeof(void *),
			       .file_count = 1,
			       .has_files = true };
	const struct memory own = { read_own, NULL, NULL, NULL };
	struct file_mapping file = { .path = world_text(MEMFD) };
	dumpd_hint_id removed;
	struct hints hints;

	(void)state;
	assert_int_equal(dumpd_hints_prepare(), 0);
	file.start = (uintptr_t)dumpd_hints_table_1;
	file.end = file.start + 17 * PAGE;
	notes.files = &file;
	assert_true(dumpd_hints_add(dumpd_keep(memory, 16, 7, "keep")) > 0);
	removed = dumpd_hints_add(dumpd_secret(memory, 16, "removed"));
	assert_true(removed > 0);
	assert_true(dumpd_hints_add(dumpd_keep_pointee(&pointer, 4, 1, "pointee")) > 0);
	assert_true(dumpd_hints_add(dumpd_keep_pointee_of(
			    &pointer, &length, sizeof(length), 0, 2, "of")) > 0);
	assert_true(dumpd_hints_add(dumpd_drop(memory + 1, 2, "drop")) > 0);
	assert_true(dumpd_hints_add(dumpd_secret(memory + 40, 3, "secret")) > 0);
	assert_true(dumpd_hints_add(dumpd_text(memory, sizeof(memory) / 2, "text")) > 0);
	assert_int_equal(dumpd_hints_remove(removed), 0);
	assert_int_equal(hints_read(&notes, NULL, &own, &hints), 0);
	assert_false(hints.unreadable);
	assert_int_equal(hints.count, 6);
	same_range(&hints.hints[0], HINT_KEEP, memory, 16, 7, "keep");
	same_range(&hints.hints[1], HINT_KEEP, pointer, 4, 1, "pointee");
	same_range(&hints.hints[2], HINT_KEEP, pointer, 24, 2, "of");
	same_range(&hints.hints[3], HINT_DROP, memory + 1, 2, 0, "drop");
	same_range(&hints.hints[4], HINT_SECRET, memory + 40, 3, 0, "secret");
	same_range(&hints.hints[5], HINT_TEXT, memory, 32, 0, "text");
	assert_int_equal(hints.text_count, 1);
	assert_int_equal(hints.texts[0].n, 14);
	assert_memory_equal(hints.texts[0].bytes, "said by itself", 14);
	hints_done(&hints);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_unreadable),
		cmocka_unit_test(test_many_texts),
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_abi),
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_by_names),
	};
	int failed = RUN_TABLE(entry_rows, test_entry);

	failed += RUN_TABLE(text_rows, test_text);
	failed += RUN_TABLE(text_places, test_left_out);
	return failed + cmocka_run_group_tests_name("hints", tests, NULL, NULL);
}
