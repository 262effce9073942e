/* SPDX-License-Identifier: MIT */
/*
 * Which files are read, in which order, and what is said of those that are not.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/config_told.h"
#include "tests/unit/temporary.h"

#include "config/config.h"

#define MIB (1024 * 1024)

/* Load directory/c and compare all that comes of it. */
static void expect(const char *directory, const char *exe, const char *settings,
		   const char *problems)
{
	_cleanup_free_ char *path = temporary_path(directory, "c");
	_cleanup_free_ char *prefix = temporary_path(directory, "");
	_cleanup_config_ struct config *config = NULL;
	_cleanup_free_ char *said = NULL, *holds = NULL;

	assert_int_equal(config_load(path, &config), 0);
	said = told_problems(config, prefix);
	holds = told_settings(config, exe);
	assert_string_equal(said, problems);
	assert_string_equal(holds, settings);
}

static void test_missing(void **state)
{
	expect(*state, NULL, "", "c: file is ignored: No such file or directory\n");
}

static void test_missing_with_drop_ins(void **state)
{
	temporary_mkdir(*state, "c.d");
	temporary_text(*state, "c.d/a.conf", "[Dump]\nType=heap\n");
	expect(*state, NULL, "Type=heap@a.conf:2",
	       "c: file is ignored: No such file or directory\n");
}

static void test_alone(void **state)
{
	temporary_text(*state, "c", "[Dump]\nType=heap\n");
	expect(*state, NULL, "Type=heap@c:2", "");
}

static void test_empty(void **state)
{
	temporary_text(*state, "c", "");
	temporary_mkdir(*state, "c.d");
	temporary_text(*state, "c.d/a.conf", "");
	expect(*state, NULL, "", "");
}

/* Bytes decide: "10" before "9", upper case before lower, whatever the locale. */
static void test_order(void **state)
{
	temporary_text(*state, "c", "[Dump]\nType=none\nCompressionLevel=1\nMaxSize=1\n");
	temporary_mkdir(*state, "c.d");
	temporary_text(*state, "c.d/a.conf", "[Dump]\nMaxSize=4\n");
	temporary_text(*state, "c.d/B.conf", "[Dump]\nMaxSize=3\nCompressionLevel=4\n");
	temporary_text(*state, "c.d/9.conf", "[Dump]\nCompressionLevel=3\nType=heap\n");
	temporary_text(*state, "c.d/10.conf", "[Dump]\nCompressionLevel=2\nType=full\n");
	expect(*state, NULL,
	       "Type=heap@9.conf:3 CompressionLevel=4@B.conf:3 MaxSize=4@a.conf:2", "");
}

static void test_executable_over_later_dump(void **state)
{
	temporary_text(*state, "c", "[Executable \"/x\"]\nType=none\nMaxSize=1\n");
	temporary_mkdir(*state, "c.d");
	temporary_text(*state, "c.d/a.conf", "[Dump]\nType=heap\nMaxSize=2\n");
	temporary_text(*state, "c.d/b.conf", "[Executable \"*\"]\nMaxSize=3\n");
	expect(*state, "/x", "Type=none@c:2[/x] MaxSize=3@b.conf:2[*]", "");
	expect(*state, "/y", "Type=heap@a.conf:2 MaxSize=3@b.conf:2[*]", "");
}

static void test_sections_end_with_files(void **state)
{
	temporary_text(*state, "c", "[Dump]\n");
	temporary_mkdir(*state, "c.d");
	temporary_text(*state, "c.d/a.conf", "Type=heap\n");
	expect(*state, NULL, "",
	       "c.d/a.conf:1: Type is ignored: no section before it; begin with [Dump]\n");
}

static void test_names_not_read(void **state)
{
	static const char *const names[] = {
		"c.d/a",       "c.d/.conf",	     "c.d/.a.conf",
		"c.d/a.conf~", "c.d/a.conf.rpmsave", "c.d/a.CONF",
		"c.d/conf",    "c.d/README",
	};

	temporary_text(*state, "c", "");
	temporary_mkdir(*state, "c.d");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		temporary_text(*state, names[i], "[Dump]\nType=heap\n");
	expect(*state, NULL, "", "");
}

static void test_not_files(void **state)
{
	_cleanup_free_ char *fifo = temporary_path(*state, "c.d/b.conf");
	_cleanup_free_ char *dangling = temporary_path(*state, "c.d/d.conf");
	_cleanup_free_ char *loop = temporary_path(*state, "c.d/e.conf");

	temporary_mkdir(*state, "c");
	temporary_mkdir(*state, "c.d");
	temporary_mkdir(*state, "c.d/a.conf");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(symlink("nowhere", dangling), 0);
	assert_int_equal(symlink("e.conf", loop), 0);
	temporary_text(*state, "c.d/f.conf", "[Dump]\nType=heap\n");
	expect(*state, NULL, "Type=heap@f.conf:2",
	       "c: file is ignored: it is a directory\n"
	       "c.d/a.conf: file is ignored: it is a directory\n"
	       "c.d/b.conf: file is ignored: it is no regular file\n"
	       "c.d/d.conf: file is ignored: No such file or directory\n"
	       "c.d/e.conf: file is ignored: Too many levels of symbolic links\n");
}

static void test_drop_ins_no_directory(void **state)
{
	temporary_text(*state, "c", "[Dump]\nType=heap\n");
	temporary_text(*state, "c.d", "[Dump]\nType=none\n");
	expect(*state, NULL, "Type=heap@c:2", "c.d: file is ignored: Not a directory\n");
}

static void test_link_is_followed(void **state)
{
	_cleanup_free_ char *link = temporary_path(*state, "c");

	temporary_text(*state, "real", "[Dump]\nType=heap\n");
	assert_int_equal(symlink("real", link), 0);
	expect(*state, NULL, "Type=heap@c:2", "");
}

static void test_unreadable(void **state)
{
	_cleanup_free_ char *path = temporary_path(*state, "c");
	bool root = geteuid() == 0;

	temporary_text(*state, "c", "[Dump]\nType=heap\n");
	assert_int_equal(chmod(path, 0), 0);
	assert_int_equal(chmod(*state, 0711), 0);
	if (root) /* who reads all */
		assert_int_equal(seteuid(65534), 0);
	expect(*state, NULL, "", "c: file is ignored: Permission denied\n");
	if (root)
		assert_int_equal(seteuid(0), 0);
}

/* A file name may hold any byte, a problem is one printable line. */
static void test_strange_name(void **state)
{
	temporary_text(*state, "c", "");
	temporary_mkdir(*state, "c.d");
	temporary_text(*state, "c.d/a\n\x1b%s.conf", "[Dump]\nfoo\n");
	expect(*state, NULL, "",
	       "c.d/a\\x0a\\x1b%s.conf:2: line \"foo\" is ignored: it is not KEY=VALUE\n");
}

static void test_largest_file(void **state)
{
	static const char last[] = "\n[Dump]\nType=heap\n";
	size_t n = sizeof(last) - 1;
	char *bytes = malloc(MIB + 1);

	assert_non_null(bytes);
	memset(bytes, '#', MIB + 1);
	memcpy(bytes + MIB - n, last, n);
	temporary_write(*state, "c", bytes, MIB);
	expect(*state, NULL, "Type=heap@c:3", "");
	temporary_write(*state, "c", bytes, MIB + 1);
	expect(*state, NULL, "", "c: file is ignored: it is larger than 1 MiB\n");
	free(bytes);
}

static void test_many_files(void **state)
{
	char name[32], text[64];

	temporary_text(*state, "c", "");
	temporary_mkdir(*state, "c.d");
	for (int i = 0; i < 257; i++) {
		(void)snprintf(name, sizeof(name), "c.d/%03d.conf", i);
		(void)snprintf(text, sizeof(text), "[Dump]\nMaxSize=%d\n", i);
		temporary_text(*state, name, text);
	}
	expect(*state, NULL, "MaxSize=255@255.conf:2",
	       "c.d: only the first 256 of 257 files are read\n");
}

/* The sample says the defaults: as installed it changes nothing, nor without its '#'. */
static void test_sample(void **state)
{
	_cleanup_free_ char *sample = NULL, *bytes = NULL;
	_cleanup_config_ struct config *config = NULL;
	_cleanup_free_ char *path = temporary_path(*state, "c");
	const struct config_subject postgres = {
		.exe = "/usr/lib/postgresql/15/bin/postgres",
		.uid = -1,
	};
	struct config_origin origins[SETTING_COUNT];
	struct settings settings, defaults;
	size_t n;

	if (io_read_file(AT_FDCWD, "config/dumpd.conf", MIB, &sample, &n) < 0)
		skip(); /* not started from the top of the source */
	temporary_write(*state, "c", sample, n);
	expect(*state, NULL, "", "");

	for (size_t i = 0; i + 1 < n; i++) {
		if (sample[i] == '#' && sample[i + 1] != ' ' && sample[i + 1] != '\n')
			sample[i] = ' ';
	}
	temporary_write(*state, "c", sample, n);
	assert_int_equal(config_load(path, &config), 0);
	assert_int_equal(config_problem_count(config), 0);
	config_resolve(config, NULL, &settings, origins);
	settings_default(&defaults);
	for (enum setting i = 0; i < SETTING_COUNT; i++) {
		_cleanup_free_ char *value = setting_print(&settings, i);
		_cleanup_free_ char *expected = setting_print(&defaults, i);

		assert_non_null(origins[i].file);
		if (i == SETTING_DIRECTORY && strcmp(LOCALSTATEDIR, "/var") != 0)
			continue;
		assert_string_equal(value, expected);
	}
	config_resolve(config, &postgres, &settings, NULL);
	assert_int_equal(settings.type, DUMP_STACKS);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, temporary_setup, temporary_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_missing),
		TEST(test_missing_with_drop_ins),
		TEST(test_alone),
		TEST(test_empty),
		TEST(test_order),
		TEST(test_executable_over_later_dump),
		TEST(test_sections_end_with_files),
		TEST(test_names_not_read),
		TEST(test_not_files),
		TEST(test_drop_ins_no_directory),
		TEST(test_link_is_followed),
		TEST(test_unreadable),
		TEST(test_strange_name),
		TEST(test_largest_file),
		TEST(test_many_files),
		TEST(test_sample),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
