/* SPDX-License-Identifier: MIT */
/*
 * What stays in a store whatever the limits are, and what is a dump although it says little.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/dumps.h"
#include "tests/unit/temporary.h"
#include "tests/unit/vacuumed.h"

/*
 * What somebody else put there stays, whatever the limits, and what links lead to as well.
 */
static void test_strangers(void **state)
{
	static const char text[] = "(\265/\375 somebody's own";
	_cleanup_free_ char *target = temporary_path(*state, "other/target.zst");
	_cleanup_fd_ int store = vacuumed_open(*state);
	struct trial t;

	temporary_mkdir(*state, "other");
	vacuumed_put(*state, "other/target.zst", 0, "/a", 400);
	temporary_mkdir(*state, "directory.zst");
	temporary_text(*state, "plain.zst", text);
	temporary_text(*state, "empty.zst", "");
	temporary_text(*state, "short.zst", "P*M");
	temporary_text(*state, "notes.txt", text);
	vacuumed_put(*state, "core", 0, "/a", 400);
	vacuumed_put(*state, ".hidden.zst", 0, "/a", 400);
	assert_int_equal(symlinkat("other/target.zst", store, "link.zst"), 0);
	assert_int_equal(symlinkat("gone", store, "dangling.zst"), 0);
	assert_int_equal(mkfifoat(store, "fifo.zst", 0600), 0);
	vacuumed_put(*state, "ours.zst", 0, "/a", 400);
	for (const char *const *name =
		     (const char *const[]){ "plain.zst", "empty.zst", "short.zst", NULL };
	     *name; name++)
		vacuumed_age(store, *name, 400);
	vacuumed_limitless(&t);
	t.settings.max_age = 1;
	t.settings.max_use.bytes = 0;
	t.settings.max_count = 1;
	vacuumed_run(*state, &t, false, 0);
	assert_string_equal(t.gone, "ours.zst:MaxAge");
	for (const char *const *name =
		     (const char *const[]){ "other/target.zst", "directory.zst",
					    "plain.zst", "empty.zst", "short.zst",
					    "notes.txt", "core", ".hidden.zst",
					    "link.zst", "fifo.zst", NULL };
	     *name; name++)
		assert_true(vacuumed_there(*state, *name));
	assert_int_equal(t.result.left, 0);
}

/* Of an older dump, and of a damaged one, nobody knows whose it is: it is a dump all the same. */
static void test_damaged(void **state)
{
	_cleanup_made_ struct made made = { .bytes = NULL };
	struct trial t;

	made_text_record(&made, "{\"uid\":\"no");
	temporary_write(*state, "a.zst", made.bytes, made.n);
	vacuumed_limitless(&t);
	t.settings.max_use.bytes = 0;
	vacuumed_run(*state, &t, false, 0);
	assert_string_equal(t.gone, "a.zst:MaxUse");
}

/* What was left of a dump: an empty file of one name, a minute old. */
static void test_left_over(void **state)
{
	_cleanup_free_ char *linked = temporary_path(*state, "linked.zst");
	_cleanup_free_ char *other = temporary_path(*state, "copy");
	_cleanup_fd_ int store = vacuumed_open(*state);
	struct trial t;

	temporary_text(*state, "old.zst", "");
	temporary_text(*state, "new.zst", "");
	temporary_text(*state, "linked.zst", "");
	temporary_text(*state, "empty.txt", "");
	assert_int_equal(link(linked, other), 0);
	vacuumed_age(store, "old.zst", 1);
	vacuumed_age(store, "new.zst", 0);
	vacuumed_age(store, "linked.zst", 1);
	vacuumed_age(store, "empty.txt", 1);
	vacuumed_limitless(&t);
	vacuumed_run(*state, &t, false, 0); /* nobody looks */
	assert_true(vacuumed_there(*state, "old.zst"));
	t.exact = true;
	vacuumed_run(*state, &t, true, 0);
	assert_true(vacuumed_there(*state, "old.zst"));
	vacuumed_run(*state, &t, false, 0);
	assert_false(vacuumed_there(*state, "old.zst"));
	assert_true(vacuumed_there(*state, "new.zst") &&
		    vacuumed_there(*state, "linked.zst") &&
		    vacuumed_there(*state, "empty.txt"));
	assert_int_equal(t.result.left + t.result.count + t.result.unreadable, 0);
}

/* Where nothing is short no file is opened, unless somebody wants to know. */
static void test_exact(void **state)
{
	struct trial t;

	temporary_text(*state, "plain.zst", "somebody's own");
	vacuumed_put(*state, "ours.zst", 0, "/a", 1);
	vacuumed_limitless(&t);
	vacuumed_run(*state, &t, false, 0);
	assert_int_equal(t.result.left, 2);
	t.exact = true;
	vacuumed_run(*state, &t, false, 0);
	assert_int_equal(t.result.left, 1);
	assert_int_equal(t.result.unreadable, 0);
}

/* What nobody could look into is not what is none of ours. */
static void test_unreadable(void **state)
{
	_cleanup_free_ char *other = temporary_path(*state, "b.zst");
	struct trial t;

	if (geteuid() != 0)
		skip(); /* it takes another user */
	vacuumed_put(*state, "a.zst", 0, "/a", 1);
	vacuumed_put(*state, "b.zst", 0, "/a", 1);
	vacuumed_put(*state, "c.zst", 0, "/a", 1);
	assert_int_equal(chmod(other, 0644), 0);
	assert_int_equal(chmod(*state, 0755), 0);
	vacuumed_limitless(&t);
	t.exact = true;
	assert_int_equal(seteuid(12345), 0);
	vacuumed_run(*state, &t, true, 0);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(t.result.left, 1);
	assert_int_equal(t.result.unreadable, 2);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, temporary_setup, temporary_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_strangers), TEST(test_damaged),    TEST(test_left_over),
		TEST(test_exact),     TEST(test_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
