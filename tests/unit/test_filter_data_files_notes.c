/* SPDX-License-Identifier: MIT */
/*
 * Entries of NT_FILE that are cut out, of tables that lie, too.
 */
#include "tests/unit/core_builder.h"
#include "tests/unit/table.h"

#include "filter/data_files.h"

/* A note of NT_FILE for 8 bytes to a word, with `n` bytes of names behind its table. */
#define NOTE_MAX 256

struct row {
	const char *name;
	uint64_t count; /* that it says */
	size_t entries; /* that it has; the first one's mapping is cut, from page 1 on */
	const char *names;
	size_t n;
	uint64_t left; /* entries; those it says: it is left as it is */
	const char *names_left;
};

static const struct row rows[] = {
	{ "the first is cut", 2, 2, "/a\0/b", 6, 1, "/b" },
	{ "the only one is", 1, 1, "/a", 3, 0, "" },
	{ "a table that is none", UINT64_MAX / 8, 1, "/a", 3, UINT64_MAX / 8, NULL },
	{ "longer than the note", 3, 2, "/a", 3, 3, NULL },
	{ "no names", 2, 2, "", 0, 2, NULL },
	{ "a name that does not end", 2, 2, "/a\0/b", 5, 2, NULL },
	{ "no byte of the last", 2, 2, "/a", 3, 2, NULL },
};

static size_t put_row(const struct row *row, uint8_t *to)
{
	size_t desc = 16 + 24 * row->entries + row->n;

	memset(to, 0, NOTE_MAX);
	builder_put(to, 5, 4);
	builder_put(to + 4, desc, 4);
	builder_put(to + 8, NT_FILE, 4);
	memcpy(to + 12, "CORE", 4);
	builder_put(to + 20, row->count, 8);
	builder_put(to + 28, PAGE, 8);
	for (size_t i = 0; i < row->entries; i++) {
		builder_put(to + 36 + 24 * i, (i + 1) * PAGE, 8);
		builder_put(to + 44 + 24 * i, (i + 2) * PAGE, 8);
	}
	memcpy(to + 20 + desc - row->n, row->names, row->n);
	return 20 + (desc + 3) / 4 * 4;
}

/* A table that is none, or whose names are too few, is left as it is, whatever is cut. */
static void test_note(void **state)
{
	const struct row *row = *state;
	struct area area = { .start = PAGE, .end = 2 * PAGE, .is_cut = true };
	const struct space space = { .areas = &area, .count = 1 };
	uint8_t note[NOTE_MAX], to[NOTE_MAX];
	size_t n = put_row(row, note), got;

	got = data_files_notes(&space, 8, (struct bytes){ note, n }, to);
	if (row->left == row->count) {
		assert_int_equal(got, n);
		assert_memory_equal(to, note, n);
		return;
	}
	assert_in_range(got, 0, n);
	assert_int_equal(bytes_number_or_0((struct bytes){ to, got }, 20, 8), row->left);
	if (row->left) { /* the second */
		assert_memory_equal(to + 36, note + 60, 24);
		assert_string_equal((const char *)to + 60, row->names_left);
	}
}

/* Behind the last note need be no padding: then there is no room for any. */
static void test_last_note(void **state)
{
	static const uint8_t last[12 + 8 + 41] = { 5,	0,    0,    0,	  41,	0,   0,
						   0,	0x45, 0x4c, 0x49, 0x46, 'C', 'O',
						   'R', 'E',  0,    0,	  0,	0,   1 };
	uint8_t to[sizeof(last) + 4];
	struct space space = { .count = 0 };

	(void)state;
	assert_true(data_files_notes(&space, 8, (struct bytes){ last, sizeof(last) },
				     to) <= sizeof(last));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_last_note) };

	return RUN_TABLE(rows, test_note) + cmocka_run_group_tests(tests, NULL, NULL);
}
