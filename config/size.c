/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/number.h"
#include "config/size.h"

const char *size_parse(const char *text, uint64_t *ret)
{
	switch (number_size(text, ret)) {
	case 0:
		return NULL;
	case -ERANGE:
		return "must fit 64 bits; infinity is no limit";
	default:
		return "must be a number of bytes, with K, M, G or T if wanted, or infinity";
	}
}

char *size_print(uint64_t size)
{
	static const char suffixes[][2] = { "", "K", "M", "G", "T" };
	size_t suffix = 0;
	char *text;

	if (size == UINT64_MAX)
		return strdup("infinity");
	while (size > 0 && size % 1024 == 0 && suffix + 1 < ARRAY_SIZE(suffixes)) {
		size /= 1024;
		suffix++;
	}
	return asprintf(&text, "%" PRIu64 "%s", size, suffixes[suffix]) < 0 ? NULL : text;
}
