/* SPDX-License-Identifier: MIT */
/*
 * Where tables are, and what they claim to be: broken, huge, many, half there, changing.
 */
#include <stdlib.h>

#include "tests/unit/hints_world.h"
#include "tests/unit/table.h"

#define NO_TABLE "a table that cannot be read"
#define CLAIMS	 "a table that claims more than it has"

/* One change to the bytes of a table with a secret in entry 0 and a drop in entry 1. */
struct header_row {
	const char *name;
	size_t offset, width;
	uint64_t value;
	size_t count;
	const char *problem;
	bool unreadable;
};

static const struct header_row header_rows[] = {
	{ "as it is", 20, 4, 0, 2, NULL, false },
	{ "not written yet", 0, 4, 0, 0, NULL, false },
	{ "other magic", 0, 4, 0x544e4845, 0, NO_TABLE, true },
	{ "version 0", 4, 2, 0, 0, NO_TABLE, true },
	{ "version 2", 4, 2, 2, 0, NO_TABLE, true },
	{ "entries of 0 bytes", 6, 2, 0, 0, NO_TABLE, true },
	{ "entries of 56 bytes", 6, 2, 56, 0, NO_TABLE, true },
	{ "entries of 65 bytes", 6, 2, 65, 0, NO_TABLE, true },
	{ "entries of 4104 bytes", 6, 2, 4104, 0, NO_TABLE, true },
	{ "entries of 65535 bytes", 6, 2, 65535, 0, NO_TABLE, true },
	{ "entries of 128 bytes", 6, 2, 128, 1, NULL, false },
	{ "capacity 0", 8, 4, 0, 0, NULL, false },
	{ "capacity 1", 8, 4, 1, 1, NULL, false },
	{ "capacity to the end", 8, 4, TABLE_ROOM / 64 - 1, 2, NULL, false },
	{ "capacity behind the end", 8, 4, TABLE_ROOM / 64, 2, CLAIMS, false },
	{ "huge capacity", 8, 4, 0xffffffff, 2, CLAIMS, false },
	{ "first in the header", 12, 4, 56, 0, NO_TABLE, true },
	{ "first at entry 1", 12, 4, 128, 1, NULL, false },
	{ "first at the end", 12, 4, TABLE_ROOM, 0, CLAIMS, false },
	{ "first behind the end", 12, 4, TABLE_ROOM + 8, 0, NO_TABLE, true },
	{ "first far away", 12, 4, 0xfffffff8, 0, NO_TABLE, true },
};

static void world_put_two(struct world *w)
{
	const struct dumpd_hint secret = { SET(DUMPD_HINT_SECRET, 0x1000, 8) };
	const struct dumpd_hint drop = { SET(DUMPD_HINT_DROP, 0x2000, 8) };

	world_set_entry(w, 0, &secret);
	world_set_entry(w, 1, &drop);
}

static void test_header(void **state)
{
	const struct header_row *row = *state;
	struct world *w = world_new(16);
	struct hints hints;

	world_put_two(w);
	world_put(w, row->offset, row->value, row->width);
	world_read(w, 8, &hints);
	assert_int_equal(hints.count, row->count);
	assert_int_equal(hints.unreadable, row->unreadable);
	same_problem(&hints, row->problem);
	hints_done(&hints);
	free(w);
}

struct files_row {
	const char *name;
	struct file_mapping files[3];
	size_t count;
	bool found, unreadable;
};

#define FILE_AT(first, n, offset, path)                                     \
	{                                                                   \
		TABLE_AT + (first)*PAGE, TABLE_AT + ((first) + (n)) * PAGE, \
			(offset)*PAGE,                                      \
		{                                                           \
			(const uint8_t *)(path), sizeof(path) - 1           \
		}                                                           \
	}

/* The table has entries 0 and 1, and one in its third page. */
static const struct files_row files_rows[] = {
	{ "no files", { { 0 } }, 0, false, false },
	{ "not deleted", { FILE_AT(0, 8, 0, "/memfd:dumpd-hints") }, 3, true, false },
	{ "another memfd",
	  { FILE_AT(0, 8, 0, "/memfd:dumpd-hint (deleted)") },
	  0,
	  false,
	  false },
	{ "a longer name", { FILE_AT(0, 8, 0, MEMFD "x") }, 0, false, false },
	{ "a file",
	  { FILE_AT(0, 8, 0, "/tmp/memfd:dumpd-hints (deleted)") },
	  0,
	  false,
	  false },
	{ "split", { FILE_AT(0, 1, 0, MEMFD), FILE_AT(1, 7, 1, MEMFD) }, 3, true, false },
	{ "split twice",
	  { FILE_AT(0, 1, 0, MEMFD), FILE_AT(1, 1, 1, MEMFD), FILE_AT(2, 6, 2, MEMFD) },
	  3,
	  true,
	  false },
	{ "its end unmapped", { FILE_AT(0, 1, 0, MEMFD) }, 2, true, false },
	{ "its middle unmapped",
	  { FILE_AT(0, 1, 0, MEMFD), FILE_AT(2, 6, 2, MEMFD) },
	  2,
	  true,
	  true },
	{ "its beginning unmapped", { FILE_AT(1, 7, 1, MEMFD) }, 0, true, true },
	{ "twice in a row",
	  { FILE_AT(0, 4, 0, MEMFD), FILE_AT(4, 4, 0, MEMFD) },
	  3,
	  true,
	  false },
	{ "empty mapping", { FILE_AT(0, 0, 0, MEMFD) }, 0, false, false },
	{ "backwards mapping", { FILE_AT(1, -1, 0, MEMFD) }, 0, false, false },
};

static void test_files(void **state)
{
	const struct files_row *row = *state;
	const struct dumpd_hint far = { SET(DUMPD_HINT_KEEP, 0x3000, 8) };
	struct file_mapping files[ARRAY_SIZE(row->files)];
	struct world *w = world_new(2 * PAGE / 64 + 2);
	struct hints hints;
	size_t count = 0;

	world_put_two(w);
	world_set_entry(w, 2 * PAGE / 64, &far);
	memcpy(files, row->files, sizeof(files));
	while (count < ARRAY_SIZE(files) && files[count].path.n > 0)
		count++;
	assert_int_equal(world_read_files(w, 8, files, count, &hints), 0);
	assert_int_equal(hints.count, row->count);
	assert_int_equal(hints.found, row->found);
	assert_int_equal(hints.unreadable, row->unreadable);
	hints_done(&hints);
	free(w);
}

/* Secrets at the beginning, over the edge of a page if longer ones are, and at the end. */
struct absent_row {
	const char *name;
	size_t entry_size;
	bool absent[PAGES];
	size_t count;
	bool unreadable;
};

static const struct absent_row absent_rows[] = {
	{ "all there", 64, { false }, 3, false },
	{ "over the edges of pages", 72, { false }, 3, false },
	{ "larger than half a page", 2056, { false }, 3, false },
	{ "no first page", 64, { true }, 0, true },
	{ "no second page", 64, { false, true }, 2, false },
	{ "no last page",
	  64,
	  { false, false, false, false, false, false, false, true },
	  2,
	  false },
	{ "the first alone",
	  64,
	  { false, true, true, true, true, true, true, true },
	  1,
	  false },
};

static void test_absent(void **state)
{
	const struct absent_row *row = *state;
	const size_t capacity = (TABLE_ROOM - 64) / row->entry_size;
	const size_t at[] = { 0, (PAGE - 64) / row->entry_size, capacity - 1 };
	const struct dumpd_hint secret = { SET(DUMPD_HINT_SECRET, 0x1000, 8),
					   .tag = "one" };
	struct world *w = world_new((uint32_t)capacity);
	struct hints hints;

	world_put(w, 6, row->entry_size, 2);
	for (size_t i = 0; i < ARRAY_SIZE(at); i++)
		memcpy(w->table + 64 + at[i] * row->entry_size, &secret, sizeof(secret));
	memcpy(w->absent, row->absent, sizeof(w->absent));
	world_read(w, 8, &hints);
	assert_int_equal(hints.unreadable, row->unreadable);
	same_problem(&hints, row->unreadable ? NO_TABLE : NULL);
	/* An entry of 64 bytes at (PAGE - 64) / 64 is the first one of the second page. */
	assert_int_equal(hints.count, row->count);
	for (size_t i = 0; i < hints.count; i++) {
		assert_int_equal(hints.hints[i].start, 0x1000);
		assert_int_equal(hints.hints[i].end, 0x1008);
		assert_string_equal(hints.hints[i].tag, "one");
	}
	for (size_t i = 0; i < PAGES; i++) /* the header once more, and all once only */
		assert_true(w->reads[i] <= (i == 0 ? 2 : 1));
	hints_done(&hints);
	free(w);
}

/* The other bytes are no header and no entry: what was copied is what is judged. */
static void test_changing(void **state)
{
	struct world *w = world_new(TABLE_ROOM / 64 - 1);
	struct hints hints;

	(void)state;
	world_put_two(w);
	w->changing = true;
	world_read(w, 8, &hints);
	assert_true(hints.unreadable); /* page 0 was 0xee when its entries were copied */
	assert_int_equal(hints.count, 0);
	assert_int_equal(w->reads[0], 2);
	for (size_t i = 1; i < PAGES; i++)
		assert_int_equal(w->reads[i], 1);
	hints_done(&hints);
	free(w);
}

/* The same table, mapped often. */
static void test_many_tables(void **state)
{
	struct file_mapping files[17];
	struct world *w = world_new(16);
	struct hints hints;

	(void)state;
	world_put_two(w);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		files[i] = (struct file_mapping){ TABLE_AT, TABLE_AT + TABLE_ROOM, 0,
						  world_text(MEMFD) };
	assert_int_equal(world_read_files(w, 8, files, 16, &hints), 0);
	assert_int_equal(hints.count, 32);
	assert_false(hints.unreadable);
	hints_done(&hints);
	assert_int_equal(world_read_files(w, 8, files, 17, &hints), 0);
	assert_int_equal(hints.count, 32);
	assert_true(hints.unreadable);
	same_problem(&hints, "more tables than are read");
	hints_done(&hints);
	free(w);
}

/* Two mappings of 1 TiB; of the memory behind them, 8 pages are there. */
static void test_many_entries(void **state)
{
	struct file_mapping files[2];
	struct world *w = world_new(40000);
	struct hints hints;

	(void)state;
	world_put_two(w);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		files[i] = (struct file_mapping){ TABLE_AT,
						  TABLE_AT + (UINT64_C(1) << 40), 0,
						  world_text(MEMFD) };
	assert_int_equal(world_read_files(w, 8, files, 1, &hints), 0);
	assert_false(hints.unreadable);
	hints_done(&hints);
	assert_int_equal(world_read_files(w, 8, files, 2, &hints), 0);
	assert_int_equal(hints.count, 4);
	assert_true(hints.unreadable);
	same_problem(&hints, "more entries than are read");
	hints_done(&hints);
	world_put(w, 8, 0xffffffff, 4);
	assert_int_equal(world_read_files(w, 8, files, 1, &hints), 0);
	assert_int_equal(hints.count, 2);
	assert_true(hints.unreadable);
	hints_done(&hints);
	free(w);
}

static void test_no_memory(void **state)
{
	struct file_mapping file = { TABLE_AT, TABLE_AT + TABLE_ROOM, 0,
				     world_text(MEMFD) };
	struct hints hints;

	(void)state;
	assert_int_equal(world_read_files(NULL, 8, &file, 1, &hints), 0);
	assert_true(hints.found);
	assert_true(hints.unreadable);
	same_problem(&hints, NO_TABLE);
	hints_done(&hints);
	assert_int_equal(world_read_files(NULL, 8, &file, 0, &hints), 0);
	assert_false(hints.found);
	assert_false(hints.unreadable);
	hints_done(&hints);
}

static void test_unknown(void **state)
{
	struct notes notes = { .word = 8 };
	struct hints hints;

	(void)state;
	assert_int_equal(hints_read(&notes, NULL, NULL, &hints), 0);
	assert_false(hints.found || hints.unreadable);
	hints_done(&hints);
	notes.has_files = true;
	notes.broken = true;
	assert_int_equal(hints_read(&notes, NULL, NULL, &hints), 0);
	assert_false(hints.found || hints.unreadable);
	hints_done(&hints);
}

/* Without NT_FILE the end of a long list of mappings counts, too: a table may be there. */
static void test_cut_names(void **state)
{
	struct notes notes = { .word = 8 };
	struct named named = { 0x1000, 0x2000, 0, { (const uint8_t *)"[heap]", 6 } };
	struct names names = { &named, 1, true };
	struct hints hints;

	(void)state;
	assert_int_equal(hints_read(&notes, &names, NULL, &hints), 0);
	assert_true(hints.unreadable);
	hints_done(&hints);
	notes.has_files = true;
	assert_int_equal(hints_read(&notes, &names, NULL, &hints), 0);
	assert_false(hints.unreadable);
	hints_done(&hints);
}

/* Behind more names than are kept. */
static void test_late_name(void **state)
{
	enum {
		LINES = 70000,
		LINE = 64
	};
	static const char table[] = "/memfd:dumpd-hints (deleted)";
	char *text = malloc(LINES * LINE);
	size_t n = 0;
	struct names names;
	struct bytes name;

	(void)state;
	assert_non_null(text);
	for (unsigned int i = 1; i < LINES; i++)
		n += (size_t)sprintf(text + n, "%x-%x rw-p 00000000 00:00 0 [x]\n",
				     i * 4096, i * 4096 + 4096);
	n += (size_t)sprintf(
		text + n, "7f0000000000-7f0000001000 rw-p 00000000 00:01 7 %s\n", table);
	assert_int_equal(names_read((struct bytes){ (uint8_t *)text, n }, &names), 0);
	name = names_at(&names, 0x7f0000000000);
	assert_int_equal(name.n, sizeof(table) - 1);
	assert_int_equal(names_at(&names, 69999 * 4096ul).n, 0);
	names_done(&names);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changing),     cmocka_unit_test(test_many_tables),
		cmocka_unit_test(test_many_entries), cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_unknown),	     cmocka_unit_test(test_cut_names),
		cmocka_unit_test(test_late_name),
	};
	int failed = RUN_TABLE(header_rows, test_header);

	failed += RUN_TABLE(files_rows, test_files);
	failed += RUN_TABLE(absent_rows, test_absent);
	return failed + cmocka_run_group_tests_name("tables", tests, NULL, NULL);
}
