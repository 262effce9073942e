/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/io.h"
#include "config/word_set.h"

static uint32_t bit_of(const char *word, size_t n, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (names[i] && strlen(names[i]) == n && memcmp(names[i], word, n) == 0)
			return UINT32_C(1) << i;
	}
	return 0;
}

int word_set_parse(const char *text, const char *const *names, size_t count,
		   uint32_t *ret)
{
	static const char white[] = " \t";
	uint32_t set = 0;

	for (text += strspn(text, white); *text; text += strspn(text, white)) {
		size_t n = strcspn(text, white);
		uint32_t bit = bit_of(text, n, names, count);

		if (!bit)
			return -EINVAL;
		set |= bit;
		text += n;
	}
	*ret = set;
	return 0;
}

char *word_set_print(uint32_t set, const char *const *names, size_t count)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	const char *separator = "";

	if (!out)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		if (!names[i] || !(set & UINT32_C(1) << i))
			continue;
		(void)fprintf(out, "%s%s", separator, names[i]); /* fclose tells */
		separator = " ";
	}
	return io_close_text(out, &text);
}
