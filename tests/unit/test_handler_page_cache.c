/* SPDX-License-Identifier: MIT */
/*
 * The page cache against what is behind it: every offset and length around pages, short
 * pages, missing pages, and the two ends of all offsets.
 */
#include "tests/unit/core_builder.h"
#include "tests/unit/table.h"

#include "handler/page_cache.h"

/* What is there: [start, end). */
struct behind {
	uint64_t start, end;
	size_t fills;
};

static size_t fill(void *context, uint64_t offset, uint8_t *to)
{
	struct behind *behind = context;
	uint64_t last = offset + (PAGE - 1);
	size_t n = PAGE;

	assert_int_equal(offset % PAGE, 0);
	behind->fills++;
	if (last < behind->start || offset >= behind->end)
		return 0;
	if (behind->end - 1 < last)
		n = (size_t)(behind->end - offset);
	for (size_t i = 0; i < n; i++)
		to[i] = builder_byte(offset + i);
	return n;
}

struct row {
	const char *name;
	struct behind behind; /* start on a page */
	uint64_t offset;
	size_t n, there;
};

#define LAST_PAGE (UINT64_MAX - PAGE + 1)

static const struct row rows[] = {
	{ "nothing there", { 0, 0, 0 }, 0, 1, 0 },
	{ "nothing wanted", { 0, 0x10000, 0 }, 5, 0, 0 },
	{ "a byte", { 0, 0x10000, 0 }, 5, 1, 1 },
	{ "a page", { 0, 0x10000, 0 }, 0x2000, PAGE, PAGE },
	{ "over two pages", { 0, 0x10000, 0 }, 0x2fff, 2, 2 },
	{ "over four pages", { 0, 0x10000, 0 }, 0x2fff, 0x2002, 0x2002 },
	{ "to the end", { 0, 0x10000, 0 }, 0xff00, 0x100, 0x100 },
	{ "over the end", { 0, 0x10000, 0 }, 0xff00, 0x101, 0x100 },
	{ "at the end", { 0, 0x10000, 0 }, 0x10000, 1, 0 },
	{ "before the beginning", { 0x3000, 0x10000, 0 }, 0x2fff, 2, 0 },
	{ "over a short page's end", { 0, 0x10010, 0 }, 0xfff0, 0x100, 0x20 },
	{ "behind a short page's end", { 0, 0x10010, 0 }, 0x10010, 1, 0 },
	{ "more than the cache holds",
	  { 0, (PAGE_CACHE_PAGES + 5) * (uint64_t)PAGE, 0 },
	  0,
	  (PAGE_CACHE_PAGES + 5) * (size_t)PAGE,
	  (PAGE_CACHE_PAGES + 5) * (size_t)PAGE },
	{ "the last byte of all", { LAST_PAGE, UINT64_MAX, 0 }, UINT64_MAX - 1, 1, 1 },
	{ "over the end of all", { 0, UINT64_MAX, 0 }, LAST_PAGE, 2 * PAGE, PAGE - 1 },
};

static void test_read(void **state)
{
	const struct row *row = *state;
	_cleanup_free_ uint8_t *bytes = malloc(row->n + 1);
	struct behind behind = row->behind;
	struct page_cache cache;

	assert_int_equal(page_cache_open(fill, &behind, &cache), 0);
	assert_non_null(bytes);
	for (int i = 0; i < 2; i++) {
		bytes[row->there] = 0x5a;
		assert_int_equal(page_cache_read(&cache, row->offset, bytes, row->n),
				 row->there);
		for (size_t at = 0; at < row->there; at++)
			assert_int_equal(bytes[at], builder_byte(row->offset + at));
		assert_int_equal(bytes[row->there], 0x5a);
	}
	page_cache_close(&cache);
	page_cache_close(&cache); /* twice is no harm */
}

/* What was read is not asked for again, what was not there is. */
static void test_fills(void **state)
{
	struct behind behind = { 0x1000, 0x2000, 0 };
	struct page_cache cache;
	uint8_t bytes[16];

	(void)state;
	assert_int_equal(page_cache_open(fill, &behind, &cache), 0);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(page_cache_read(&cache, 0x1000 + i, bytes, 16), 16);
	assert_int_equal(behind.fills, 1);
	assert_int_equal(page_cache_read(&cache, 0x2000, bytes, 16), 0);
	behind.end = 0x3000;
	assert_int_equal(page_cache_read(&cache, 0x2000, bytes, 16), 16);
	assert_int_equal(behind.fills, 3);
	page_cache_close(&cache);
}

/* After it the same pages are read anew, and are right. */
static void test_forget(void **state)
{
	struct behind behind = { 0, 2 * PAGE_CACHE_PAGES * (uint64_t)PAGE, 0 };
	struct page_cache cache;
	uint8_t byte;

	(void)state;
	assert_int_equal(page_cache_open(fill, &behind, &cache), 0);
	for (int round = 1; round <= 3; round++) {
		for (uint64_t i = 0; i < 100; i++) {
			uint64_t at = i * 3 * PAGE + i;

			assert_int_equal(page_cache_read(&cache, at, &byte, 1), 1);
			assert_int_equal(byte, builder_byte(at));
		}
		assert_int_equal(behind.fills, round * 100);
		page_cache_forget(&cache);
	}
	page_cache_close(&cache);
}

/* Stacks of 200 threads, 8 MiB apart, and their TCBs: few of them push one another out. */
static void test_stacks(void **state)
{
	struct behind behind = { 0, UINT64_C(1) << 47, 0 };
	struct page_cache cache;
	uint8_t bytes[8];

	(void)state;
	assert_int_equal(page_cache_open(fill, &behind, &cache), 0);
	for (int round = 0; round < 10; round++) {
		for (uint64_t i = 0; i < 200; i++) {
			uint64_t at = UINT64_C(0x7f0000000000) + i * 0x801000;

			assert_int_equal(page_cache_read(&cache, at, bytes, 8), 8);
		}
	}
	assert_int_equal(behind.fills, 200);
	page_cache_close(&cache);
}

/* At random against the plain bytes. */
static void test_random(void **state)
{
	struct behind behind = { 0, 300 * PAGE + 77, 0 };
	struct page_cache cache;
	uint8_t bytes[3 * PAGE];
	uint32_t seed = 7;

	(void)state;
	assert_int_equal(page_cache_open(fill, &behind, &cache), 0);
	for (int i = 0; i < 3000; i++) {
		uint64_t at = builder_random(&seed) % (302 * PAGE);
		size_t n = builder_random(&seed) % sizeof(bytes);
		size_t there = at >= behind.end ? 0 : (size_t)(behind.end - at);

		there = there < n ? there : n;
		assert_int_equal(page_cache_read(&cache, at, bytes, n), there);
		for (size_t b = 0; b < there; b++)
			assert_int_equal(bytes[b], builder_byte(at + b));
	}
	page_cache_close(&cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fills),
		cmocka_unit_test(test_forget),
		cmocka_unit_test(test_stacks),
		cmocka_unit_test(test_random),
	};
	int failed = RUN_TABLE(rows, test_read);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
