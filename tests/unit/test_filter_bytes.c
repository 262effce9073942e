/* SPDX-License-Identifier: MIT */
/*
 * The gate to input: nothing is read beyond the end, whatever offset and size say.
 */
#include <stdlib.h>

#include "tests/unit/table.h"

#include "filter/bytes.h"

#define MAX UINT64_MAX

static const uint8_t ten[10] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };

struct span {
	const char *name;
	uint64_t offset;
	uint64_t n;
	bool inside;
};

static const struct span spans[] = {
	{ "all", 0, 10, true },
	{ "nothing at the beginning", 0, 0, true },
	{ "nothing at the end", 10, 0, true },
	{ "nothing behind the end", 11, 0, false },
	{ "first", 0, 1, true },
	{ "last", 9, 1, true },
	{ "one behind the last", 10, 1, false },
	{ "over the end", 9, 2, false },
	{ "one too many", 0, 11, false },
	{ "far offset", MAX, 0, false },
	{ "sum wraps to 0", MAX, 1, false },
	{ "sum wraps inside", MAX - 3, 8, false },
	{ "largest size", 0, MAX, false },
	{ "both largest", MAX, MAX, false },
};

static void test_span(void **state)
{
	const struct span *row = *state;
	struct bytes b = { ten, sizeof(ten) }, part;
	uint8_t to[16] = { 0 };

	part = bytes_part(b, row->offset, row->n);
	assert_int_equal(part.p != NULL, row->inside);
	assert_int_equal(part.n, row->inside ? row->n : 0);
	if (row->inside)
		assert_ptr_equal(part.p, ten + row->offset);
	if (row->n > SIZE_MAX)
		return;
	assert_int_equal(bytes_copy(b, row->offset, to, (size_t)row->n), row->inside);
	if (row->inside)
		assert_memory_equal(to, ten + row->offset, row->n);
	else
		assert_int_equal(to[0], 0);
}

struct number {
	const char *name;
	uint64_t offset;
	size_t width;
	bool inside;
	uint64_t value;
};

static const struct number numbers[] = {
	{ "one byte", 0, 1, true, 1 },
	{ "last byte", 9, 1, true, 10 },
	{ "two bytes", 0, 2, true, 0x201 },
	{ "three bytes", 1, 3, true, 0x40302 },
	{ "four bytes at an odd offset", 1, 4, true, 0x5040302 },
	{ "eight bytes", 2, 8, true, UINT64_C(0x0a09080706050403) },
	{ "eight bytes, one over", 3, 8, false, 0 },
	{ "no width", 4, 0, true, 0 },
	{ "nine bytes", 0, 9, false, 0 },
	{ "huge width", 0, SIZE_MAX, false, 0 },
	{ "behind the end", 10, 1, false, 0 },
	{ "offset wraps", MAX, 4, false, 0 },
};

static void test_number(void **state)
{
	const struct number *row = *state;
	struct bytes b = { ten, sizeof(ten) };
	uint64_t value = 0x5eed;

	assert_int_equal(bytes_number(b, row->offset, row->width, &value), row->inside);
	assert_int_equal(value, row->inside ? row->value : 0x5eed);
	assert_int_equal(bytes_number_or_0(b, row->offset, row->width), row->value);
}

struct page {
	const char *name;
	uint64_t address, down, up;
};

static const struct page pages[] = {
	{ "zero", 0, 0, 0 },
	{ "one", 1, 0, 4096 },
	{ "last of a page", 4095, 0, 4096 },
	{ "a page", 4096, 4096, 4096 },
	{ "a page and one", 4097, 4096, 8192 },
	{ "beginning of the last page", MAX - 4095, MAX - 4095, MAX - 4095 },
	{ "in the last page", MAX - 4094, MAX - 4095, MAX - 4095 },
	{ "last of all", MAX, MAX - 4095, MAX - 4095 },
};

static void test_page(void **state)
{
	const struct page *row = *state;

	assert_int_equal(page_down(row->address), row->down);
	assert_int_equal(page_up(row->address), row->up);
}

static void test_empty(void **state)
{
	const struct bytes empty = { NULL, 0 };
	uint64_t value = 7;

	(void)state;
	assert_false(bytes_number(empty, 0, 1, &value));
	assert_null(bytes_part(empty, 0, 1).p);
	assert_int_equal(value, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_empty) };
	int failed = RUN_TABLE(spans, test_span);

	failed += RUN_TABLE(numbers, test_number);
	failed += RUN_TABLE(pages, test_page);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
