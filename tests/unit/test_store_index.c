/* SPDX-License-Identifier: MIT */
/*
 * What the store's files come to, without a journal.
 */
#include <errno.h>
#include <stdbool.h>

#include "tests/unit/temporary.h"

#include "store/index.h"
#include "tests/unit/dumps.h"

static void put(const char *directory, const char *name, const char *id, int64_t time,
		const char *outcome, size_t cut)
{
	_cleanup_made_ struct made made;
	_cleanup_free_ char *record = NULL;

	assert_true(asprintf(&record,
			     "{\"id\":\"%s\",\"timestamp\":%lld,\"outcome\":\"%s\",", id,
			     (long long)time, outcome) > 0);
	small_dump(&made, record, SMALL_SIZE);
	temporary_write(directory, name, made.bytes, made.n - cut);
}

static void load(const char *directory, struct index *index)
{
	int error = 1;

	assert_int_equal(index_load(directory, false, NULL, index, &error), 0);
	assert_int_equal(error, 0);
	assert_false(index->journal_readable);
}

static void test_empty(void **state)
{
	_cleanup_index_ struct index index = { 0 };

	load(*state, &index);
	assert_int_equal(index.count, 0);
}

static void test_oldest_first(void **state)
{
	_cleanup_index_ struct index index = { 0 };
	static const char *const ids[] = { "a00000000001", "a00000000002",
					   "a00000000003" };

	put(*state, "a.zst", ids[2], 3000, OUTCOME_COMPLETE, 0);
	put(*state, "b.zst", ids[0], 1000, OUTCOME_COMPLETE, 0);
	put(*state, "c.zst", ids[1], 2000, OUTCOME_CUT, 0);
	load(*state, &index);
	assert_int_equal(index.count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(index.entries[i].record.id, ids[i]);
	assert_int_equal(index.entries[0].state, INDEX_PRESENT);
	assert_string_equal(index.entries[0].name, "b.zst");
	assert_string_equal(index.entries[0].directory, *state);
	assert_true(index.entries[0].size > FRAME_RECORD_SIZE);
	assert_false(index.entries[0].in_journal);
	assert_int_equal(index.entries[1].state, INDEX_CUT);
}

static void test_same_id_twice(void **state)
{
	_cleanup_index_ struct index index = { 0 };

	put(*state, "a.zst", "a00000000001", 1000, OUTCOME_COMPLETE, 0);
	put(*state, "b.zst", "a00000000001", 1000, OUTCOME_COMPLETE, 0);
	load(*state, &index);
	assert_int_equal(index.count, 2);
}

static void test_damaged(void **state)
{
	_cleanup_index_ struct index index = { 0 };

	temporary_text(*state, "rubbish.zst", "rubbish");
	temporary_text(*state, "empty.zst", "");
	put(*state, "cut.zst", "a00000000001", 1000, OUTCOME_COMPLETE, 5);
	load(*state, &index);
	assert_int_equal(index.count,
			 2); /* the empty one is what is left of a dump that went */
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(index.entries[i].state, INDEX_DAMAGED);
		assert_non_null(index.entries[i].record.reason);
		assert_true(index.entries[i].record.timestamp > 0);
	}
	/* The cut one still says what it was. */
	assert_string_equal(index.entries[0].record.id, "a00000000001");
	assert_null(index.entries[1].record.id);
}

static void test_others_are_passed_over(void **state)
{
	_cleanup_index_ struct index index = { 0 };
	_cleanup_free_ char *fifo = temporary_path(*state, "fifo.zst");
	_cleanup_free_ char *link = temporary_path(*state, "link.zst");

	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(symlink("/etc/passwd", link), 0);
	temporary_mkdir(*state, "directory.zst");
	temporary_text(*state, ".zst", "hidden");
	temporary_text(*state, ".hidden.zst", "hidden");
	temporary_text(*state, "core.lz4", "another's");
	temporary_text(*state, "x.zst.tmp", "another's");
	load(*state, &index);
	assert_int_equal(index.count, 0);
}

static void test_no_directory(void **state)
{
	_cleanup_free_ char *none = temporary_path(*state, "none");
	_cleanup_free_ char *file = temporary_path(*state, "file");
	struct index index = { 0 };
	int error = 0;

	temporary_text(*state, "file", "");
	assert_int_equal(index_load(none, false, NULL, &index, &error), -ENOENT);
	assert_int_equal(index_load(file, false, NULL, &index, &error), -ENOTDIR);
	assert_int_equal(index.count, 0);
}

static void test_many(void **state)
{
	_cleanup_index_ struct index index = { 0 };

	for (int i = 0; i < 200; i++) {
		char name[32], id[32];

		(void)snprintf(name, sizeof(name), "%d.zst", i);
		(void)snprintf(id, sizeof(id), "b%011d", i);
		put(*state, name, id, 1000 + i * 37 % 200, OUTCOME_COMPLETE, 0);
	}
	load(*state, &index);
	assert_int_equal(index.count, 200);
	for (size_t i = 1; i < 200; i++)
		assert_true(index.entries[i - 1].record.timestamp <
			    index.entries[i].record.timestamp);
}

#define IN_DIRECTORY(test) \
	cmocka_unit_test_setup_teardown(test, temporary_setup, temporary_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIRECTORY(test_empty),
		IN_DIRECTORY(test_oldest_first),
		IN_DIRECTORY(test_same_id_twice),
		IN_DIRECTORY(test_damaged),
		IN_DIRECTORY(test_others_are_passed_over),
		IN_DIRECTORY(test_no_directory),
		IN_DIRECTORY(test_many),
	};

	return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}
