/* SPDX-License-Identifier: MIT */
/*
 * Escaping: what stays, what does not, and that the bytes always come back.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/table.h"

#include "base/escape.h"

#define TEXT(s) (s), sizeof(s) - 1

struct row {
	const char *name;
	const char *bytes;
	size_t n;
	const char *escaped;
};

static const struct row texts[] = {
	{ "empty", TEXT(""), "" },
	{ "plain", TEXT("a b/c.d\"%'"), "a b/c.d\"%'" },
	{ "backslash", TEXT("\\"), "\\x5c" },
	{ "looks escaped", TEXT("\\x41"), "\\x5cx41" },
	{ "NUL", TEXT("a\0b"), "a\\x00b" },
	{ "newline and tab", TEXT("a\n\t"), "a\\x0a\\x09" },
	{ "terminal control", TEXT("\x1b[31m"), "\\x1b[31m" },
	{ "DEL", TEXT("\x7f"), "\\x7f" },
	{ "two bytes", TEXT("\xc3\xa4"), "\xc3\xa4" },
	{ "three bytes", TEXT("\xe2\x82\xac"), "\xe2\x82\xac" },
	{ "four bytes", TEXT("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80" },
	{ "last code point", TEXT("\xf4\x8f\xbf\xbf"), "\xf4\x8f\xbf\xbf" },
	{ "beyond it", TEXT("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80" },
	{ "first byte f5", TEXT("\xf5\x80\x80\x80"), "\\xf5\\x80\\x80\\x80" },
	{ "C1 control", TEXT("\xc2\x9b"), "\\xc2\\x9b" },
	{ "first beyond C1", TEXT("\xc2\xa0"), "\xc2\xa0" },
	{ "overlong two", TEXT("\xc0\xaf"), "\\xc0\\xaf" },
	{ "overlong two, c1", TEXT("\xc1\xbf"), "\\xc1\\xbf" },
	{ "overlong three", TEXT("\xe0\x80\xaf"), "\\xe0\\x80\\xaf" },
	{ "overlong four", TEXT("\xf0\x80\x80\xaf"), "\\xf0\\x80\\x80\\xaf" },
	{ "surrogate", TEXT("\xed\xa0\x80"), "\\xed\\xa0\\x80" },
	{ "before surrogates", TEXT("\xed\x9f\xbf"), "\xed\x9f\xbf" },
	{ "lone continuation", TEXT("\x80"), "\\x80" },
	{ "cut at the end", TEXT("a\xe2\x82"), "a\\xe2\\x82" },
	{ "cut by a letter", TEXT("\xe2\x82z"), "\\xe2\\x82z" },
	{ "ff", TEXT("\xff\xfe"), "\\xff\\xfe" },
	{ "right to left override", TEXT("\xe2\x80\xae"), "\\xe2\\x80\\xae" },
	{ "line separator", TEXT("\xe2\x80\xa8"), "\\xe2\\x80\\xa8" },
	{ "isolate", TEXT("\xe2\x81\xa6"), "\\xe2\\x81\\xa6" },
	{ "bullet", TEXT("\xe2\x80\xa2"), "\xe2\x80\xa2" },
};

static const struct row names[] = {
	{ "empty", TEXT(""), "" },
	{ "plain", TEXT("Abz09_+-"), "Abz09_+-" },
	{ "dot", TEXT("."), "%2e" },
	{ "up and away", TEXT("../../etc"), "%2e%2e%2f%2e%2e%2fetc" },
	{ "percent", TEXT("%2f"), "%252f" },
	{ "NUL", TEXT("a\0b"), "a%00b" },
	{ "blank and newline", TEXT(" \n"), "%20%0a" },
	{ "around the letters", TEXT("@[`{"), "%40%5b%60%7b" },
	{ "around the digits", TEXT("/:"), "%2f%3a" },
	{ "UTF-8", TEXT("\xc3\xa4"), "%c3%a4" },
	{ "ff", TEXT("\xff"), "%ff" },
};

/* Not what the escape functions make: nothing comes back. */
static const struct row bad_texts[] = {
	{ "single backslash", TEXT("\\"), NULL },
	{ "other escape", TEXT("\\n"), NULL },
	{ "no digits", TEXT("\\x"), NULL },
	{ "one digit", TEXT("\\x4"), NULL },
	{ "no hexadecimal digit", TEXT("\\x4g"), NULL },
	{ "sign", TEXT("\\x+4"), NULL },
	{ "good, then bad", TEXT("\\x41\\x4"), NULL },
};

static const struct row bad_names[] = {
	{ "single percent", TEXT("%"), NULL },
	{ "one digit", TEXT("%4"), NULL },
	{ "no hexadecimal digit", TEXT("%zz"), NULL },
	{ "percent of a percent", TEXT("%%41"), NULL },
};

/* First and last of what cannot be seen or reorders, one before and one behind. */
struct edge {
	const char *name;
	uint32_t first, last;
	bool before, behind; /* that can be shown */
};

static const struct edge edges[] = {
	{ "soft hyphen", 0xad, 0xad, true, true },
	{ "grapheme joiner", 0x34f, 0x34f, true, true },
	{ "Arabic letter mark", 0x61c, 0x61c, true, true },
	{ "Hangul fillers", 0x115f, 0x1160, true, true },
	{ "Khmer vowels", 0x17b4, 0x17b5, true, true },
	{ "Mongolian selectors", 0x180b, 0x180f, true, true },
	{ "zero width, marks", 0x200b, 0x200f, true, true },
	{ "separators, embeddings, overrides", 0x2028, 0x202e, true, true },
	{ "joiners, isolates, shapes", 0x2060, 0x206f, true, true },
	{ "Hangul filler", 0x3164, 0x3164, true, true },
	{ "variation selectors", 0xfe00, 0xfe0f, true, true },
	{ "byte order mark", 0xfeff, 0xfeff, true, true },
	{ "halfwidth filler", 0xffa0, 0xffa0, true, true },
	{ "unassigned", 0xfff0, 0xfff8, true, true },
	{ "shorthand", 0x1bca0, 0x1bca3, true, true },
	{ "musical", 0x1d173, 0x1d17a, true, true },
	{ "tags, more selectors", 0xe0000, 0xe0fff, true, true },
};

static size_t encode(uint32_t code, char *to)
{
	if (code < 0x800) {
		to[0] = (char)(0xc0 | code >> 6);
		to[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		to[0] = (char)(0xe0 | code >> 12);
		to[1] = (char)(0x80 | (code >> 6 & 0x3f));
		to[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | code >> 18);
	to[1] = (char)(0x80 | (code >> 12 & 0x3f));
	to[2] = (char)(0x80 | (code >> 6 & 0x3f));
	to[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

static bool is_shown(uint32_t code)
{
	char bytes[5] = "";
	size_t n = encode(code, bytes);
	_cleanup_free_ char *text = escape_text(bytes, n);
	_cleanup_free_ char *word = escape_shell(bytes, n);

	assert_int_equal(strcmp(text, bytes) == 0, strcmp(word, bytes) == 0);
	return strcmp(text, bytes) == 0;
}

static void test_invisible(void **state)
{
	const struct edge *row = *state;

	for (uint32_t code = row->first; code <= row->last; code++)
		assert_false(is_shown(code));
	assert_int_equal(is_shown(row->first - 1), row->before);
	assert_int_equal(is_shown(row->last + 1), row->behind);
}

typedef char *(*escape_function)(const void *bytes, size_t n);
typedef char *(*undo_function)(const char *text, size_t *ret_n);

static void round_trip(escape_function escape, undo_function undo, const void *bytes,
		       size_t n)
{
	_cleanup_free_ char *escaped = escape(bytes, n);
	_cleanup_free_ char *back = NULL;
	size_t back_n = SIZE_MAX;

	assert_non_null(escaped);
	back = undo(escaped, &back_n);
	assert_non_null(back);
	assert_int_equal(back_n, n);
	assert_memory_equal(back, bytes, n);
	assert_int_equal(back[n], '\0');
}

static void test_text(void **state)
{
	const struct row *row = *state;
	_cleanup_free_ char *escaped = escape_text(row->bytes, row->n);

	assert_string_equal(escaped, row->escaped);
	round_trip(escape_text, escape_text_undo, row->bytes, row->n);
}

static void test_name(void **state)
{
	const struct row *row = *state;
	_cleanup_free_ char *escaped = escape_name(row->bytes, row->n);

	assert_string_equal(escaped, row->escaped);
	round_trip(escape_name, escape_name_undo, row->bytes, row->n);
}

/* What bash makes of the right is the left; tests/e2e/67-arguments.sh asks it. */
static const struct shell {
	const char *name, *bytes, *word;
} shells[] = {
	{ "plain", "--with=a/b.c:1,2@3%4+5-6_7", "--with=a/b.c:1,2@3%4+5-6_7" },
	{ "nothing", "", "\"\"" },
	{ "a space", "a b", "$'a b'" },
	{ "both quotes", "it's \"so\"", "$'it\\'s \"so\"'" },
	{ "a backslash", "a\\b", "$'a\\\\b'" },
	{ "a newline", "a\nb", "$'a\\nb'" },
	{ "the others with a letter", "\a\b\f\r\t\v", "$'\\a\\b\\f\\r\\t\\v'" },
	{ "a terminal's", "\x1b[31m", "$'\\033[31m'" },
	{ "broken UTF-8",
	  "\xff"
	  "0",
	  "$'\\3770'" },
	{ "UTF-8", "\xc3\xa4", "\xc3\xa4" },
	{ "a control in UTF-8", "\xc2\x9b", "$'\\302\\233'" },
	{ "a variable", "$HOME", "$'$HOME'" },
	{ "a comment", "#a", "$'#a'" },
	{ "none", "a#", "a#" },
	{ "a home", "~root", "$'~root'" },
	{ "braces", "{a,b}", "$'{a,b}'" },
	{ "a glob", "*.c", "$'*.c'" },
};

static void test_shell(void **state)
{
	const struct shell *row = *state;
	_cleanup_free_ char *word = escape_shell(row->bytes, strlen(row->bytes));

	assert_string_equal(word, row->word);
}

static void test_bad_text(void **state)
{
	const struct row *row = *state;
	size_t n = 77;

	assert_null(escape_text_undo(row->bytes, &n));
	assert_int_equal(n, 77);
}

static void test_bad_name(void **state)
{
	const struct row *row = *state;
	size_t n = 77;

	assert_null(escape_name_undo(row->bytes, &n));
	assert_int_equal(n, 77);
}

static bool safe_name(const char *name)
{
	return name[strspn(
		       name,
		       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-%")] ==
	       '\0';
}

static bool safe_text(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	}
	return true;
}

static void check_bytes(const void *bytes, size_t n)
{
	_cleanup_free_ char *name = escape_name(bytes, n);
	_cleanup_free_ char *text = escape_text(bytes, n);

	assert_true(safe_name(name));
	assert_true(safe_text(text));
	round_trip(escape_name, escape_name_undo, bytes, n);
	round_trip(escape_text, escape_text_undo, bytes, n);
}

static void test_all_pairs(void **state)
{
	(void)state;
	for (int i = 0; i < 65536; i++) {
		unsigned char bytes[2] = { (unsigned char)(i >> 8), (unsigned char)i };

		check_bytes(bytes, 1 + (i & 1));
		check_bytes(bytes, 2);
	}
}

/* A comm is 15 bytes of the program's choice. */
static void test_random_comms(void **state)
{
	unsigned char comm[15];

	(void)state;
	srand(1);
	for (int round = 0; round < 20000; round++) {
		size_t n = (size_t)rand() % (sizeof(comm) + 1);

		for (size_t i = 0; i < n; i++)
			comm[i] = (unsigned char)(rand() >> 7);
		check_bytes(comm, n);
	}
}

/* Exactly as long as said: no NUL behind the bytes is needed. */
static void test_no_terminator(void **state)
{
	static const char cut[] = { 'a', '\xf0', '\x9f', '\x98' };
	_cleanup_free_ char *exact = malloc(sizeof(cut));
	_cleanup_free_ char *text = NULL;

	(void)state;
	assert_non_null(exact);
	memcpy(exact, cut, sizeof(cut));
	text = escape_text(exact, sizeof(cut));
	assert_string_equal(text, "a\\xf0\\x9f\\x98");
}

/* Sizes that cannot be: refused before anything is read. */
static void test_overflow(void **state)
{
	(void)state;
	assert_null(escape_text("", SIZE_MAX));
	assert_null(escape_text("", SIZE_MAX / 4 + 1));
	assert_null(escape_name("", SIZE_MAX));
	assert_null(escape_name("", SIZE_MAX / 3 + 1));
}

int main(void)
{
	const struct CMUnitTest properties[] = {
		cmocka_unit_test(test_all_pairs),
		cmocka_unit_test(test_random_comms),
		cmocka_unit_test(test_no_terminator),
		cmocka_unit_test(test_overflow),
	};
	int failed = RUN_TABLE(texts, test_text);

	failed += RUN_TABLE(edges, test_invisible);
	failed += RUN_TABLE(shells, test_shell);
	failed += RUN_TABLE(names, test_name);
	failed += RUN_TABLE(bad_texts, test_bad_text);
	failed += RUN_TABLE(bad_names, test_bad_name);
	failed += cmocka_run_group_tests(properties, NULL, NULL);
	return failed;
}
