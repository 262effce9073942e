/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "config/section.h"

#define KNOWN                                                                          \
	"known are [Dump], [Executable \"GLOB\"], [Unit \"GLOB\"], [Cgroup \"GLOB\"] " \
	"and [User \"NAME-OR-UID\"]"

/* A section with a name in quotes. */
struct form {
	const char *no_quotes, *no_end, *empty; /* for people */
	/* Return: why these 1 to PATH_MAX - 1 bytes name nothing, or NULL. */
	const char *(*check)(const char *name, size_t n);
};

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

static const char *check_path(const char *glob, size_t n)
{
	(void)n;
	if (glob[0] == '\0' || !strchr("/*?[\\", glob[0]))
		return "the glob matches no path: it is compared with the whole path, "
		       "which begins with '/'";
	return NULL;
}

static const char *check_unit(const char *glob, size_t n)
{
	if (memchr(glob, '/', n))
		return "the glob matches no unit: their names have no '/'";
	return NULL;
}

/* Names are looked up elsewhere. */
static const char *check_user(const char *name, size_t n)
{
	(void)name;
	(void)n;
	return NULL;
}

#define FORM(kind, what, called, check)                                      \
	{                                                                    \
		"write [" kind " \"" what "\"], with quotes",                \
			"write [" kind " \"" what "\"]; the end is missing", \
			"the " called " is empty", check                     \
	}

static const struct form forms[CONFIG_KINDS] = {
	[CONFIG_EXECUTABLE] = FORM("Executable", "GLOB", "glob", check_path),
	[CONFIG_UNIT] = FORM("Unit", "GLOB", "glob", check_unit),
	[CONFIG_CGROUP] = FORM("Cgroup", "GLOB", "glob", check_path),
	[CONFIG_USER] = FORM("User", "NAME-OR-UID", "name", check_user),
};

static const char *check_name(const struct form *form, const char *name, size_t n)
{
	if (n == 0)
		return form->empty;
	if (n >= PATH_MAX)
		return "it is longer than a path may be";
	return form->check(name, n);
}

/* at: behind the kind's word. */
static const char *parse_named(const char *text, size_t n, size_t at,
			       const struct form *form, struct section *ret)
{
	size_t end, after = 0;
	const char *reason;

	if (at == n || text[at] != '"')
		return form->no_quotes;
	end = find_end(text, n, at + 1, &after);
	if (!end)
		return form->no_end;
	reason = check_name(form, text + at + 1, end - at - 1);
	if (reason)
		return reason;
	ret->name = text + at + 1;
	ret->name_length = end - at - 1;
	set_rest(text, n, after, ret);
	return NULL;
}

/* "[Executable" is not "[Executables". at: behind the word and the blanks behind it. */
static bool ends_word(const char *text, size_t n, size_t at)
{
	return blank(text[at - 1]) || (at < n && (text[at] == ']' || text[at] == '"'));
}

static const char *parse_dump(const char *text, size_t n, size_t start,
			      struct section *ret)
{
	size_t at = skip_word(text, n, start, config_kind_name(CONFIG_DUMP));

	if (!memchr(text, ']', n))
		return "']' is missing; " KNOWN;
	if (!at || at == n || text[at] != ']')
		return "unknown section; " KNOWN;
	ret->kind = CONFIG_DUMP;
	ret->name = NULL;
	ret->name_length = 0;
	set_rest(text, n, at + 1, ret);
	return NULL;
}

const char *section_parse(const char *text, size_t n, struct section *ret)
{
	size_t start = skip_blank(text, n, 1);

	if (memchr(text, '\0', n))
		return "it has a NUL byte";
	for (enum config_kind kind = CONFIG_DUMP + 1; kind < CONFIG_KINDS; kind++) {
		size_t at = skip_word(text, n, start, config_kind_name(kind));

		if (!at)
			continue;
		if (!ends_word(text, n, at))
			return "unknown section; " KNOWN;
		ret->kind = kind;
		return parse_named(text, n, at, &forms[kind], ret);
	}
	return parse_dump(text, n, start, ret);
}
