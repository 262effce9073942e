/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "store/json_text.h"

/* Into room that is large enough: it is the growing that goes wrong. */
char *json_text_print(const json_t *json)
{
	size_t n = json_dumpb(json, NULL, 0, JSON_COMPACT);
	char *text = n ? malloc(n + 1) : NULL;

	if (!text)
		return NULL;
	if (json_dumpb(json, text, n, JSON_COMPACT) != n) {
		free(text);
		return NULL;
	}
	text[n] = '\0';
	return text;
}
