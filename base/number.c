/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/number.h"

/* Digits of text[0..n), at least one. */
static int digits(const char *text, size_t n, uint64_t max, uint64_t *ret)
{
	uint64_t value = 0;

	if (n == 0)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -EINVAL;
	}
	for (size_t i = 0; i < n; i++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(text[i] - '0'), &value))
			return -ERANGE;
	}
	if (value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}

int number_u64(const char *text, uint64_t max, uint64_t *ret)
{
	return digits(text, strlen(text), max, ret);
}

int number_size(const char *text, uint64_t *ret)
{
	static const char suffixes[] = "KMGT";
	size_t n = strlen(text);
	const char *suffix;
	uint64_t value;
	int shift = 0, r;

	if (strcmp(text, "infinity") == 0) {
		*ret = UINT64_MAX;
		return 0;
	}
	suffix = n > 0 ? strchr(suffixes, text[n - 1]) : NULL;
	if (suffix) {
		shift = 10 * (int)(suffix - suffixes + 1);
		n--;
	}
	r = digits(text, n, UINT64_MAX, &value);
	if (r < 0)
		return r;
	if (value > UINT64_MAX >> shift)
		return -ERANGE;
	*ret = value << shift;
	return 0;
}
