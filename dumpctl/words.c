/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "dumpctl/words.h"

#define SPACE " \t\n"

void words_done(struct words *words)
{
	free(words->list);
	free(words->buffer);
}

/* One word from *text to *out. Return: 0 or -EINVAL. */
static int take_word(const char **text, char **out)
{
	const char *p = *text;
	char quote = '\0';

	for (; *p && (quote || !strchr(SPACE, *p)); p++) {
		if (quote && *p == quote) {
			quote = '\0';
		} else if (!quote && (*p == '\'' || *p == '"')) {
			quote = *p;
		} else if (*p == '\\' && quote != '\'') {
			if (*++p == '\0')
				return -EINVAL;
			*(*out)++ = *p;
		} else {
			*(*out)++ = *p;
		}
	}
	*(*out)++ = '\0';
	*text = p;
	return quote ? -EINVAL : 0;
}

int words_split(const char *text, struct words *ret)
{
	size_t n = strlen(text);
	/* At most every other character is a word. */
	struct words words = { .list = calloc(n / 2 + 1, sizeof(char *)),
			       .buffer = malloc(n + 1) };
	char *out = words.buffer;
	int r = words.list && words.buffer ? 0 : -ENOMEM;

	for (text += strspn(text, SPACE); r == 0 && *text; text += strspn(text, SPACE)) {
		words.list[words.count++] = out;
		r = take_word(&text, &out);
	}
	if (r == 0)
		*ret = words;
	else
		words_done(&words);
	return r;
}
