/* SPDX-License-Identifier: MIT */
#include "config/rank_list.h"
#include "config/word_set.h"

static const char *const names[] = {
	[1] = "crash",	  [2] = "loader",   [3] = "object",	[4] = "hint",
	[5] = "thread",	  [6] = "global",   [7] = "runtime",	[8] = "pointee",
	[9] = "farstack", [10] = "private", [11] = "deadstack", [12] = "shared",
	[13] = "rest",
};

const char *rank_list_parse(const char *text, uint32_t *ret)
{
	uint32_t ranks;

	if (word_set_parse(text, names, ARRAY_SIZE(names), &ranks) < 0)
		return "must be words of " RANK_WORDS;
	if (ranks == 0)
		return "must have at least one word of " RANK_WORDS;
	*ret = ranks;
	return NULL;
}

char *rank_list_print(uint32_t ranks)
{
	return word_set_print(ranks, names, ARRAY_SIZE(names));
}
