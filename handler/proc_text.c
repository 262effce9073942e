/* SPDX-License-Identifier: MIT */
#include "handler/proc_text.h"

static unsigned int digit_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10u : 16u;
}

bool proc_text_digits(struct bytes text, size_t *at, unsigned int base, uint64_t *ret)
{
	size_t first = *at;
	uint64_t value = 0;

	for (; *at < text.n && digit_of(text.p[*at]) < base; (*at)++) {
		if (__builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(value, digit_of(text.p[*at]), &value))
			return false;
	}
	*ret = value;
	return *at > first;
}
