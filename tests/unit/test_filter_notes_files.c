/* SPDX-License-Identifier: MIT */
/*
 * NT_FILE: rows and names that lie about their number and size, and which file has an
 * address.
 */
#include "tests/unit/built_notes.h"
#include "tests/unit/table.h"

#define NOTE_FILE 0x46494c45

/* NT_FILE by hand: count, page size, one row, and what follows it. */
struct file_row {
	const char *name;
	uint64_t count, page_size, pages;
	size_t n; /* bytes of the note */
	const char *names; /* 8 bytes behind the row */
	bool broken, has_files;
	size_t files;
	uint64_t offset;
};

static const struct file_row file_rows[] = {
	{ "good", 1, 4096, 3, 48, "/file\0\0", false, true, 1, 12288 },
	{ "no files", 0, 4096, 0, 16, "", false, true, 0, 0 },
	{ "no files, but names", 0, 4096, 0, 48, "/file\0\0", false, true, 0, 0 },
	{ "empty note", 0, 0, 0, 0, "", true, false, 0, 0 },
	{ "count alone", 1, 0, 0, 8, "", true, false, 0, 0 },
	{ "page size cut", 1, 4096, 0, 15, "", true, false, 0, 0 },
	{ "row cut", 1, 4096, 0, 39, "", true, false, 0, 0 },
	{ "no name", 1, 4096, 0, 40, "", true, true, 0, 0 },
	{ "name without NUL", 1, 4096, 0, 48, "/file/fi", true, true, 0, 0 },
	{ "name cut before its NUL", 1, 4096, 0, 45, "/file\0\0", true, true, 0, 0 },
	{ "empty name", 1, 4096, 0, 41, "", false, true, 1, 0 },
	{ "two files, one name", 2, 4096, 1, 72, "\0\0\0\0\0\0\0", false, true, 2, 4096 },
	{ "count one more than rows", 2, 4096, 0, 63, "", true, false, 0, 0 },
	{ "count of 2^32", UINT64_C(1) << 32, 4096, 0, 48, "/file\0\0", true, false, 0,
	  0 },
	{ "count whose table wraps", UINT64_MAX / 24 + 1, 4096, 0, 48, "/file\0\0", true,
	  false, 0, 0 },
	{ "count largest", UINT64_MAX, 4096, 0, 48, "/file\0\0", true, false, 0, 0 },
	{ "offset wraps", 1, 4096, UINT64_MAX / 4096 + 1, 48, "/file\0\0", false, true, 1,
	  0 },
	{ "offset largest", 1, 1, UINT64_MAX, 48, "/file\0\0", false, true, 1,
	  UINT64_MAX },
	{ "page size 0", 1, 0, 5, 48, "/file\0\0", false, true, 1, 0 },
};

static void test_files(void **state)
{
	const struct file_row *row = *state;
	struct core_builder b;
	struct notes notes;
	uint8_t desc[72] = { 0 };

	builder_put(desc, row->count, 8);
	builder_put(desc + 8, row->page_size, 8);
	builder_put(desc + 16, 0x1000, 8);
	builder_put(desc + 24, 0x2000, 8);
	builder_put(desc + 32, row->pages, 8);
	memcpy(desc + 40, row->names, strlen(row->names));
	builder_init(&b, EM_X86_64);
	builder_note(&b, "CORE", NOTE_FILE, desc, row->n);
	read_built(&b, &notes);
	assert_int_equal(notes.broken, row->broken);
	assert_int_equal(notes.has_files, row->has_files);
	assert_int_equal(notes.file_count, row->files);
	if (row->files)
		assert_int_equal(notes.files[0].offset, row->offset);
	notes_done(&notes);
	builder_done(&b);
}

static void test_files_twice(void **state)
{
	struct core_builder b;
	struct notes notes;

	(void)state;
	builder_usual(&b, EM_X86_64);
	builder_files(&b);
	read_built(&b, &notes);
	assert_true(notes.broken);
	assert_int_equal(notes.file_count, 5);
	notes_done(&notes);
	builder_done(&b);
}

struct lookup {
	const char *name;
	uint64_t address;
	int file; /* -1: none */
};

static const struct lookup lookups[] = {
	{ "zero", 0, -1 },
	{ "before the first", 0x0fffffff, -1 },
	{ "first byte", 0x10000000, 0 },
	{ "last byte of the first", 0x10000fff, 0 },
	{ "next file touches", 0x10001000, 1 },
	{ "last byte of three", 0x10005fff, 2 },
	{ "behind three", 0x10006000, -1 },
	{ "last file", 0x50001fff, 4 },
	{ "behind the last", 0x50002000, -1 },
	{ "largest", UINT64_MAX, -1 },
};

static void test_lookup(void **state)
{
	const struct lookup *row = *state;
	struct core_builder b;
	struct notes notes;

	builder_usual(&b, EM_X86_64);
	read_built(&b, &notes);
	assert_ptr_equal(notes_file_at(&notes, row->address),
			 row->file < 0 ? NULL : &notes.files[row->file]);
	notes_done(&notes);
	builder_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_files_twice) };
	int failed = RUN_TABLE(file_rows, test_files);

	failed += RUN_TABLE(lookups, test_lookup);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
