/* SPDX-License-Identifier: MIT */
#include "filter/type.h"

/* What mini adds to stacks and globals: most small services whole, no cache of gigabytes. */
#define MINI_BUDGET (8u << 20)

/* From poor to rich. */
static const struct type types[] = {
	{ "none", false, RANK_CRASH, 0, false },
	{ "stacks", true, RANK_GLOBAL, 0, false },
	{ "mini", true, RANK_DEAD_STACK, MINI_BUDGET, false },
	{ "heap", true, RANK_DEAD_STACK, UINT64_MAX, false },
	{ "full", true, RANK_REST, UINT64_MAX, true },
};

#define TYPE_COUNT (sizeof(types) / sizeof(types[0]))

const struct type *type_find(const char *name)
{
	for (size_t i = 0; i < TYPE_COUNT; i++) {
		if (strcmp(types[i].name, name) == 0)
			return &types[i];
	}
	return NULL;
}

const struct type *type_richer(const struct type *type)
{
	return type < &types[TYPE_COUNT - 1] ? type + 1 : type;
}
