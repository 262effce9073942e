/* SPDX-License-Identifier: MIT */
/*
 * Texts that a program asks for: what of them is copied, and that none tells a secret, or
 * what is in no dump.
 */
#include <stdlib.h>

#include "tests/unit/hints_world.h"
#include "tests/unit/rig.h"
#include "tests/unit/table.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_unreadable),
		cmocka_unit_test(test_many_texts),
	};
	int failed = RUN_TABLE(text_rows, test_text);

	failed += RUN_TABLE(text_places, test_left_out);
	return failed + cmocka_run_group_tests_name("texts", tests, NULL, NULL);
}
