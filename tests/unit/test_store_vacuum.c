/* SPDX-License-Identifier: MIT */
/*
 * What is removed from a store, and what never is.
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

#include "config/config.h"
#include "store/remove.h"
#include "store/fixed.h"
#include "store/vacuum.h"

#define DAY INT64_C(86400)
#define NOW (INT64_C(1700000000) * 1000000)

static int open_store(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void set_age(int store, const char *name, int64_t days)
{
	const struct timespec when = { .tv_sec = NOW / 1000000 - days * DAY };
	const struct timespec times[] = { when, when };

	assert_int_equal(utimensat(store, name, times, AT_SYMLINK_NOFOLLOW), 0);
}

/* A dump of a crash, by its fixed part alone: the JSON of the record, which is another's, is not read. */
static void put_crash(const char *path, const char *name, const struct record *record,
		      int64_t days)
{
	_cleanup_made_ struct made made = { .bytes = NULL };
	_cleanup_fd_ int store = open_store(path);

	small_dump(&made, "{\"outcome\":\"complete\",", SMALL_SIZE);
	fixed_frame(record,
		    "{\"id\":\"a1b2c3d4e5f6\",\"uid\":1,\"exe\":\"/poisoned\","
		    "\"pod_uid\":\"poisoned\"}",
		    made.bytes);
	temporary_write(path, name, made.bytes, made.n);
	set_age(store, name, days);
}

/* Of a user and an executable. */
static void put(const char *path, const char *name, unsigned int uid, const char *exe,
		int64_t days)
{
	char *text = strdup(exe);
	struct record record;

	assert_non_null(text);
	record_init(&record);
	record.uid = uid;
	record.exe = text;
	put_crash(path, name, &record, days);
	record_done(&record);
}

static bool there(const char *path, const char *name)
{
	_cleanup_free_ char *file = temporary_path(path, name);

	return access(file, F_OK) == 0;
}

/* What may stay, and what became of the rest. */
struct trial {
	struct settings settings;
	struct vacuum_result result;
	bool exact;
	char gone[512]; /* "name:reason ...", in the order of removal */
};

static void limitless(struct trial *t)
{
	settings_default(&t->settings);
	t->settings.max_use = t->settings.keep_free =
		(struct share){ UINT64_MAX, SHARE_WHOLE };
	t->settings.keep_free.bytes = 0;
	t->exact = false;
	t->settings.max_count = t->settings.max_age = UINT64_MAX;
}

static void note(void *context, const char *name, const struct quota_dump *dump,
		 int error)
{
	struct trial *t = context;
	size_t n = strlen(t->gone);

	assert_int_equal(error, 0);
	(void)snprintf(t->gone + n, sizeof(t->gone) - n, "%s%s:%s", n ? " " : "", name,
		       quota_reason_key(dump->reason));
}

static void run(const char *path, struct trial *t, bool dry_run, size_t most)
{
	_cleanup_fd_ int store = open_store(path);
	const struct vacuum_job job = {
		.settings = &t->settings,
		.now = NOW,
		.most = most,
		.dry_run = dry_run,
		.exact = t->exact,
		.gone = note,
		.context = t,
	};

	t->gone[0] = '\0';
	assert_int_equal(vacuum_run(store, -1, &job, 0, &t->result), 0);
}

static void test_age(void **state)
{
	struct trial t;

	put(*state, "a.zst", 0, "/a", 31);
	put(*state, "b.zst", 0, "/a", 29);
	put(*state, "c.zst", 5, "/a", 300);
	limitless(&t);
	run(*state, &t, false, 0);
	assert_string_equal(t.gone, "");
	assert_int_equal(t.result.left, 3);
	t.settings.max_age = 30 * DAY;
	run(*state, &t, true, 0);
	assert_string_equal(t.gone, "c.zst:MaxAge a.zst:MaxAge");
	assert_true(there(*state, "a.zst") && there(*state, "c.zst"));
	run(*state, &t, false, 1);
	assert_string_equal(t.gone, "c.zst:MaxAge");
	assert_true(there(*state, "a.zst") && !there(*state, "c.zst"));
	run(*state, &t, false, 0);
	assert_string_equal(t.gone, "a.zst:MaxAge");
	assert_int_equal(t.result.count, 1);
	assert_int_equal(t.result.by[QUOTA_AGE], 1);
	assert_int_equal(t.result.left, 1);
	assert_true(t.result.bytes > 0 && t.result.left_bytes > 0);
	assert_true(!there(*state, "a.zst") && there(*state, "b.zst"));
}

/* By the fixed part, and by the attributes, which count first. */
static void test_count(void **state)
{
	_cleanup_free_ char *file = temporary_path(*state, "c.zst");
	struct trial t;

	put(*state, "a.zst", 7, "/a", 3);
	put(*state, "b.zst", 7, "/b", 2);
	put(*state, "c.zst", 7, "/a", 1);
	limitless(&t);
	t.settings.max_count = 1;
	run(*state, &t, true, 0);
	assert_string_equal(t.gone, "a.zst:MaxCount");
	if (setxattr(file, "user.coredump.uid", "7", 1, 0) < 0)
		skip(); /* a file system without */
	assert_int_equal(setxattr(file, "user.coredump.exe", "/b", 2, 0), 0);
	run(*state, &t, true, 0);
	assert_string_equal(t.gone, "b.zst:MaxCount");
	assert_int_equal(setxattr(file, "user.coredump.uid", "8", 1, 0), 0);
	run(*state, &t, true, 0);
	assert_string_equal(t.gone, "");
	assert_int_equal(setxattr(file, "user.coredump.uid", "7x", 2, 0), 0);
	run(*state, &t, false, 0);
	assert_string_equal(t.gone, "a.zst:MaxCount");
}

static void set_attribute(const char *path, const char *name, const char *key,
			  const char *value)
{
	_cleanup_free_ char *file = temporary_path(path, name);
	char full[64];

	(void)snprintf(full, sizeof(full), "user.coredump.%s", key);
	if (setxattr(file, full, value, strlen(value), 0) < 0)
		skip(); /* a file system without */
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

	put(*state, "a.zst", 7, "/a", 2);
	put(*state, "b.zst", 7, "/a", 1);
	limitless(&t);
	t.settings.max_count = 1;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		set_attribute(*state, rows[i].name, rows[i].key, rows[i].value);
		run(*state, &t, true, 0);
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
		put_crash(*state, rows[i].name, &record, (int64_t)(ARRAY_SIZE(rows) - i));
	}
	limitless(&t);
	t.settings.max_count = 1;
	run(*state, &t, true, 0);
	assert_int_equal(t.result.count, 3);
	assert_non_null(strstr(t.gone, "a.zst"));
	assert_non_null(strstr(t.gone, "e.zst"));
	assert_non_null(strstr(t.gone, "g.zst"));
}

static void test_use(void **state)
{
	struct trial t;
	uint64_t each;

	put(*state, "a.zst", 7, "/a", 3);
	put(*state, "b.zst", 8, "/b", 2);
	put(*state, "c.zst", 7, "/a", 1);
	limitless(&t);
	run(*state, &t, false, 0);
	each = t.result.left_bytes / 3;
	t.settings.max_use.bytes = 2 * each;
	run(*state, &t, false, 0);
	assert_string_equal(t.gone, "a.zst:MaxUse");
	assert_int_equal(t.result.left, 2);
	assert_true(t.result.bytes == each && t.result.left_bytes == 2 * each);
	t.settings.max_use.bytes = each - 1;
	run(*state, &t, false, 0);
	assert_string_equal(t.gone, "b.zst:MaxUse c.zst:MaxUse");
	assert_int_equal(t.result.left, 0);
}

/* More than the disk has: nothing that goes would help. */
static void test_full(void **state)
{
	struct trial t;

	put(*state, "a.zst", 7, "/a", 3);
	put(*state, "b.zst", 7, "/a", 2);
	put(*state, "c.zst", 8, "/b", 1);
	limitless(&t);
	t.settings.keep_free.bytes = UINT64_MAX;
	run(*state, &t, false, 0);
	assert_string_equal(t.gone, "");
	assert_int_equal(t.result.left, 3);
	assert_true(t.result.limits.free < t.result.limits.keep_free);
}

/*
 * What somebody else put there stays, whatever the limits, and what links lead to as well.
 */
static void test_strangers(void **state)
{
	static const char text[] = "(\265/\375 somebody's own";
	_cleanup_free_ char *target = temporary_path(*state, "other/target.zst");
	_cleanup_fd_ int store = open_store(*state);
	struct trial t;

	temporary_mkdir(*state, "other");
	put(*state, "other/target.zst", 0, "/a", 400);
	temporary_mkdir(*state, "directory.zst");
	temporary_text(*state, "plain.zst", text);
	temporary_text(*state, "empty.zst", "");
	temporary_text(*state, "short.zst", "P*M");
	temporary_text(*state, "notes.txt", text);
	put(*state, "core", 0, "/a", 400);
	put(*state, ".hidden.zst", 0, "/a", 400);
	assert_int_equal(symlinkat("other/target.zst", store, "link.zst"), 0);
	assert_int_equal(symlinkat("gone", store, "dangling.zst"), 0);
	assert_int_equal(mkfifoat(store, "fifo.zst", 0600), 0);
	put(*state, "ours.zst", 0, "/a", 400);
	for (const char *const *name =
		     (const char *const[]){ "plain.zst", "empty.zst", "short.zst", NULL };
	     *name; name++)
		set_age(store, *name, 400);
	limitless(&t);
	t.settings.max_age = 1;
	t.settings.max_use.bytes = 0;
	t.settings.max_count = 1;
	run(*state, &t, false, 0);
	assert_string_equal(t.gone, "ours.zst:MaxAge");
	for (const char *const *name =
		     (const char *const[]){ "other/target.zst", "directory.zst",
					    "plain.zst", "empty.zst", "short.zst",
					    "notes.txt", "core", ".hidden.zst",
					    "link.zst", "fifo.zst", NULL };
	     *name; name++)
		assert_true(there(*state, *name));
	assert_int_equal(t.result.left, 0);
}

/* Of an older dump, and of a damaged one, nobody knows whose it is: it is a dump all the same. */
static void test_damaged(void **state)
{
	_cleanup_made_ struct made made = { .bytes = NULL };
	struct trial t;

	made_text_record(&made, "{\"uid\":\"no");
	temporary_write(*state, "a.zst", made.bytes, made.n);
	limitless(&t);
	t.settings.max_use.bytes = 0;
	run(*state, &t, false, 0);
	assert_string_equal(t.gone, "a.zst:MaxUse");
}

/* What was left of a dump: an empty file of one name, a minute old. */
static void test_left_over(void **state)
{
	_cleanup_free_ char *linked = temporary_path(*state, "linked.zst");
	_cleanup_free_ char *other = temporary_path(*state, "copy");
	_cleanup_fd_ int store = open_store(*state);
	struct trial t;

	temporary_text(*state, "old.zst", "");
	temporary_text(*state, "new.zst", "");
	temporary_text(*state, "linked.zst", "");
	temporary_text(*state, "empty.txt", "");
	assert_int_equal(link(linked, other), 0);
	set_age(store, "old.zst", 1);
	set_age(store, "new.zst", 0);
	set_age(store, "linked.zst", 1);
	set_age(store, "empty.txt", 1);
	limitless(&t);
	run(*state, &t, false, 0); /* nobody looks */
	assert_true(there(*state, "old.zst"));
	t.exact = true;
	run(*state, &t, true, 0);
	assert_true(there(*state, "old.zst"));
	run(*state, &t, false, 0);
	assert_false(there(*state, "old.zst"));
	assert_true(there(*state, "new.zst") && there(*state, "linked.zst") &&
		    there(*state, "empty.txt"));
	assert_int_equal(t.result.left + t.result.count + t.result.unreadable, 0);
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

	put(*state, "first.zst", 0, "/a", 31);
	put(*state, "copied.zst", 0, "/a", 31);
	assert_int_equal(link(copied, copy), 0);
	fd = open(first, O_RDONLY | O_CLOEXEC);
	copy_fd = open(copied, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0 && copy_fd >= 0);
	limitless(&t);
	t.settings.max_age = 30 * DAY;
	run(*state, &t, false, 0);
	assert_int_equal(t.result.count, 2);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_nlink, 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(st.st_blocks, 0);
	assert_int_equal(fstat(copy_fd, &st), 0);
	assert_int_equal(st.st_nlink, 1);
	assert_true(st.st_size > 0);
}

static int find(int store, const char *name, struct stat *ret)
{
	return fstatat(store, name, ret, AT_SYMLINK_NOFOLLOW);
}

/* The name is another file's now, or a link's: neither is touched. */
static void test_replaced(void **state)
{
	_cleanup_fd_ int store = open_store(*state);
	struct stat found, st;

	put(*state, "a.zst", 0, "/a", 0);
	put(*state, "b.zst", 0, "/b", 0);
	assert_int_equal(find(store, "a.zst", &found), 0);
	assert_int_equal(renameat(store, "b.zst", store, "a.zst"), 0);
	assert_int_equal(remove_dump(store, "a.zst", &found), -ESTALE);
	assert_int_equal(find(store, "a.zst", &st), 0);
	assert_true(st.st_size > 0);
	put(*state, "b.zst", 0, "/b", 0);
	assert_int_equal(unlinkat(store, "a.zst", 0), 0);
	assert_int_equal(symlinkat("b.zst", store, "a.zst"), 0);
	assert_int_equal(find(store, "a.zst", &found), 0);
	assert_int_equal(remove_dump(store, "a.zst", &found), 0); /* the link alone */
	assert_int_equal(find(store, "b.zst", &st), 0);
	assert_true(st.st_size > 0);
	assert_int_equal(remove_dump(store, "a.zst", &found), -ENOENT);
}

/* Where nothing is short no file is opened, unless somebody wants to know. */
static void test_exact(void **state)
{
	struct trial t;

	temporary_text(*state, "plain.zst", "somebody's own");
	put(*state, "ours.zst", 0, "/a", 1);
	limitless(&t);
	run(*state, &t, false, 0);
	assert_int_equal(t.result.left, 2);
	t.exact = true;
	run(*state, &t, false, 0);
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
	put(*state, "a.zst", 0, "/a", 1);
	put(*state, "b.zst", 0, "/a", 1);
	put(*state, "c.zst", 0, "/a", 1);
	assert_int_equal(chmod(other, 0644), 0);
	assert_int_equal(chmod(*state, 0755), 0);
	limitless(&t);
	t.exact = true;
	assert_int_equal(seteuid(12345), 0);
	run(*state, &t, true, 0);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(t.result.left, 1);
	assert_int_equal(t.result.unreadable, 2);
}

static void test_lock(void **state)
{
	_cleanup_fd_ int store = open_store(*state), lock = open_store(*state),
			 other = open_store(*state);
	struct vacuum_result result;
	struct settings settings;
	const struct vacuum_job job = { .settings = &settings, .now = NOW };

	put(*state, "a.zst", 0, "/a", 40);
	settings_default(&settings);
	assert_int_equal(flock(other, LOCK_EX), 0);
	assert_int_equal(vacuum_run(store, lock, &job, 40, &result), -EBUSY);
	assert_true(there(*state, "a.zst"));
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
		TEST(test_age),	       TEST(test_count),
		TEST(test_use),	       TEST(test_full),
		TEST(test_strangers),  TEST(test_damaged),
		TEST(test_lock),       TEST(test_exact),
		TEST(test_unreadable), TEST(test_left_over),
		TEST(test_kept_open),  TEST(test_replaced),
		TEST(test_groups),     TEST(test_groups_of_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
