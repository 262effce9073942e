/* SPDX-License-Identifier: MIT */
/*
 * Stores that may be used and stores that may not; names that are taken; nothing left behind
 * where publishing fails. Attributes and the frame's numbers, too.
 */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/unit/temporary.h"

#include "store/attributes.h"
#include "store/frame.h"
#include "store/publish.h"

enum store {
	GOOD,
	MISSING,
	MISSING_PARENT,
	LINK,
	DANGLING,
	FILE_IN_ITS_PLACE,
	FIFO_IN_ITS_PLACE,
	NOT_ROOTS,
	/* and above it */
	PARENT,
	PARENT_NOT_ROOTS,
	LINKED_PARENT,
	OTHERS_LINK,
	LINK_ROUND,
	LINK_BACK,
};

struct row {
	const char *name;
	enum store store;
	mode_t mode;
	int r; /* 0: it opens */
	const char *reason; /* part of it */
};

static const struct row rows[] = {
	{ "good", GOOD, 0750, 0, NULL },
	{ "for root alone", GOOD, 0700, 0, NULL },
	{ "for all to read", GOOD, 0755, 0, NULL },
	{ "missing: it is made", MISSING, 0, 0, NULL },
	{ "missing with its parent", MISSING_PARENT, 0, -ENOENT, "does not exist" },
	{ "a link to a good one", LINK, 0750, -ELOOP, "symbolic link" },
	{ "a link to nowhere", DANGLING, 0, -ELOOP, "symbolic link" },
	{ "a file", FILE_IN_ITS_PLACE, 0, -ENOTDIR, "not a directory" },
	{ "a fifo", FIFO_IN_ITS_PLACE, 0, -ENOTDIR, "not a directory" },
	{ "group may write", GOOD, 0770, -EPERM, "chmod" },
	{ "others may write", GOOD, 0752, -EPERM, "chmod" },
	{ "all may write, sticky", GOOD, 01777, -EPERM, "chmod" },
	{ "below others' files", PARENT, 0777, -EXDEV, "above the store" },
	{ "below a group's files", PARENT, 0775, -EXDEV, "above the store" },
	{ "below /tmp's like", PARENT, 01777, 0, NULL },
	{ "below a group's, sticky", PARENT, 01775, 0, NULL },
	{ "below another's", PARENT_NOT_ROOTS, 0755, -EXDEV, "above the store" },
	{ "below another's, sticky", PARENT_NOT_ROOTS, 01755, -EXDEV, "above the store" },
	{ "below a link to a good place", LINKED_PARENT, 0755, 0, NULL },
	{ "below a link to a bad place", LINKED_PARENT, 0777, -EXDEV, "above the store" },
	{ "below a link of another's", OTHERS_LINK, 0755, -EXDEV, "above the store" },
	{ "below a link to itself", LINK_ROUND, 0755, -ELOOP, "link" },
	{ "below a link by ..", LINK_BACK, 0755, 0, NULL },
	{ "not root's", NOT_ROOTS, 0750, -EPERM, "chown" },
};

/* "above/store" is the store's path; its directory is "above", or "place" by a link. */
static bool make_above(const struct row *row, const char *directory)
{
	bool by_link = row->store >= LINKED_PARENT;
	_cleanup_free_ char *above = temporary_path(directory, "above");
	_cleanup_free_ char *place =
		temporary_path(directory, by_link ? "place" : "above");
	_cleanup_free_ char *store = temporary_path(place, "store");
	const char *target = row->store == LINK_ROUND  ? above
			     : row->store == LINK_BACK ? "./place/../place"
						       : place;

	assert_int_equal(mkdir(place, 0700), 0);
	assert_int_equal(mkdir(store, 0755), 0);
	assert_int_equal(chmod(place, row->mode), 0);
	if (by_link)
		assert_int_equal(symlink(target, above), 0);
	if (row->store == PARENT_NOT_ROOTS)
		return geteuid() == 0 && chown(place, 12345, 12345) == 0;
	if (row->store == OTHERS_LINK)
		return geteuid() == 0 && lchown(above, 12345, 12345) == 0;
	return true;
}

/* Return: false if only root can make it. */
static bool make_store(const struct row *row, const char *directory, const char *path)
{
	_cleanup_free_ char *target = temporary_path(directory, "target");

	switch (row->store) {
	case GOOD:
		assert_int_equal(mkdir(path, 0700), 0);
		assert_int_equal(chmod(path, row->mode), 0);
		break;
	case LINK:
		assert_int_equal(mkdir(target, 0700), 0);
		assert_int_equal(symlink(target, path), 0);
		break;
	case DANGLING:
		assert_int_equal(symlink(target, path), 0);
		break;
	case FILE_IN_ITS_PLACE:
		temporary_text(directory, "store", "x");
		break;
	case FIFO_IN_ITS_PLACE:
		assert_int_equal(mkfifo(path, 0600), 0);
		break;
	case NOT_ROOTS:
		assert_int_equal(mkdir(path, row->mode), 0);
		return geteuid() == 0 && chown(path, 12345, 12345) == 0;
	case MISSING:
	case MISSING_PARENT:
		break;
	default:
		return make_above(row, directory);
	}
	return true;
}

/* Another process makes the directory, just before we would. */
static bool another_is_first;

/* In place of libc's. */
int mkdirat(int dirfd, const char *name, mode_t mode)
{
	int r = (int)syscall(SYS_mkdirat, dirfd, name, mode);

	if (r == 0 && another_is_first) {
		errno = EEXIST;
		return -1;
	}
	return r;
}

/* Two first crashes at once: the store is there for both, and as the first one made it. */
static void test_made_meanwhile(void **state)
{
	_cleanup_free_ char *path = temporary_path(*state, "store");
	const char *reason = NULL;
	mode_t before = umask(077);
	struct stat st;
	int fd;

	another_is_first = true;
	fd = store_open(path, &reason);
	another_is_first = false;
	(void)umask(before);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(close(fd), 0);
}

static void test_open(void **state)
{
	const struct row *row = *state;
	_cleanup_free_ char *path = NULL;
	_cleanup_fd_ int fd = -1;
	const char *reason = "untouched";
	void *directory = NULL;
	struct stat st;

	assert_int_equal(temporary_setup(&directory), 0);
	path = temporary_path(directory, row->store == MISSING_PARENT ? "no/store"
					 : row->store >= PARENT	      ? "above/store"
								      : "store");
	if (!make_store(row, directory, path)) {
		assert_int_equal(temporary_teardown(&directory), 0);
		skip();
	}
	fd = store_open(path, &reason);
	if (row->r == 0) {
		assert_true(fd >= 0);
		assert_string_equal(reason, "untouched");
		assert_int_equal(fstat(fd, &st), 0);
		assert_true(S_ISDIR(st.st_mode) && (st.st_mode & 0027) <= 5);
	} else {
		assert_int_equal(fd, row->r);
		assert_non_null(strstr(reason, row->reason));
	}
	assert_int_equal(temporary_teardown(&directory), 0);
}

struct reasons {
	const char *name, *path, *reason;
	int r;
};

static const struct reasons paths[] = {
	{ "empty", "", "does not exist", -ENOENT },
	{ "below a file", "/dev/null/x", "not a directory", -ENOTDIR },
	{ "a device", "/dev/null", "not a directory", -ENOTDIR },
	{ "/proc is not to be written", "/proc/self/nothing", "", -ENOENT },
	{ "not absolute", "store", "cannot be used", -EINVAL },
	{ "the root itself", "/", "does not exist", -ENOENT },
};

static void test_path(void **state)
{
	const struct reasons *row = *state;
	const char *reason = NULL;

	assert_int_equal(store_open(row->path, &reason), row->r);
	assert_non_null(strstr(reason, row->reason));
}

static size_t count_files(int store_fd)
{
	_cleanup_dir_ DIR *dir = fdopendir(openat(store_fd, ".", O_RDONLY | O_DIRECTORY));
	struct dirent *entry;
	size_t n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	return n;
}

static int publish(int store_fd, const char *stem, const char *content, char *name)
{
	_cleanup_fd_ int fd = store_create(store_fd);

	assert_true(fd >= 0);
	assert_int_equal(io_write_full(fd, content, strlen(content)), 0);
	return store_publish(store_fd, fd, stem, name);
}

static void assert_content(int store_fd, const char *name, const char *content)
{
	_cleanup_free_ char *bytes = NULL;
	size_t n;

	assert_int_equal(io_read_file(store_fd, name, 100, &bytes, &n), 0);
	assert_string_equal(bytes, content);
}

static void test_names(void **state)
{
	_cleanup_fd_ int fd = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char name[STORE_NAME_SIZE];
	struct stat st;

	assert_int_equal(publish(fd, "a", "first", name), 0);
	assert_string_equal(name, "a.zst");
	assert_int_equal(publish(fd, "a", "second", name), 0);
	assert_string_equal(name, "a-1.zst");
	assert_int_equal(publish(fd, "a", "third", name), 0);
	assert_string_equal(name, "a-2.zst");
	assert_content(fd, "a.zst", "first");
	assert_content(fd, "a-1.zst", "second");
	assert_content(fd, "a-2.zst", "third");
	assert_int_equal(unlinkat(fd, "a-1.zst", 0), 0);
	assert_int_equal(publish(fd, "a", "fourth", name), 0);
	assert_string_equal(name, "a-1.zst"); /* a gap is filled */
	/* what stands there is not followed, whatever it is */
	assert_int_equal(symlinkat("/dev/full", fd, "b.zst"), 0);
	assert_int_equal(mkdirat(fd, "b-1.zst", 0700), 0);
	assert_int_equal(publish(fd, "b", "x", name), 0);
	assert_string_equal(name, "b-2.zst");
	assert_int_equal(fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(st.st_nlink, 1);
}

static void test_all_taken(void **state)
{
	_cleanup_fd_ int fd = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char name[STORE_NAME_SIZE];

	temporary_text(*state, "a.zst", "");
	for (int i = 1; i < 999; i++) {
		char taken[32];

		(void)snprintf(taken, sizeof(taken), "a-%d.zst", i);
		temporary_text(*state, taken, "");
	}
	assert_int_equal(publish(fd, "a", "last", name), 0);
	assert_string_equal(name, "a-999.zst");
	assert_int_equal(publish(fd, "a", "none left", name), -EEXIST);
	assert_int_equal(count_files(fd), 1000);
}

/* The longest stem with the longest number has room. */
static void test_long_name(void **state)
{
	_cleanup_fd_ int fd = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char name[STORE_NAME_SIZE], stem[201];

	memset(stem, 's', 200);
	stem[200] = '\0';
	assert_int_equal(publish(fd, stem, "x", name), 0);
	assert_int_equal(strlen(name), 204);
	assert_int_equal(publish(fd, stem, "x", name), 0);
	assert_int_equal(strlen(name), 206);
}

static void test_failures(void **state)
{
	_cleanup_fd_ int fd = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_fd_ int file = store_create(fd);
	_cleanup_free_ char *gone = temporary_path(*state, "gone");
	_cleanup_fd_ int gone_fd = -1, orphan = -1;
	char name[STORE_NAME_SIZE];

	assert_true(file >= 0);
	assert_int_equal(store_publish(fd, -1, "a", name), -EBADF);
	assert_int_equal(store_publish(-1, file, "a", name), -EBADF);
	assert_int_equal(store_publish(fd, file, "no/such", name), -ENOENT);
	assert_int_equal(store_create(-1), -EBADF);
	assert_int_equal(count_files(fd), 0);
	/* the store was removed in the meantime */
	assert_int_equal(mkdir(gone, 0700), 0);
	gone_fd = open(gone, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	orphan = store_create(gone_fd);
	assert_true(orphan >= 0);
	assert_int_equal(rmdir(gone), 0);
	assert_int_equal(store_publish(gone_fd, orphan, "a", name), -ENOENT);
	assert_true(store_create(gone_fd) < 0); /* ENOENT or EPERM, by file system */
	assert_int_equal(count_files(fd), 0);
}

/* An unnamed file is nobody else's, whatever the umask says. */
static void test_mode(void **state)
{
	static const mode_t masks[] = { 0, 0777 };
	_cleanup_fd_ int fd = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; i < ARRAY_SIZE(masks); i++) {
		mode_t before = umask(masks[i]);
		_cleanup_fd_ int file = store_create(fd);
		struct stat st;

		(void)umask(before);
		assert_int_equal(fstat(file, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
		assert_int_equal(st.st_nlink, 0);
	}
	assert_int_equal(count_files(fd), 0);
}

static void assert_attribute(int fd, const char *name, const char *expected)
{
	char value[256] = "";
	ssize_t n = fgetxattr(fd, name, value, sizeof(value) - 1);

	if (!expected) {
		assert_true(n < 0);
		return;
	}
	assert_int_equal(n, strlen(expected));
	assert_string_equal(value, expected);
}

static void test_attributes(void **state)
{
	_cleanup_fd_ int fd = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_fd_ int file = store_create(fd);
	struct record record;

	record_init(&record);
	record.pid = 7;
	record.uid = 0;
	record.rlimit = RECORD_UNLIMITED;
	record.timestamp = 1700000000123456;
	record.comm = strdup("a b\xff");
	record.unit = strdup("a.service");
	record.user_unit = strdup("b.service");
	record.container_id = strdup("0a");
	record.pod_uid = strdup("1b");
	if (fsetxattr(file, "user.test", "x", 1, 0) < 0) {
		attributes_set(file, &record); /* not supported: no harm */
		record_done(&record);
		skip();
	}
	attributes_set(file, &record);
	assert_attribute(file, "user.coredump.pid", "7");
	assert_attribute(file, "user.coredump.uid", "0");
	assert_attribute(file, "user.coredump.rlimit", "18446744073709551615");
	assert_attribute(file, "user.coredump.timestamp", "1700000000123456");
	assert_attribute(file, "user.coredump.comm", "a b\xff");
	assert_attribute(file, "user.coredump.gid", NULL);
	assert_attribute(file, "user.coredump.exe", NULL);
	assert_attribute(file, "user.coredump.unit", "a.service");
	assert_attribute(file, "user.coredump.user_unit", "b.service");
	assert_attribute(file, "user.coredump.container_id", "0a");
	assert_attribute(file, "user.coredump.pod_uid", "1b");
	record.pid = 8;
	attributes_set(file, &record); /* they are not replaced */
	assert_attribute(file, "user.coredump.pid", "7");
	attributes_set(-1, &record);
	record_done(&record);
}

static void test_frame(void **state)
{
	static const uint32_t numbers[] = { 0, 1, 0x80, 0x12345678, UINT32_MAX };
	uint8_t p[FRAME_SKIPPABLE_HEADER];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		frame_put_le32(p, numbers[i]);
		assert_int_equal(frame_get_le32(p), numbers[i]);
	}
	frame_put_skippable(p, FRAME_RECORD_MAGIC, 0x04030201);
	assert_memory_equal(p, "\x50\x2a\x4d\x18\1\2\3\4", 8);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, temporary_setup, temporary_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_names),      TEST(test_made_meanwhile),    TEST(test_all_taken),
		TEST(test_long_name),  TEST(test_failures),	     TEST(test_mode),
		TEST(test_attributes), cmocka_unit_test(test_frame),
	};
	int failed = RUN_TABLE(rows, test_open);

	failed += RUN_TABLE(paths, test_path);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
