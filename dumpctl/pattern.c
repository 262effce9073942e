/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "dumpctl/pattern.h"

/*
 * Values that the program cannot choose come after %e, which it can: the handler takes the
 * last occurrence of an option.
 */
static const char *const options[] = {
	"-d%d", "-u%u", "-g%g", "-c%c", "-t%t", "-I%I", "-F%F",
};
static const char *const positions[] = { "%P", "%s", "%e" };

#define ALL_OPTIONS ((1u << ARRAY_SIZE(options)) - 1)

int pattern_build(const char *handler, char ret[PATTERN_MAX + 1])
{
	char text[PATTERN_MAX + 1];
	int n;

	if (handler[0] != '/' || strpbrk(handler, " \t\n%"))
		return -EINVAL;
	n = snprintf(text, sizeof(text), "|%s %s %s %s %s %s %s %s %s %s %s", handler,
		     positions[0], positions[1], positions[2], options[0], options[1],
		     options[2], options[3], options[4], options[5], options[6]);
	if (n < 0 || (size_t)n >= sizeof(text))
		return -ENAMETOOLONG;
	memcpy(ret, text, sizeof(text));
	return 0;
}

/* The next word of *text into ret. Return: false at the end, or if it does not fit. */
static bool next_word(const char **text, char ret[PATTERN_MAX + 1])
{
	const char *start = *text + strspn(*text, " ");
	size_t n = strcspn(start, " ");

	if (n == 0 || n > PATTERN_MAX)
		return false;
	memcpy(ret, start, n);
	ret[n] = '\0';
	*text = start + n;
	return true;
}

/* The bit of an option of ours, 0 for any other word. */
static unsigned int option_bit(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (strcmp(word, options[i]) == 0)
			return 1u << i;
	return 0;
}

void pattern_recognise(const char *text, struct pattern *ret)
{
	static const char config[] = "--config=";
	char word[PATTERN_MAX + 1];
	unsigned int seen = 0;
	size_t position = 0;

	*ret = (struct pattern){ .form = PATTERN_FOREIGN };
	if (*text++ != '|' || !next_word(&text, ret->handler))
		return;
	while (next_word(&text, word)) {
		if (strncmp(word, config, strlen(config)) == 0) {
			memcpy(ret->config, word + strlen(config),
			       strlen(word + strlen(config)) + 1);
		} else if (position < ARRAY_SIZE(positions)) {
			if (strcmp(word, positions[position++]) != 0)
				return;
		} else if (option_bit(word)) {
			seen |= option_bit(word);
		} else {
			return;
		}
	}
	if (position == ARRAY_SIZE(positions))
		ret->form = seen == ALL_OPTIONS ? PATTERN_FULL : PATTERN_SHORT;
}
