/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "tests/unit/table.h"

#include "dumpctl/words.h"

static const struct row {
	const char *name;
	const char *text;
	int result;
	const char *words[4];
} rows[] = {
	{ "empty", "", 0, { NULL } },
	{ "blanks", " \t\n ", 0, { NULL } },
	{ "one", "-batch", 0, { "-batch" } },
	{ "one letter each", "a b c", 0, { "a", "b", "c" } },
	{ "blanks around", "  -q   -x  ", 0, { "-q", "-x" } },
	{ "double quotes", "-ex \"bt full\"", 0, { "-ex", "bt full" } },
	{ "single quotes", "-ex 'bt \"full\"'", 0, { "-ex", "bt \"full\"" } },
	{ "quotes within a word", "a'b c'd", 0, { "ab cd" } },
	{ "empty quotes", "'' \"\"", 0, { "", "" } },
	{ "backslash", "a\\ b \\'c", 0, { "a b", "'c" } },
	{ "backslash in double quotes", "\"a\\\"b\"", 0, { "a\"b" } },
	{ "backslash in single quotes", "'a\\b'", 0, { "a\\b" } },
	{ "nothing is expanded", "$HOME `id` * ~", 0, { "$HOME", "`id`", "*", "~" } },
	{ "quote that does not end", "'a", -EINVAL, { NULL } },
	{ "double quote that does not end", "a \"b", -EINVAL, { NULL } },
	{ "backslash at the end", "a\\", -EINVAL, { NULL } },
};

static void test_row(void **state)
{
	const struct row *row = *state;
	_cleanup_words_ struct words words = { 0 };
	size_t n = 0;

	assert_int_equal(words_split(row->text, &words), row->result);
	while (n < ARRAY_SIZE(row->words) && row->words[n])
		n++;
	assert_int_equal(words.count, n);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(words.list[i], row->words[i]);
}

int main(void)
{
	return RUN_TABLE(rows, test_row);
}
