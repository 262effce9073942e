/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "config/count.h"

/* Who allows more than this allows all. */
#define COUNT_MAX 1000000000

const char *count_parse(const char *text, uint64_t *ret)
{
	uint64_t count;

	if (strcmp(text, "infinity") == 0)
		count = UINT64_MAX;
	else if (number_u64(text, COUNT_MAX, &count) < 0)
		return "must be a number up to 1000000000, or infinity";
	*ret = count;
	return NULL;
}

char *count_print(uint64_t count)
{
	char *text;

	if (count == UINT64_MAX)
		return strdup("infinity");
	return asprintf(&text, "%" PRIu64, count) < 0 ? NULL : text;
}
