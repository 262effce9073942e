/* SPDX-License-Identifier: MIT */
/*
 * One reader beside root, on a file without a name, whatever the directory's defaults are.
 */
#include <errno.h>

#include <acl/libacl.h>

#include "tests/unit/temporary.h"

#include "store/publish.h"
#include "store/grant.h"

static void assert_list(int fd, const char *expected)
{
	acl_t acl = acl_get_fd(fd);
	char *text = acl ? acl_to_any_text(acl, NULL, ',', TEXT_NUMERIC_IDS) : NULL;

	assert_non_null(text);
	assert_string_equal(text, expected);
	(void)acl_free(text);
	(void)acl_free(acl);
}

static void set_default(const char *directory, const char *text)
{
	acl_t acl = acl_from_text(text);

	assert_non_null(acl);
	assert_int_equal(acl_set_file(directory, ACL_TYPE_DEFAULT, acl), 0);
	(void)acl_free(acl);
}

static int open_store(const char *directory)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void test_reader(void **state)
{
	static const uid_t readers[] = { 1, 1000, 4294967294 };
	_cleanup_fd_ int store = open_store(*state);

	for (size_t i = 0; i < ARRAY_SIZE(readers); i++) {
		_cleanup_fd_ int file = store_create(store);
		char expected[80];
		struct stat st;

		if (grant_read(file, readers[i]) == -ENOTSUP)
			skip();
		assert_int_equal(fstat(file, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0640);
		assert_int_equal(st.st_uid, geteuid());
		assert_int_equal(st.st_nlink, 0);
		(void)snprintf(expected, sizeof(expected),
			       "user::rw-,user:%u:r--,group::---,mask::r--,other::---",
			       readers[i]);
		assert_list(file, expected);
		assert_int_equal(grant_read(file, 7), 0); /* instead, not too */
		assert_list(file, "user::rw-,user:7:r--,group::---,mask::r--,other::---");
	}
}

/* What a directory gives to all its files is in force for none of ours. */
static void test_defaults(void **state)
{
	_cleanup_fd_ int store = open_store(*state);
	_cleanup_fd_ int probe = store_create(store);
	int alone, shared;
	struct stat st;

	if (grant_read(probe, 1) == -ENOTSUP)
		skip();
	set_default(*state, "u::rwx,u:55:rwx,g::rwx,g:66:rwx,m::rwx,o::rwx");
	alone = store_create(store);
	assert_int_equal(fstat(alone, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_list(alone,
		    "user::rw-,user:55:rwx,group::rwx,group:66:rwx,mask::---,other::---");
	shared = store_create(store);
	assert_int_equal(grant_read(shared, 1000), 0);
	assert_list(shared, "user::rw-,user:1000:r--,group::---,mask::r--,other::---");
	assert_int_equal(close(alone), 0);
	assert_int_equal(close(shared), 0);
}

static void test_failures(void **state)
{
	_cleanup_fd_ int none = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(grant_read(-1, 1), -EBADF);
	assert_true(none >= 0);
	assert_int_equal(grant_read(none, 1), -ENOTSUP);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, temporary_setup, temporary_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_reader),
		TEST(test_defaults),
		cmocka_unit_test(test_failures),
	};

	return cmocka_run_group_tests_name("grant", tests, NULL, NULL);
}
