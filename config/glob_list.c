/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/io.h"
#include "config/glob_list.h"

#define FORM                                                                           \
	"must be globs separated by white space, in \"...\" if they have white space " \
	"in them"

static const char white[] = " \t";

/*
 * One word at *text, which moves behind it. Return: its length, 0 if it is none: it is empty,
 * or has a quote elsewhere than at both ends.
 */
static size_t take_word(const char **text, const char **ret)
{
	bool quoted = **text == '"';
	const char *start = *text + quoted;
	size_t n = strcspn(start, quoted ? "\"" : " \t\"");
	const char *end = start + n;

	if (quoted ? *end != '"' : *end == '"')
		return 0;
	end += quoted;
	if (*end && !strchr(white, *end))
		return 0;
	*text = end;
	*ret = start;
	return n;
}

/* Return: the bytes that it takes, 0 if there is no room. */
static size_t put_glob(char *to, size_t room, const char *word, size_t n)
{
	size_t escape = word[0] == '[';

	if (n + escape >= room)
		return 0;
	if (escape)
		to[0] = '\\';
	memcpy(to + escape, word, n);
	to[escape + n] = '\0';
	return escape + n + 1;
}

const char *glob_list_parse(const char *text, struct glob_list *ret)
{
	struct glob_list list = { .count = 0 };
	size_t used = 0;

	for (text += strspn(text, white); *text; text += strspn(text, white)) {
		const char *word = NULL;
		size_t n = take_word(&text, &word), put;

		if (n == 0)
			return FORM;
		if (list.count == GLOB_LIST_MAX)
			return "must not have more than 32 globs";
		put = put_glob(list.bytes + used, sizeof(list.bytes) - used, word, n);
		if (put == 0)
			return "must not have more than 255 bytes of globs";
		used += put;
		list.count++;
	}
	*ret = list;
	return NULL;
}

_Static_assert(GLOB_LIST_MAX == 32 && GLOB_LIST_BYTES == 256, "the texts above say so");

char *glob_list_print(const struct glob_list *list)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	const char *separator = "";

	if (!out)
		return NULL;
	for (const char *glob = NULL; (glob = glob_list_next(list, glob));) {
		const char *quote = strpbrk(glob, white) ? "\"" : "";
		bool escape = glob[0] == '\\' && glob[1] == '[';

		(void)fprintf(out, "%s%s%s%s", separator, quote, glob + escape,
			      quote); /* fclose tells */
		separator = " ";
	}
	return io_close_text(out, &text);
}

const char *glob_list_next(const struct glob_list *list, const char *previous)
{
	const char *next = previous ? previous + strlen(previous) + 1 : list->bytes;

	/* The list ends at its buffer's end or before an empty string: no glob is one. */
	if (list->count == 0 || next == list->bytes + sizeof(list->bytes) || !*next)
		return NULL;
	return next;
}
