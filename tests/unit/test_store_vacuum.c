/* SPDX-License-Identifier: MIT */
/*
 * What is removed from a store, by which limit, and in which order.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/unit/dumps.h"
#include "tests/unit/temporary.h"
#include "tests/unit/vacuumed.h"

#include "store/fixed.h"

static void set_attribute(const char *path, const char *name, const char *key,
			  const char *value)
{
	_cleanup_free_ char *file = temporary_path(path, name);
	char full[64];

	(void)snprintf(full, sizeof(full), "user.coredump.%s", key);
	if (setxattr(file, full, value, strlen(value), 0) < 0)
		skip(); /* a file system without */
}

static void test_age(void **state)
{
	struct trial t;

	vacuumed_put(*state, "a.zst", 0, "/a", 31);
	vacuumed_put(*state, "b.zst", 0, "/a", 29);
	vacuumed_put(*state, "c.zst", 5, "/a", 300);
	vacuumed_limitless(&t);
	vacuumed_run(*state, &t, false, 0);
	assert_string_equal(t.gone, "");
	assert_int_equal(t.result.left, 3);
	t.settings.max_age = 30 * DAY;
	vacuumed_run(*state, &t, true, 0);
	assert_string_equal(t.gone, "c.zst:MaxAge a.zst:MaxAge");
	assert_true(vacuumed_there(*state, "a.zst") && vacuumed_there(*state, "c.zst"));
	vacuumed_run(*state, &t, false, 1);
	assert_string_equal(t.gone, "c.zst:MaxAge");
	assert_true(vacuumed_there(*state, "a.zst") && !vacuumed_there(*state, "c.zst"));
	vacuumed_run(*state, &t, false, 0);
	assert_string_equal(t.gone, "a.zst:MaxAge");
	assert_int_equal(t.result.count, 1);
	assert_int_equal(t.result.by[QUOTA_AGE], 1);
	assert_int_equal(t.result.left, 1);
	assert_true(t.result.bytes > 0 && t.result.left_bytes > 0);
	assert_true(!vacuumed_there(*state, "a.zst") && vacuumed_there(*state, "b.zst"));
}

/* By the fixed part, and by the attributes, which count first. */
static void test_count(void **state)
{
	_cleanup_free_ char *file = temporary_path(*state, "c.zst");
	struct trial t;

	vacuumed_put(*state, "a.zst", 7, "/a", 3);
	vacuumed_put(*state, "b.zst", 7, "/b", 2);
	vacuumed_put(*state, "c.zst", 7, "/a", 1);
	vacuumed_limitless(&t);
	t.settings.max_count = 1;
	vacuumed_run(*state, &t, true, 0);
	assert_string_equal(t.gone, "a.zst:MaxCount");
	if (setxattr(file, "user.coredump.uid", "7", 1, 0) < 0)
		skip(); /* a file system without */
	assert_int_equal(setxattr(file, "user.coredump.exe", "/b", 2, 0), 0);
	vacuumed_run(*state, &t, true, 0);
	assert_string_equal(t.gone, "b.zst:MaxCount");
	assert_int_equal(setxattr(file, "user.coredump.uid", "8", 1, 0), 0);
	vacuumed_run(*state, &t, true, 0);
	assert_string_equal(t.gone, "");
	assert_int_equal(setxattr(file, "user.coredump.uid", "7x", 2, 0), 0);
	vacuumed_run(*state, &t, false, 0);
	assert_string_equal(t.gone, "a.zst:MaxCount");
}

/* What the attributes say, a container before a service; by turns both dumps are of one group, and of two. */
static void test_groups(void **state)
{
	static const char both[] = "a.zst:MaxCount";
	static const struct {
		const char *name, *key, *value, *gone;
	} rows[] = {
		{ "b.zst", "uid", "7", both }, /* not without exe */
		{ "b.zst", "unit", "c.service", both },
		{ "b.zst", "exe", "/a", "" },
		{ "a.zst", "unit", "c.service", "" },
		{ "a.zst", "uid", "7", "" },
		{ "a.zst", "exe", "/a", both },
		{ "b.zst", "user_unit", "d.service", "" },
		{ "a.zst", "user_unit", "d.service", both },
		{ "b.zst", "container_id", "e", "" },
		{ "a.zst", "container_id", "e", both },
		{ "b.zst", "container_id", "f", "" },
		{ "b.zst", "pod_uid", "g", "" },
		{ "a.zst", "pod_uid", "g", both },
		{ "a.zst", "container_id", "h", both },
		{ "a.zst", "unit", "session-1.scope", both },
	};
	struct trial t;

	vacuumed_put(*state, "a.zst", 7, "/a", 2);
	vacuumed_put(*state, "b.zst", 7, "/a", 1);
	vacuumed_limitless(&t);
	t.settings.max_count = 1;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		set_attribute(*state, rows[i].name, rows[i].key, rows[i].value);
		vacuumed_run(*state, &t, true, 0);
		assert_string_equal(t.gone, rows[i].gone);
	}
}

/* Where the file system has no attributes: the fixed part, in which a claim is no container. */
static void test_groups_of_records(void **state)
{
	static char exe[] = "/a", x[] = "x", y[] = "y", z[] = "z", pod[] = "p",
		    unit[] = "s.service", claim[] = "docker x", other[] = "docker y";
	static const struct {
		const char *name;
		char *pod, *container, *unit, *claim;
	} rows[] = {
		{ "a.zst", NULL, x, NULL, NULL },
		{ "b.zst", NULL, y, NULL, NULL },
		{ "c.zst", NULL, x, unit, NULL },
		{ "d.zst", NULL, NULL, unit, NULL },
		{ "e.zst", NULL, NULL, NULL, claim },
		{ "f.zst", NULL, NULL, NULL, other },
		{ "g.zst", pod, y, NULL, NULL },
		{ "h.zst", pod, z, NULL, NULL },
	};
	struct trial t;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct record record;

		record_init(&record);
		record.uid = 0;
		record.exe = exe;
		record.pod_uid = rows[i].pod;
		record.container_id = rows[i].container;
		record.unit = rows[i].unit;
		record.container_claim = rows[i].claim;
		vacuumed_put_crash(*state, rows[i].name, &record,
				   (int64_t)(ARRAY_SIZE(rows) - i));
	}
	vacuumed_limitless(&t);
	t.settings.max_count = 1;
	vacuumed_run(*state, &t, true, 0);
	assert_int_equal(t.result.count, 3);
	assert_non_null(strstr(t.gone, "a.zst"));
	assert_non_null(strstr(t.gone, "e.zst"));
	assert_non_null(strstr(t.gone, "g.zst"));
}

static void test_use(void **state)
{
	struct trial t;
	uint64_t each;

	vacuumed_put(*state, "a.zst", 7, "/a", 3);
	vacuumed_put(*state, "b.zst", 8, "/b", 2);
	vacuumed_put(*state, "c.zst", 7, "/a", 1);
	vacuumed_limitless(&t);
	vacuumed_run(*state, &t, false, 0);
	each = t.result.left_bytes / 3;
	t.settings.max_use.bytes = 2 * each;
	vacuumed_run(*state, &t, false, 0);
	assert_string_equal(t.gone, "a.zst:MaxUse");
	assert_int_equal(t.result.left, 2);
	assert_true(t.result.bytes == each && t.result.left_bytes == 2 * each);
	t.settings.max_use.bytes = each - 1;
	vacuumed_run(*state, &t, false, 0);
	assert_string_equal(t.gone, "b.zst:MaxUse c.zst:MaxUse");
	assert_int_equal(t.result.left, 0);
}

/* More than the disk has: nothing that goes would help. */
static void test_full(void **state)
{
	struct trial t;

	vacuumed_put(*state, "a.zst", 7, "/a", 3);
	vacuumed_put(*state, "b.zst", 7, "/a", 2);
	vacuumed_put(*state, "c.zst", 8, "/b", 1);
	vacuumed_limitless(&t);
	t.settings.keep_free.bytes = UINT64_MAX;
	vacuumed_run(*state, &t, false, 0);
	assert_string_equal(t.gone, "");
	assert_int_equal(t.result.left, 3);
	assert_true(t.result.limits.free < t.result.limits.keep_free);
}

static void test_lock(void **state)
{
	_cleanup_fd_ int store = vacuumed_open(*state), lock = vacuumed_open(*state),
			 other = vacuumed_open(*state);
	struct vacuum_result result;
	struct settings settings;
	const struct vacuum_job job = { .settings = &settings, .now = NOW };

	vacuumed_put(*state, "a.zst", 0, "/a", 40);
	settings_default(&settings);
	assert_int_equal(flock(other, LOCK_EX), 0);
	assert_int_equal(vacuum_run(store, lock, &job, 40, &result), -EBUSY);
	assert_true(vacuumed_there(*state, "a.zst"));
	assert_int_equal(flock(other, LOCK_UN), 0);
	assert_int_equal(vacuum_run(store, lock, &job, 40, &result), 0);
	assert_int_equal(result.count, 1);
	assert_int_equal(flock(other, LOCK_EX | LOCK_NB), 0);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, temporary_setup, temporary_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_age),	   TEST(test_count),
		TEST(test_groups), TEST(test_groups_of_records),
		TEST(test_use),	   TEST(test_full),
		TEST(test_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
