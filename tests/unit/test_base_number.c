/* SPDX-License-Identifier: MIT */
/*
 * Numbers from text: all of it or nothing.
 */
#include <errno.h>
#include <stdio.h>

#include "tests/unit/table.h"

#include "base/number.h"

#define MAX UINT64_MAX
#define OLD UINT64_C(0x5eed) /* what the result was before */

struct row {
	const char *name;
	const char *text;
	uint64_t max;
	int r;
	uint64_t value;
};

static const struct row numbers[] = {
	{ "zero", "0", MAX, 0, 0 },
	{ "one", "1", MAX, 0, 1 },
	{ "leading zeros", "0000000000000000000000000000007", MAX, 0, 7 },
	{ "largest", "18446744073709551615", MAX, 0, MAX },
	{ "largest plus one", "18446744073709551616", MAX, -ERANGE, OLD },
	{ "times ten", "184467440737095516150", MAX, -ERANGE, OLD },
	{ "thirty digits", "999999999999999999999999999999", MAX, -ERANGE, OLD },
	{ "at the limit", "19", 19, 0, 19 },
	{ "above the limit", "20", 19, -ERANGE, OLD },
	{ "limit zero", "0", 0, 0, 0 },
	{ "above limit zero", "1", 0, -ERANGE, OLD },
	{ "empty", "", MAX, -EINVAL, OLD },
	{ "blank", " ", MAX, -EINVAL, OLD },
	{ "leading blank", " 1", MAX, -EINVAL, OLD },
	{ "trailing blank", "1 ", MAX, -EINVAL, OLD },
	{ "trailing newline", "1\n", MAX, -EINVAL, OLD },
	{ "leading rubbish", "x1", MAX, -EINVAL, OLD },
	{ "trailing rubbish", "1x", MAX, -EINVAL, OLD },
	{ "too large and rubbish", "18446744073709551616x", MAX, -EINVAL, OLD },
	{ "minus", "-1", MAX, -EINVAL, OLD },
	{ "minus zero", "-0", MAX, -EINVAL, OLD },
	{ "plus", "+1", MAX, -EINVAL, OLD },
	{ "hexadecimal", "0x10", MAX, -EINVAL, OLD },
	{ "fraction", "1.0", MAX, -EINVAL, OLD },
	{ "exponent", "1e3", MAX, -EINVAL, OLD },
	{ "suffix", "1K", MAX, -EINVAL, OLD },
	{ "the character before '0'", "/", MAX, -EINVAL, OLD },
	{ "the character after '9'", ":", MAX, -EINVAL, OLD },
	{ "another script's digit", "\xd9\xa1", MAX, -EINVAL, OLD },
};

static const struct row sizes[] = {
	{ "zero", "0", 0, 0, 0 },
	{ "zero K", "0K", 0, 0, 0 },
	{ "bytes", "123", 0, 0, 123 },
	{ "K", "1K", 0, 0, UINT64_C(1) << 10 },
	{ "M", "1M", 0, 0, UINT64_C(1) << 20 },
	{ "G", "32G", 0, 0, UINT64_C(32) << 30 },
	{ "T", "1T", 0, 0, UINT64_C(1) << 40 },
	{ "infinity", "infinity", 0, 0, MAX },
	{ "largest", "18446744073709551615", 0, 0, MAX },
	{ "largest plus one", "18446744073709551616", 0, -ERANGE, OLD },
	{ "largest K", "18014398509481983K", 0, 0, MAX - 1023 },
	{ "largest K plus one", "18014398509481984K", 0, -ERANGE, OLD },
	{ "largest T", "16777215T", 0, 0, UINT64_C(16777215) << 40 },
	{ "largest T plus one", "16777216T", 0, -ERANGE, OLD },
	{ "overflow with a suffix", "18446744073709551616T", 0, -ERANGE, OLD },
	{ "empty", "", 0, -EINVAL, OLD },
	{ "only a suffix", "K", 0, -EINVAL, OLD },
	{ "two suffixes", "1KK", 0, -EINVAL, OLD },
	{ "suffix in front", "K1", 0, -EINVAL, OLD },
	{ "unknown suffix", "1P", 0, -EINVAL, OLD },
	{ "small suffix", "1k", 0, -EINVAL, OLD },
	{ "KiB", "1KiB", 0, -EINVAL, OLD },
	{ "blank before the suffix", "1 K", 0, -EINVAL, OLD },
	{ "leading blank", " 1K", 0, -EINVAL, OLD },
	{ "trailing blank", "1K ", 0, -EINVAL, OLD },
	{ "minus", "-1K", 0, -EINVAL, OLD },
	{ "fraction", "1.5G", 0, -EINVAL, OLD },
	{ "Infinity", "Infinity", 0, -EINVAL, OLD },
	{ "infinity cut", "infinit", 0, -EINVAL, OLD },
	{ "infinity and more", "infinityG", 0, -EINVAL, OLD },
};

static void test_number(void **state)
{
	const struct row *row = *state;
	uint64_t value = OLD;

	assert_int_equal(number_u64(row->text, row->max, &value), row->r);
	assert_true(value == row->value);
}

static void test_size(void **state)
{
	const struct row *row = *state;
	uint64_t value = OLD;

	assert_int_equal(number_size(row->text, &value), row->r);
	assert_true(value == row->value);
}

int main(void)
{
	int failed = RUN_TABLE(numbers, test_number);

	failed += RUN_TABLE(sizes, test_size);
	return failed;
}
