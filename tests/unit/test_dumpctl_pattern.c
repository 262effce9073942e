/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "dumpctl/pattern.h"

#define FULL "%P %s %e -d%d -u%u -g%g -c%c -t%t -I%I -F%F"

static const struct {
	const char *what;
	const char *text;
	enum pattern_form form;
	const char *handler;
	const char *config;
} rows[] = {
	{ "the full form", "|/usr/lib/dumpd " FULL, PATTERN_FULL, "/usr/lib/dumpd", "" },
	{ "a configuration", "|/usr/lib/dumpd --config=/etc/a " FULL, PATTERN_FULL,
	  "/usr/lib/dumpd", "/etc/a" },
	{ "the short form", "|/usr/lib/dumpd %P %s %e", PATTERN_SHORT, "/usr/lib/dumpd",
	  "" },
	{ "one option missing", "|/l/d %P %s %e -d%d -u%u -g%g -c%c -t%t -I%I",
	  PATTERN_SHORT, "/l/d", "" },
	{ "an option twice is not another one",
	  "|/l/d %P %s %e -d%d -d%d -u%u -g%g -c%c -t%t -I%I", PATTERN_SHORT, "/l/d",
	  "" },
	{ "more spaces", "|/l/d  %P %s  %e ", PATTERN_SHORT, "/l/d", "" },
	{ "the kernel's default", "core", PATTERN_FOREIGN, "", "" },
	{ "a path", "/var/crash/core.%p", PATTERN_FOREIGN, "", "" },
	{ "a socket", "@@/run/socket", PATTERN_FOREIGN, "", "" },
	{ "nothing", "", PATTERN_FOREIGN, "", "" },
	{ "a pipe to nothing", "|", PATTERN_FOREIGN, "", "" },
	{ "no arguments", "|/usr/lib/dumpd", PATTERN_FOREIGN, "/usr/lib/dumpd", "" },
	{ "two of three", "|/usr/lib/dumpd %P %s", PATTERN_FOREIGN, "/usr/lib/dumpd",
	  "" },
	{ "%p is another PID", "|/usr/lib/dumpd %p %s %e", PATTERN_FOREIGN,
	  "/usr/lib/dumpd", "" },
	{ "an unknown option", "|/usr/lib/dumpd %P %s %e -h%h", PATTERN_FOREIGN,
	  "/usr/lib/dumpd", "" },
	{ "systemd-coredump",
	  "|/lib/systemd/systemd-coredump %P %u %g %s %t 9223372036854775808 %h",
	  PATTERN_FOREIGN, "/lib/systemd/systemd-coredump", "" },
	{ "apport", "|/usr/share/apport/apport -p%p -s%s -c%c -d%d -P%P -u%u -g%g -- %E",
	  PATTERN_FOREIGN, "/usr/share/apport/apport", "" },
};

static void test_recognise(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct pattern pattern;

		print_message("# %s\n", rows[i].what);
		pattern_recognise(rows[i].text, &pattern);
		assert_int_equal(pattern.form, rows[i].form);
		assert_string_equal(pattern.handler, rows[i].handler);
		assert_string_equal(pattern.config, rows[i].config);
	}
}

static void test_build(void **state)
{
	char text[PATTERN_MAX + 1] = "untouched";
	struct pattern pattern;

	(void)state;
	assert_int_equal(pattern_build("lib/dumpd", text), -EINVAL);
	assert_int_equal(pattern_build("", text), -EINVAL);
	assert_int_equal(pattern_build("/usr/my lib/dumpd", text), -EINVAL);
	assert_int_equal(pattern_build("/usr/%p/dumpd", text), -EINVAL);
	assert_string_equal(text, "untouched");
	assert_int_equal(pattern_build("/usr/lib/dumpd", text), 0);
	assert_string_equal(text, "|/usr/lib/dumpd " FULL);
	pattern_recognise(text, &pattern);
	assert_int_equal(pattern.form, PATTERN_FULL);
}

/* The kernel cuts at 127 bytes: the longest path that fits, and one more. */
static void test_build_longest(void **state)
{
	char path[PATTERN_MAX + 2], text[PATTERN_MAX + 1];
	size_t longest = PATTERN_MAX - strlen("| " FULL);

	(void)state;
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[longest] = '\0';
	assert_int_equal(pattern_build(path, text), 0);
	assert_int_equal(strlen(text), PATTERN_MAX);
	path[longest] = 'a';
	path[longest + 1] = '\0';
	assert_int_equal(pattern_build(path, text), -ENAMETOOLONG);
}

/* What cannot come from the kernel, but from a caller's mistake: longer than 127 bytes. */
static void test_recognise_long(void **state)
{
	char text[1024];
	struct pattern pattern;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	text[0] = '|';
	pattern_recognise(text, &pattern);
	assert_int_equal(pattern.form, PATTERN_FOREIGN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recognise),
		cmocka_unit_test(test_build),
		cmocka_unit_test(test_build_longest),
		cmocka_unit_test(test_recognise_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
