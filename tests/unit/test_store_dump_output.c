/* SPDX-License-Identifier: MIT */
/*
 * However a core is cut into pieces, its whole pages of zeros come out as holes and the rest as
 * it is.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "tests/unit/disk.h"
#include "tests/unit/table.h"

#include "store/dump_output.h"

#define PAGE  DUMP_OUTPUT_PAGE
#define PAGES 700
#define SIZE  (PAGES * (size_t)PAGE + 100)

static const struct row {
	const char *name;
	size_t pieces[4]; /* their sizes, again and again; to the first 0 */
	bool told; /* zeros are said to be zeros, as dump_zero.h finds them */
} rows[] = {
	{ "all at once", { SIZE }, false },
	{ "page by page", { PAGE }, false },
	{ "byte by byte", { 1 }, false },
	{ "a byte less than a page", { PAGE - 1 }, false },
	{ "a byte more than a page", { PAGE + 1 }, false },
	{ "odd ones", { 6476, 100000, 1, 4096 }, false },
	{ "odd ones and zeros by name", { 6476, 100000, 1, 4096 }, true },
	{ "pages and zeros by name", { PAGE, 3 * PAGE }, true },
	{ "bytes and zeros by name", { 1 }, true },
	{ "large ones and zeros by name", { 1000, 1600000 }, true },
};

static uint8_t written[SIZE];

static struct disk empty_disk(size_t stop_at)
{
	memset(written, 0, SIZE);
	return (struct disk){ .bytes = written, .room = SIZE, .stop_at = stop_at };
}

static bool all_zero(const uint8_t *p, size_t n)
{
	return p[0] == 0 && memcmp(p, p + 1, n - 1) == 0;
}

static bool page_is_zero(size_t page)
{
	return (page >= 20 && page < 600) || page % 7 == 2;
}

/* The last page is not whole: no hole, though it is zeros. */
static const uint8_t *core(void)
{
	static uint8_t bytes[SIZE];

	for (size_t i = 0; i < PAGES; i++) {
		if (!page_is_zero(i)) /* one byte is enough */
			bytes[i * PAGE + i * 97 % PAGE] = (uint8_t)(i | 1);
	}
	return bytes;
}

static int put(struct dump_output *output, const uint8_t *p, size_t n, bool told)
{
	uint8_t zero[SIZE / PAGE];

	if (told && all_zero(p, n))
		return dump_output_zeros(output, n);
	dump_output_scan(p, n, output->done, zero);
	return dump_output_bytes(output, p, n, zero);
}

static int put_all(const struct row *row, struct dump_output *output)
{
	size_t at = 0;

	for (size_t i = 0; at < SIZE; i++) {
		size_t n;
		int r;

		if (i == ARRAY_SIZE(row->pieces) || row->pieces[i] == 0)
			i = 0;
		n = row->pieces[i] < SIZE - at ? row->pieces[i] : SIZE - at;
		r = put(output, core() + at, n, row->told);
		if (r < 0)
			return r;
		at += n;
		assert_int_equal(output->done, at);
	}
	return dump_output_end(output);
}

static void test_pieces(void **state)
{
	struct disk disk = empty_disk(SIZE);
	struct dump_output output = { .sink = disk_write, .context = &disk };
	size_t holes = 0;

	assert_int_equal(put_all(*state, &output), 0);
	assert_int_equal(disk.n, SIZE);
	assert_memory_equal(disk.bytes, core(), SIZE);
	for (size_t i = 0; i < PAGES; i++)
		holes += page_is_zero(i) * (size_t)PAGE;
	assert_int_equal(disk.holes, holes);
}

/* The sink's error comes back from wherever it is met. */
static void test_stops(void **state)
{
	static const size_t stops[] = { 0, PAGE, 21 * PAGE, 650 * PAGE, SIZE - 1 };

	for (size_t i = 0; i < ARRAY_SIZE(stops); i++) {
		struct disk disk = empty_disk(stops[i]);
		struct dump_output output = { .sink = disk_write, .context = &disk };

		assert_int_equal(put_all(*state, &output), -ENOSPC);
		assert_true(disk.n <= stops[i]);
	}
}

int main(void)
{
	return RUN_TABLE(rows, test_pieces) + RUN_TABLE(rows, test_stops);
}
