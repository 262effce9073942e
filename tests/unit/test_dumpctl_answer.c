/* SPDX-License-Identifier: MIT */
/*
 * Programs that are, and are not, dumpd's handler.
 */
#include <errno.h>
#include <time.h>

#include "tests/unit/temporary.h"

#include "dumpctl/answer.h"

static const struct row {
	const char *name;
	const char *script; /* NULL: there is none */
	int want;
} rows[] = {
	{ "dumpd", "test \"$*\" = --version && echo dumpd 0.1.0", 0 },
	{ "dumpd, in two writes", "printf du; sleep 0.1; echo mpd 9", 0 },
	{ "says nothing", "exit 0", -ENOEXEC },
	{ "another name", "echo apport 2.20", -ENOEXEC },
	{ "a longer name", "echo dumpdx 1", -ENOEXEC },
	{ "too short", "echo dump", -ENOEXEC },
	{ "on standard error", "echo dumpd 0.1.0 >&2", -ENOEXEC },
	{ "prints for ever", "exec yes", -ENOEXEC },
	{ "waits for ever", "sleep 100", -ETIMEDOUT },
	{ "waits in the background", "sleep 100 & exit 0", -ETIMEDOUT },
	{ "is not there", NULL, -ENOEXEC },
};

static void test_row(void **state)
{
	const struct row *row = *state;
	_cleanup_free_ char *path = NULL;
	_cleanup_free_ char *text = NULL;
	void *directory = NULL;
	time_t start = time(NULL);

	assert_int_equal(temporary_setup(&directory), 0);
	path = temporary_path(directory, "program");
	if (row->script) {
		assert_true(asprintf(&text, "#!/bin/sh\n%s\n", row->script) > 0);
		temporary_text(directory, "program", text);
		assert_int_equal(chmod(path, 0755), 0);
	}
	assert_int_equal(answers_as_handler(path), row->want);
	assert_true(time(NULL) - start < 10);
	assert_int_equal(temporary_teardown(&directory), 0);
}

static void test_installed(void **state)
{
	(void)state;
	assert_int_equal(answers_as_handler(HANDLER_PATH), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_installed),
	};

	return RUN_TABLE(rows, test_row) +
	       cmocka_run_group_tests_name("installed", tests, NULL, NULL);
}
