/* SPDX-License-Identifier: MIT */
/*
 * No memory, and files that cannot be read: every allocation on the way from dumpd.conf to what holds fails
 * once. Linked with --wrap (tests.mk), so that only this program's own objects see it; what libc
 * allocates in the name of one is the one itself.
 */
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/unit/config_told.h"
#include "tests/unit/temporary.h"

#include "config/config.h"
#include "config/glob_list.h"
#include "config/word_set.h"

/* Allocations that still succeed; negative: all do. */
static int left = -1;

static bool refused(void)
{
	if (left != 0) {
		left -= left > 0;
		return false;
	}
	errno = ENOMEM;
	return true;
}

#define WRAPPED(type, name, parameters, arguments)                 \
	type __real_##name parameters;                             \
	type __wrap_##name parameters;                             \
	type __wrap_##name parameters                              \
	{                                                          \
		return refused() ? NULL : __real_##name arguments; \
	}

WRAPPED(void *, malloc, (size_t n), (n))
WRAPPED(void *, calloc, (size_t n, size_t size), (n, size))
WRAPPED(void *, realloc, (void *p, size_t n), (p, n))
WRAPPED(void *, reallocarray, (void *p, size_t n, size_t size), (p, n, size))
WRAPPED(char *, strdup, (const char *text), (text))
WRAPPED(char *, strndup, (const char *text, size_t n), (text, n))
WRAPPED(FILE *, open_memstream, (char **text, size_t *n), (text, n))

typedef int (*filter)(const struct dirent *entry);
typedef int (*order)(const struct dirent **a, const struct dirent **b);
int __real_scandir64(const char *name, struct dirent ***ret, filter wanted, order by);
int __wrap_scandir64(const char *name, struct dirent ***ret, filter wanted, order by);
int __wrap_scandir64(const char *name, struct dirent ***ret, filter wanted, order by)
{
	return refused() ? -1 : __real_scandir64(name, ret, wanted, by);
}

/* Both names that a C library has for it: with and without _FORTIFY_SOURCE. */
#define PRINTED(name, last, ...)                                             \
	int __wrap_##name(char **ret, __VA_ARGS__) _printf_(last, last + 1); \
	int __wrap_##name(char **ret, __VA_ARGS__)                           \
	{                                                                    \
		va_list arguments;                                           \
		int n;                                                       \
                                                                             \
		va_start(arguments, format);                                 \
		n = refused() ? -1 : vprinted(ret, format, arguments);       \
		va_end(arguments);                                           \
		return n;                                                    \
	}

int __real_vasprintf(char **ret, const char *format, va_list arguments);
int __wrap_vasprintf(char **ret, const char *format, va_list arguments);
int __wrap_vasprintf(char **ret, const char *format, va_list arguments)
{
	return refused() ? -1 : __real_vasprintf(ret, format, arguments);
}

int __wrap___vasprintf_chk(char **ret, int flag, const char *format, va_list arguments);
int __wrap___vasprintf_chk(char **ret, int flag, const char *format, va_list arguments)
{
	(void)flag;
	return refused() ? -1 : __real_vasprintf(ret, format, arguments);
}

static _printf_(2, 0) int vprinted(char **ret, const char *format, va_list arguments)
{
	return __real_vasprintf(ret, format, arguments);
}

PRINTED(asprintf, 2, const char *format, ...)
PRINTED(__asprintf_chk, 3, __attribute__((unused)) int flag, const char *format, ...)

/* What the next of these says, instead of doing it; 0: it is done. */
static int open_error, fstat_error, read_error;
static bool default_is_link;

static bool fails(int *error)
{
	if (!*error)
		return false;
	errno = *error;
	*error = 0;
	return true;
}

int __real_open64(const char *file, int flags, ...);
int __wrap_open64(const char *file, int flags, ...);
int __wrap_open64(const char *file, int flags, ...)
{
	return fails(&open_error) ? -1 : __real_open64(file, flags, 0600);
}

int __real_fstat64(int fd, struct stat *ret);
int __wrap_fstat64(int fd, struct stat *ret);
int __wrap_fstat64(int fd, struct stat *ret)
{
	return fails(&fstat_error) ? -1 : __real_fstat64(fd, ret);
}

int __real_lstat64(const char *file, struct stat *ret);
int __wrap_lstat64(const char *file, struct stat *ret);
int __wrap_lstat64(const char *file, struct stat *ret)
{
	if (strcmp(file, CONFIG_FILE) != 0)
		return __real_lstat64(file, ret);
	ret->st_mode = S_IFLNK;
	errno = ENOENT;
	return default_is_link ? 0 : -1;
}

ssize_t __real_read(int fd, void *to, size_t n);
ssize_t __wrap_read(int fd, void *to, size_t n);
ssize_t __wrap_read(int fd, void *to, size_t n)
{
	return fails(&read_error) ? -1 : __real_read(fd, to, n);
}

/* Sections, assignments, and each way to say what holds instead. */
static const char text[] = "[Dump]\n"
			   "Type=heap\n"
			   "Type=big\n"
			   "MaxSize=big\n"
			   "Keep=/a\n"
			   "Keep=\"\"\n"
			   "AskTypes=mini\n"
			   "AskTypes=big\n"
			   "[Executable \"/x\"]\n"
			   "Type=full\n"
			   "Budget=big\n"
			   "[Executable \"/y\"\n"
			   "nonsense\n"
			   "[User \"daemon\"]\n"
			   "Type=mini\n";

static const char problems[] =
	"c:3: bad value \"big\" is ignored, Type must be one of none, triage, stacks, mini, "
	"heap, full, custom; Type=heap of c:2 holds\n"
	"c:4: bad value \"big\" is ignored, MaxSize must be a number of bytes, with K, M, G "
	"or T if wanted, or infinity; MaxSize=1 of c.d/a.conf:2 holds\n"
	"c:6: bad value \"\"\"\" is ignored, Keep must be globs separated by white space, in "
	"\"...\" if they have white space in them; Keep=/a of c:5 holds\n"
	"c:8: bad value \"big\" is ignored, AskTypes must be no or words of none, triage, "
	"stacks, mini, heap, full, custom; AskTypes=mini of c:7 holds\n"
	"c:11: bad value \"big\" is ignored, Budget must be a number of bytes, with K, M, G "
	"or T if wanted, or infinity; Budget=8M holds unless another section matches\n"
	"c:12: section [Executable \"/y\" and the keys in it are ignored: write [Executable "
	"\"GLOB\"]; the end is missing\n"
	"c.d/b.conf: file is ignored: it is a directory\n";

static void make_files(const char *directory)
{
	temporary_text(directory, "c", text);
	temporary_mkdir(directory, "c.d");
	temporary_text(directory, "c.d/a.conf", "[Dump]\nMaxSize=1\n");
	temporary_mkdir(directory, "c.d/b.conf");
}

/* With one allocation more each time, until it is enough. Return: how many were. */
static int load_refused(const char *path, struct config **ret)
{
	int count = 0, r;

	do {
		left = count;
		r = config_load(path, ret);
		left = -1;
		assert_true(r == 0 || (r == -ENOMEM && !*ret));
	} while (r < 0 && ++count < 1000);
	assert_int_equal(r, 0);
	return count;
}

/* All or nothing: what was read is the same as with memory, or the caller is told. */
static void test_refused(void **state)
{
	_cleanup_free_ char *path = temporary_path(*state, "c");
	_cleanup_free_ char *prefix = temporary_path(*state, "");
	_cleanup_free_ char *said = NULL, *holds = NULL;
	struct config *config = NULL;

	make_files(*state);
	assert_true(load_refused(path, &config) > 60);
	said = told_problems(config, prefix);
	holds = told_settings(config, "/x");
	assert_string_equal(said, problems);
	assert_string_equal(
		holds,
		"Type=full@c:10[/x] AskTypes=mini@c:7 Keep=/a@c:5 MaxSize=1@a.conf:2");
	config_free(config);
}

/* So many problems that the last ones are only counted. */
static void test_left_out(void **state)
{
	_cleanup_free_ char *path = temporary_path(*state, "c");
	struct config *config = NULL;
	char many[70 * 2 + 1] = "";

	for (size_t i = 0; i < 70; i++)
		memcpy(many + 2 * i, "x\n", 3);
	temporary_text(*state, "c", many);
	(void)load_refused(path, &config);
	assert_int_equal(config_problem_count(config), 65);
	assert_string_equal(config_problem(config, 64), "6 more problems are not shown");
	config_free(config);
}

/* A value that cannot be written says so. */
static void test_print(void **state)
{
	static const char *const names[] = { "a", "b" };
	const struct glob_list globs = { .count = 1, .bytes = "/a" };

	(void)state;
	left = 0;
	assert_null(word_set_print(3, names, 2));
	assert_null(glob_list_print(&globs));
	left = -1;
}

struct unreadable {
	const char *name;
	int *error;
	int number;
	const char *said;
};

static const struct unreadable unreadables[] = {
	{ "open", &open_error, EMFILE, "c: file is ignored: Too many open files\n" },
	{ "fstat", &fstat_error, EIO, "c: file is ignored: Input/output error\n" },
	{ "read", &read_error, EIO, "c: file is ignored: Input/output error\n" },
};

static void test_unreadable(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(unreadables); i++) {
		const struct unreadable *row = &unreadables[i];
		_cleanup_free_ char *path = temporary_path(*state, "c");
		_cleanup_free_ char *prefix = temporary_path(*state, "");
		_cleanup_config_ struct config *config = NULL;
		_cleanup_free_ char *said = NULL, *holds = NULL;

		temporary_text(*state, "c", "[Dump]\nType=heap\n");
		*row->error = row->number;
		assert_int_equal(config_load(path, &config), 0);
		said = told_problems(config, prefix);
		holds = told_settings(config, NULL);
		assert_string_equal(said, row->said);
		assert_string_equal(holds, "");
	}
}

/* Of the default file it is said only where somebody has made a link to nothing. */
static void test_default(void **state)
{
	(void)state;
	for (int link = 0; link < 2; link++) {
		_cleanup_config_ struct config *config = NULL;
		_cleanup_free_ char *said = NULL;

		default_is_link = link;
		open_error = ENOENT;
		assert_int_equal(config_load(NULL, &config), 0);
		said = told_problems(config, NULL);
		assert_int_equal(strncmp(said,
					 CONFIG_FILE ": file is ignored: No such file",
					 strlen(CONFIG_FILE) + 31) == 0,
				 link);
	}
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, temporary_setup, temporary_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_refused),    TEST(test_left_out), TEST(test_print),
		TEST(test_unreadable), TEST(test_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
