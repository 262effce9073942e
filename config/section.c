/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "config/section.h"

#define KNOWN "known are [Dump] and [Executable \"GLOB\"]"

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

static size_t skip_blank(const char *text, size_t n, size_t at)
{
	while (at < n && blank(text[at]))
		at++;
	return at;
}

/* Skip a word and the blanks behind it. Return: 0 if it is not there. */
static size_t skip_word(const char *text, size_t n, size_t at, const char *word)
{
	size_t length = strlen(word);

	if (n - at < length || memcmp(text + at, word, length) != 0)
		return 0;
	return skip_blank(text, n, at + length);
}

/* A comment may follow, as inih has it behind values: a blank, then ';'. */
static void set_rest(const char *text, size_t n, size_t at, struct section *ret)
{
	size_t start = skip_blank(text, n, at);

	ret->rest = NULL;
	ret->rest_length = 0;
	if (start == n || (start > at && text[start] == ';'))
		return;
	ret->rest = text + start;
	ret->rest_length = n - start;
}

/* The quote that ends the glob is the first with "]" behind it: globs have brackets, too. */
static size_t find_end(const char *text, size_t n, size_t start, size_t *ret_after)
{
	for (size_t i = start; i < n; i++) {
		size_t close;

		if (text[i] != '"')
			continue;
		close = skip_blank(text, n, i + 1);
		if (close < n && text[close] == ']') {
			*ret_after = close + 1;
			return i;
		}
	}
	return 0;
}

static const char *check_glob(const char *glob, size_t n)
{
	if (n == 0)
		return "the glob is empty";
	if (n >= PATH_MAX)
		return "the glob is longer than a path may be";
	if (!memchr("/*?[\\", glob[0], 5))
		return "the glob matches no path: it is compared with the whole path, "
		       "which begins with '/'";
	return NULL;
}

static const char *parse_executable(const char *text, size_t n, size_t at,
				    struct section *ret)
{
	size_t end, after = 0;
	const char *reason;

	if (at == n || text[at] != '"')
		return "write [Executable \"GLOB\"], with quotes";
	end = find_end(text, n, at + 1, &after);
	if (!end)
		return "write [Executable \"GLOB\"]; the end is missing";
	reason = check_glob(text + at + 1, end - at - 1);
	if (reason)
		return reason;
	ret->glob = text + at + 1;
	ret->glob_length = end - at - 1;
	set_rest(text, n, after, ret);
	return NULL;
}

const char *section_parse(const char *text, size_t n, struct section *ret)
{
	size_t name, at;

	if (memchr(text, '\0', n))
		return "it has a NUL byte";
	name = skip_blank(text, n, 1);
	at = skip_word(text, n, name, "Executable");
	if (at && (at == n || !memchr("]\"", text[at], 2)) && !blank(text[at - 1]))
		return "unknown section; " KNOWN;
	if (at)
		return parse_executable(text, n, at, ret);
	if (!memchr(text, ']', n))
		return "']' is missing; " KNOWN;
	at = skip_word(text, n, name, "Dump");
	if (!at || at == n || text[at] != ']')
		return "unknown section; " KNOWN;
	ret->glob = NULL;
	ret->glob_length = 0;
	set_rest(text, n, at + 1, ret);
	return NULL;
}
