/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "config/ask.h"
#include "config/word_set.h"

/* AskTypes= without any type: "none" is one. */
#define NO_TYPE "no"

const char *ask_find(const char *environ, size_t n)
{
	static const char name[] = ASK_VARIABLE "=";
	const char *end = environ + n, *nul;

	for (const char *entry = environ; entry < end; entry = nul + 1) {
		nul = memchr(entry, '\0', (size_t)(end - entry));
		if (!nul)
			break;
		if (strncmp(entry, name, sizeof(name) - 1) == 0)
			return entry + sizeof(name) - 1;
	}
	return NULL;
}

bool ask_apply(struct settings *settings, enum dump_type asked)
{
	if (asked != settings->type && !(settings->ask_types & UINT32_C(1) << asked))
		return false;
	settings->type = asked;
	return true;
}

static void type_names(const char *names[DUMP_TYPE_MAX])
{
	for (enum dump_type i = 0; i < DUMP_TYPE_MAX; i++)
		names[i] = dump_type_name(i);
}

const char *ask_types_parse(const char *text, uint32_t *ret)
{
	const char *names[DUMP_TYPE_MAX];
	uint32_t types;

	if (strcmp(text, NO_TYPE) == 0) {
		*ret = 0;
		return NULL;
	}
	type_names(names);
	if (word_set_parse(text, names, DUMP_TYPE_MAX, &types) < 0 || types == 0)
		return "must be " NO_TYPE " or words of " DUMP_TYPE_WORDS;
	*ret = types;
	return NULL;
}

char *ask_types_print(uint32_t types)
{
	const char *names[DUMP_TYPE_MAX];

	if (types == 0)
		return strdup(NO_TYPE);
	type_names(names);
	return word_set_print(types, names, DUMP_TYPE_MAX);
}
