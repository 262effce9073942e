/* SPDX-License-Identifier: MIT */
/*
 * What is opened as a stored dump: a regular file, by its name in the directory. Nothing else.
 */
#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/unit/temporary.h"

#include "tests/unit/dumps.h"
#include "tests/unit/extracted.h"

static void test_no_regular_files(void **state)
{
	static const char *const names[] = { "fifo.zst", "link.zst", "directory.zst",
					     "socket.zst" };
	_cleanup_free_ char *fifo = temporary_path(*state, "fifo.zst");
	_cleanup_free_ char *link = temporary_path(*state, "link.zst");
	_cleanup_free_ char *socket_path = temporary_path(*state, "socket.zst");
	_cleanup_fd_ int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	_cleanup_made_ struct made made;

	small_dump(&made, SMALL_RECORD, SMALL_SIZE);
	temporary_write(*state, "x.zst", made.bytes, made.n);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(symlink("x.zst", link), 0);
	temporary_mkdir(*state, "directory.zst");
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *reason;

		assert_int_equal(
			extracted_read(*state, names[i], extracted_empty(), &reason),
			-EBADMSG);
	}
}

static void test_names_with_a_path(void **state)
{
	static const char *const names[] = { "", "../x.zst", "./x.zst", "/etc/passwd" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *reason;

		assert_int_equal(
			extracted_read(*state, names[i], extracted_empty(), &reason),
			-EINVAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_no_regular_files, temporary_setup,
						temporary_teardown),
		cmocka_unit_test_setup_teardown(test_names_with_a_path, temporary_setup,
						temporary_teardown),
	};

	return cmocka_run_group_tests_name("dump", tests, NULL, NULL);
}
