/* SPDX-License-Identifier: MIT */
/*
 * What values mean, kind by kind: shares, paths, templates of names, ranks, globs, types.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/table.h"

#include "config/config.h"
#include "config/keys.h"
#include "config/name_template.h"
#include "config/rank_list.h"
#include "filter/ranges.h"
#include "store/name.h"

/* Of both the smaller, and nothing overflows on the largest file system. */
static void test_shares(void **state)
{
	static const struct {
		const char *text;
		uint64_t total, want;
	} shares[] = {
		{ "10%", 1000, 100 },
		{ "10%", 999, 99 },
		{ "10% 64", 1000, 64 },
		{ "10% 164", 1000, 100 },
		{ "0", 1000, 0 },
		{ "0% 7", 1000, 0 },
		{ "1%", 99, 0 },
		{ "4G", 0, UINT64_C(4) << 30 },
		{ "infinity", 1000, UINT64_MAX },
		{ "100%", UINT64_MAX, UINT64_MAX },
		{ "50%", UINT64_MAX - 1, UINT64_MAX / 2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(shares); i++) {
		struct share share;

		assert_null(share_parse(shares[i].text, &share));
		assert_true(share_of(&share, shares[i].total) == shares[i].want);
	}
}

/* A path of PATH_MAX - 1 bytes fits with its NUL, one more does not. */
static void test_longest_directory(void **state)
{
	char path[PATH_MAX + 1];
	struct settings settings;

	(void)state;
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[PATH_MAX] = '\0';
	assert_non_null(keys[SETTING_DIRECTORY].parse(path, &settings));
	path[PATH_MAX - 1] = '\0';
	assert_null(keys[SETTING_DIRECTORY].parse(path, &settings));
	assert_string_equal(settings.directory, path);
}

static void test_every_specifier(void **state)
{
	(void)state;
	for (int c = 1; c < 256; c++) {
		char text[] = { '%', (char)c, '\0' };
		bool known = strchr(NAME_TEMPLATE_SPECIFIERS, c) != NULL;

		assert_int_equal(name_template_check(text) == NULL, known);
	}
}

/* What may be configured is what names are made from: nothing that passes is dropped. */
static void test_specifiers_expand(void **state)
{
	struct record record;
	struct name_facts facts = {
		.record = &record,
		.namespace_pid = RECORD_UNKNOWN,
		.namespace_tid = RECORD_UNKNOWN,
	};

	(void)state;
	record_init(&record);
	for (const char *p = NAME_TEMPLATE_SPECIFIERS; *p; p++) {
		char text[] = { '%', *p, '\0' };
		_cleanup_free_ char *name = name_expand(text, &facts);

		assert_string_equal(name, *p == '%' ? "%25" : "unknown");
	}
	record_done(&record);
}

/* The words are the filter's ranks, all but the one that is always kept. */
static void test_ranks(void **state)
{
	static const struct {
		const char *word;
		enum rank rank;
	} ranks[] = {
		{ "crash", RANK_CRASH },
		{ "loader", RANK_LOADER },
		{ "object", RANK_OBJECT },
		{ "hint", RANK_HINT },
		{ "thread", RANK_THREAD },
		{ "global", RANK_GLOBAL },
		{ "runtime", RANK_RUNTIME },
		{ "pointee", RANK_POINTEE },
		{ "farstack", RANK_FAR_STACK },
		{ "private", RANK_PRIVATE },
		{ "deadstack", RANK_DEAD_STACK },
		{ "shared", RANK_SHARED },
		{ "rest", RANK_REST },
	};
	uint32_t set = 0, all = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ranks); i++) {
		assert_null(rank_list_parse(ranks[i].word, &set));
		assert_int_equal(set, RANK_LIST_BIT(ranks[i].rank));
		assert_non_null(strstr(RANK_WORDS, ranks[i].word));
		all |= set;
	}
	assert_int_equal(all, RANK_LIST_BIT(RANK_REST + 1) - RANK_LIST_BIT(RANK_CRASH));
}

static void test_globs(void **state)
{
	static const char *const wanted[] = { "/a", "b c", "\\[heap]" };
	char longest[GLOB_LIST_BYTES];
	struct glob_list list;
	size_t i = 0;

	(void)state;
	assert_null(glob_list_parse("/a \"b c\" [heap]", &list));
	assert_int_equal(list.count, 3);
	for (const char *glob = NULL; (glob = glob_list_next(&list, glob)); i++)
		assert_string_equal(glob, wanted[i]);
	assert_int_equal(i, 3);
	assert_int_equal(fnmatch(list.bytes + 7, "[heap]", 0), 0);
	assert_null(glob_list_parse("", &list));
	assert_null(glob_list_next(&list, NULL));
	/* the buffer's last byte is the last glob's NUL */
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_null(glob_list_parse(longest, &list));
	assert_null(glob_list_next(&list, glob_list_next(&list, NULL)));
}

static void test_types(void **state)
{
	enum dump_type type = DUMP_HEAP;

	(void)state;
	for (enum dump_type i = 0; i < DUMP_TYPE_MAX; i++) {
		assert_int_equal(dump_type_parse(dump_type_name(i), &type), 0);
		assert_int_equal(type, i);
		assert_non_null(strstr(DUMP_TYPE_WORDS, dump_type_name(i)));
	}
	type = DUMP_HEAP;
	assert_int_equal(dump_type_parse("everything", &type), -EINVAL);
	assert_int_equal(type, DUMP_HEAP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_longest_directory),
		cmocka_unit_test(test_every_specifier),
		cmocka_unit_test(test_specifiers_expand),
		cmocka_unit_test(test_ranks),
		cmocka_unit_test(test_globs),
		cmocka_unit_test(test_types),
	};

	return cmocka_run_group_tests_name("values", tests, NULL, NULL);
}
