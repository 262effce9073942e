/* SPDX-License-Identifier: MIT */
/*
 * A dump is emptied, then removed: of who keeps it open, of its other names, and of who has its name now.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/dumps.h"
#include "tests/unit/temporary.h"
#include "tests/unit/vacuumed.h"

#include "store/remove.h"

static int find(int store, const char *name, struct stat *ret)
{
	return fstatat(store, name, ret, AT_SYMLINK_NOFOLLOW);
}

/* Who keeps a dump open keeps no block of it, but a copy under another name stays whole. */
static void test_kept_open(void **state)
{
	_cleanup_free_ char *first = temporary_path(*state, "first.zst");
	_cleanup_free_ char *copied = temporary_path(*state, "copied.zst");
	_cleanup_free_ char *copy = temporary_path(*state, "copy");
	_cleanup_fd_ int fd = -1, copy_fd = -1;
	struct stat st;
	struct trial t;

	vacuumed_put(*state, "first.zst", 0, "/a", 31);
	vacuumed_put(*state, "copied.zst", 0, "/a", 31);
	assert_int_equal(link(copied, copy), 0);
	fd = open(first, O_RDONLY | O_CLOEXEC);
	copy_fd = open(copied, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0 && copy_fd >= 0);
	vacuumed_limitless(&t);
	t.settings.max_age = 30 * DAY;
	vacuumed_run(*state, &t, false, 0);
	assert_int_equal(t.result.count, 2);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_nlink, 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(st.st_blocks, 0);
	assert_int_equal(fstat(copy_fd, &st), 0);
	assert_int_equal(st.st_nlink, 1);
	assert_true(st.st_size > 0);
}

/* The name is another file's now, or a link's: neither is touched. */
static void test_replaced(void **state)
{
	_cleanup_fd_ int store = vacuumed_open(*state);
	struct stat found, st;

	vacuumed_put(*state, "a.zst", 0, "/a", 0);
	vacuumed_put(*state, "b.zst", 0, "/b", 0);
	assert_int_equal(find(store, "a.zst", &found), 0);
	assert_int_equal(renameat(store, "b.zst", store, "a.zst"), 0);
	assert_int_equal(remove_dump(store, "a.zst", &found), -ESTALE);
	assert_int_equal(find(store, "a.zst", &st), 0);
	assert_true(st.st_size > 0);
	vacuumed_put(*state, "b.zst", 0, "/b", 0);
	assert_int_equal(unlinkat(store, "a.zst", 0), 0);
	assert_int_equal(symlinkat("b.zst", store, "a.zst"), 0);
	assert_int_equal(find(store, "a.zst", &found), 0);
	assert_int_equal(remove_dump(store, "a.zst", &found), 0); /* the link alone */
	assert_int_equal(find(store, "b.zst", &st), 0);
	assert_true(st.st_size > 0);
	assert_int_equal(remove_dump(store, "a.zst", &found), -ENOENT);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, temporary_setup, temporary_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_kept_open),
		TEST(test_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
