/* SPDX-License-Identifier: MIT */
/*
 * Buffers: as many as the limit says, and their memory comes and goes; what was lent stays mapped.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/unit/table.h"

#include "handler/spool.h"

struct row {
	const char *name;
	uint64_t bytes;
	size_t least, max;
};

static const struct row rows[] = {
	{ "none, but for the least", 0, 3, 3 },
	{ "less than the least", 2 * SPOOL_BUFFER, 3, 3 },
	{ "the least", 3 * SPOOL_BUFFER, 3, 3 },
	{ "no part of a buffer", 5 * SPOOL_BUFFER - 1, 3, 4 },
	{ "more than is kept", 40 * SPOOL_BUFFER, 3, 40 },
	{ "without a limit", UINT64_MAX, 3, UINT64_MAX / SPOOL_BUFFER },
};

static void test_row(void **state)
{
	const struct row *row = *state;
	size_t n = row->max < 50 ? row->max : 50;
	uint8_t *buffers[50];
	struct spool spool;

	assert_int_equal(spool_open(row->bytes, row->least, &spool), 0);
	assert_int_equal(spool.max, row->max);
	for (int again = 0; again < 2; again++) {
		for (size_t i = 0; i < n; i++) {
			buffers[i] = spool_get(&spool);
			assert_non_null(buffers[i]);
			assert_int_equal((uintptr_t)buffers[i] % SPOOL_BUFFER, 0);
			memset(buffers[i], (int)i + 1, SPOOL_BUFFER);
		}
		assert_int_equal(spool.used, n);
		if (n == row->max)
			assert_null(spool_get(&spool));
		for (size_t i = 0; i < n; i++) { /* each is its own */
			assert_int_equal(buffers[i][0], i + 1);
			assert_int_equal(buffers[i][SPOOL_BUFFER - 1], i + 1);
			spool_put(&spool, buffers[i]);
		}
		assert_int_equal(spool.used, 0);
	}
	spool_close(&spool);
}

/* The limit falls while more are in use: those come back first. */
static void test_fewer(void **state)
{
	uint8_t *buffers[4];
	struct spool spool;

	(void)state;
	assert_int_equal(spool_open(4 * SPOOL_BUFFER, 1, &spool), 0);
	for (size_t i = 0; i < 4; i++)
		buffers[i] = spool_get(&spool);
	spool.max = 2;
	for (size_t i = 0; i < 3; i++) {
		assert_null(spool_get(&spool));
		if (i < 2)
			spool_put(&spool, buffers[i]);
	}
	spool_put(&spool, buffers[2]);
	buffers[2] = spool_get(&spool);
	assert_non_null(buffers[2]);
	spool_put(&spool, buffers[2]);
	spool_put(&spool, buffers[3]);
	spool_close(&spool);
}

/* Buffers that a thread faults in, which has been told to end and may still touch one. */
struct adopt_row {
	const char *name;
	size_t lent, max, fewer; /* fewer: the limit while all are in use */
};

static const struct adopt_row adopt_rows[] = {
	{ "as many as there may be", 4, 4, 4 }, { "more than there may be", 4, 2, 2 },
	{ "the limit falls", 4, 4, 1 },		{ "some are the spool's own", 4, 8, 2 },
	{ "more than are kept", 20, 20, 20 },
};

/* Buffers of a spool, all in use, which come back in the order in which they were taken. */
static void use_all(struct spool *spool, size_t fewer)
{
	uint8_t *buffers[32];
	size_t n = 0;

	while ((buffers[n] = spool_get(spool)) != NULL)
		memset(buffers[n++], 1, SPOOL_BUFFER);
	assert_int_equal(n, spool->max);
	spool->max = fewer;
	for (size_t i = 0; i < n; i++)
		spool_put(spool, buffers[i]);
}

static void test_adopted(void **state)
{
	const struct adopt_row *row = *state;
	size_t size = row->lent * SPOOL_BUFFER, resident = 0;
	uint8_t *lent = mmap(NULL, size, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char in_memory[32 * (SPOOL_BUFFER / 4096)];
	struct spool spool;

	assert_ptr_not_equal(lent, MAP_FAILED);
	assert_int_equal(spool_open(row->max * SPOOL_BUFFER, 1, &spool), 0);
	spool_adopt(&spool, lent, row->lent);
	use_all(&spool, row->fewer);
	spool_close(&spool);
	assert_int_equal(mincore(lent, size, in_memory),
			 0); /* ENOMEM: some is not mapped */
	for (size_t i = 0; i < size / 4096; i++)
		resident += in_memory[i] & 1;
	assert_int_equal(resident, 0);
	assert_int_equal(munmap(lent, size), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_fewer) };

	return RUN_TABLE(rows, test_row) + RUN_TABLE(adopt_rows, test_adopted) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
