/* SPDX-License-Identifier: MIT */
/*
 * Which directories get the store's mode, and which are left alone.
 */
#include <errno.h>

#include "tests/unit/temporary.h"

#include "dumpctl/repair.h"

static const struct row {
	const char *name;
	mode_t mode;
	const char *file; /* in it, NULL: none */
	int want;
	mode_t after;
} rows[] = {
	{ "as it should be", 0755, NULL, 0, 0755 },
	{ "for root alone", 0700, NULL, 0, 0700 },
	{ "for a group to list", 0750, NULL, 0, 0750 },
	{ "for others to pass", 0711, NULL, 0, 0711 },
	{ "not for its owner to write", 0555, NULL, 1, 0755 },
	{ "open to all", 0777, NULL, 1, 0755 },
	{ "writable for a group", 0775, "core.x.zst", 1, 0755 },
	{ "others' files in it", 0775, "passwd", -EPERM, 0775 },
	{ "hidden file in it", 0775, ".profile", -EPERM, 0775 },
	{ "hidden, by a dump's suffix", 0775, ".x.zst", -EPERM, 0775 },
	{ "sticky", 01777, NULL, -EPERM, 01777 },
	{ "group's", 02755, NULL, -EPERM, 02755 },
};

static void test_row(void **state)
{
	const struct row *row = *state;
	void *directory = NULL;
	mode_t before = 0;
	struct stat st;

	assert_int_equal(temporary_setup(&directory), 0);
	if (row->file)
		temporary_text(directory, row->file, "");
	assert_int_equal(chmod(directory, row->mode), 0);
	assert_int_equal(store_repair(directory, &before), row->want);
	assert_int_equal(before, row->mode);
	assert_int_equal(stat(directory, &st), 0);
	assert_int_equal(st.st_mode & 07777, row->after);
	assert_int_equal(temporary_teardown(&directory), 0);
}

static void test_no_directory(void **state)
{
	_cleanup_free_ char *file = temporary_path(*state, "file");
	_cleanup_free_ char *link = temporary_path(*state, "link");
	mode_t before;

	temporary_text(*state, "file", "");
	assert_int_equal(symlink("/", link), 0);
	assert_int_equal(store_repair(file, &before), -ENOTDIR);
	assert_int_equal(store_repair(link, &before), -ENOTDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_no_directory, temporary_setup,
						temporary_teardown),
	};

	return RUN_TABLE(rows, test_row) +
	       cmocka_run_group_tests_name("repair", tests, NULL, NULL);
}
