/* SPDX-License-Identifier: MIT */
/*
 * The stored file: every size comes back, the header can be written again, frames can be
 * given up, and the seek table is true.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/core_builder.h"
#include "tests/unit/stored.h"
#include "tests/unit/table.h"

#include "handler/pack.h"
#include "store/frame.h"

#define M ((size_t)FRAME_MEMORY_MAX)

enum content {
	ZEROS,
	TEXT,
	NOISE,
};

static uint8_t *make(size_t n, enum content content, uint32_t seed)
{
	uint8_t *p = malloc(n + 1);

	assert_non_null(p);
	for (size_t i = 0; i < n; i++)
		p[i] = content == ZEROS	 ? 0
		       : content == TEXT ? (uint8_t)("frame "[i % 6])
					 : (uint8_t)(builder_random(&seed) >> 11);
	return p;
}

struct row {
	const char *name;
	size_t header, memory;
	enum content content;
	size_t piece; /* bytes that pack_memory() gets at once; 0: pack_space() is filled */
	int level;
	size_t frames; /* in the seek table */
};

static const struct row rows[] = {
	{ "no memory", 4096, 0, NOISE, 1, 3, 3 },
	{ "a byte", 4096, 1, NOISE, 1, 3, 4 },
	{ "a header of a byte", 1, 10, NOISE, 10, 3, 4 },
	{ "a frame less a byte", 4096, M - 1, NOISE, M, 1, 4 },
	{ "a frame", 4096, M, NOISE, M, 1, 4 },
	{ "a frame and a byte", 4096, M + 1, NOISE, M, 1, 5 },
	{ "two frames", 4096, 2 * M, TEXT, 4096, 1, 5 },
	{ "three frames", 4096, 3 * M, NOISE, 3 * M, 1, 6 },
	{ "three frames in odd pieces", 4096, 3 * M, TEXT, 77777, 1, 6 },
	{ "three frames and a bit, by filling", 4096, 3 * M + 5, NOISE, 0, 1, 7 },
	{ "zeros", 4096, 2 * M + 1, ZEROS, 12345, 3, 6 },
	{ "a large header", 3 * M, 10, NOISE, 10, 1, 4 },
	{ "best level", 4096, 100000, TEXT, 100000, 19, 4 },
};

static void give(struct pack *pack, const uint8_t *p, const struct row *row)
{
	for (size_t at = 0; at < row->memory;) {
		size_t n = row->piece;
		uint8_t *space;

		if (n == 0) {
			assert_int_equal(pack_space(pack, &space, &n), 0);
			assert_true(n > 0);
			n = n > row->memory - at ? row->memory - at : n;
			n = n > 100001 ? 100001 : n;
			memcpy(space, p + at, n);
			assert_int_equal(pack_commit(pack, n), 0);
		} else {
			n = n > row->memory - at ? row->memory - at : n;
			assert_int_equal(pack_memory(pack, p + at, n), 0);
		}
		at += n;
		assert_int_equal(pack_size(pack), row->header + at);
	}
}

static void check_file(int fd, const uint8_t *header, size_t header_n,
		       const uint8_t *memory, size_t memory_n, size_t frames)
{
	size_t n, count;
	const char *problem = stored_seek_problem(fd, &count);
	_cleanup_free_ uint8_t *core = stored_extract(fd, &n);

	assert_string_equal(problem ? problem : "", "");
	assert_int_equal(count, frames);
	assert_non_null(core);
	assert_int_equal(n, header_n + memory_n);
	assert_memory_equal(core, header, header_n);
	assert_memory_equal(core + header_n, memory, memory_n);
}

/* The gap of the record: zeros, and nothing before it. */
static void check_gap(int fd)
{
	size_t n;
	_cleanup_free_ uint8_t *file = stored_bytes(fd, &n);

	assert_true(n > FRAME_RECORD_SIZE);
	for (size_t i = 0; i < FRAME_RECORD_SIZE; i++)
		assert_int_equal(file[i], 0);
}

static void test_round(void **state)
{
	const struct row *row = *state;
	_cleanup_free_ uint8_t *header = make(row->header, NOISE, 1);
	_cleanup_free_ uint8_t *memory = make(row->memory, row->content, 2);
	_cleanup_fd_ int fd = stored_file();
	_cleanup_pack_ struct pack *pack = NULL;

	assert_int_equal(pack_open(fd, row->level, 0, &pack), 0);
	assert_int_equal(pack_header(pack, header, row->header), 0);
	give(pack, memory, row);
	assert_int_equal(pack_flush(pack), 0);
	assert_int_equal(pack_flush(pack), 0); /* nothing waits */
	assert_int_equal(pack_finish(pack), 0);
	check_gap(fd);
	check_file(fd, header, row->header, memory, row->memory, row->frames);
}

struct again {
	const char *name;
	enum content before, after;
	size_t changed; /* bytes at the end that become what after says */
	size_t n;
	int level;
	int r;
};

static const struct again agains[] = {
	{ "the same", NOISE, NOISE, 0, 8192, 3, 0 },
	{ "compresses better", NOISE, ZEROS, 8192, 8192, 3, 0 },
	{ "half compresses better", NOISE, ZEROS, 4096, 8192, 3, 0 },
	{ "compresses a bit worse", TEXT, NOISE, 100, 8192, 3, 0 },
	{ "worse by more than the slack", TEXT, NOISE, 1000, 8192, 3, -EFBIG },
	{ "much worse", ZEROS, NOISE, 8192, 8192, 3, -EFBIG },
	{ "large", NOISE, ZEROS, 1 << 20, 2 << 20, 1, 0 },
	{ "a byte", NOISE, ZEROS, 1, 1, 3, 0 },
};

static void test_again(void **state)
{
	const struct again *row = *state;
	_cleanup_free_ uint8_t *header = make(row->n, row->before, 1);
	_cleanup_free_ uint8_t *other = make(row->n, row->after, 7);
	_cleanup_free_ uint8_t *memory = make(M + 7, NOISE, 2);
	_cleanup_fd_ int fd = stored_file();
	_cleanup_pack_ struct pack *pack = NULL;

	assert_int_equal(pack_open(fd, row->level, 0, &pack), 0);
	assert_int_equal(pack_header(pack, header, row->n), 0);
	assert_int_equal(pack_flush(pack), 0); /* it is out, and may change */
	assert_int_equal(pack_memory(pack, memory, M + 7), 0);
	memcpy(header + row->n - row->changed, other, row->changed);
	assert_int_equal(pack_header_again(pack, header, row->n), row->r);
	if (row->r < 0)
		return;
	/* and once more, in what is left */
	memset(header + row->n - row->changed, 0, row->changed);
	assert_int_equal(pack_header_again(pack, header, row->n), 0);
	assert_int_equal(pack_flush(pack), 0);
	assert_int_equal(pack_finish(pack), 0);
	check_file(fd, header, row->n, memory, M + 7, 5);
}

struct drop {
	const char *name;
	size_t frames; /* that are given up */
	int r;
	size_t kept; /* bytes of memory */
};

/* Three frames are written, some bytes wait. */
static const struct drop drops[] = {
	{ "what waits", 0, 0, 3 * M },
	{ "one", 1, 0, 2 * M },
	{ "two", 2, 0, M },
	{ "all", 3, 0, 0 },
	{ "one more than there are", 4, 0, 0 },
	{ "far more than there are", SIZE_MAX - 2, 0, 0 },
};

static void test_drop(void **state)
{
	const struct drop *row = *state;
	_cleanup_free_ uint8_t *header = make(4096, NOISE, 1);
	_cleanup_free_ uint8_t *memory = make(3 * M + 9, NOISE, 2);
	_cleanup_fd_ int fd = stored_file();
	_cleanup_pack_ struct pack *pack = NULL;

	assert_int_equal(pack_open(fd, 1, 0, &pack), 0);
	assert_int_equal(pack_header(pack, header, 4096), 0);
	assert_int_equal(pack_memory(pack, memory, 3 * M), 0);
	assert_int_equal(pack_flush(pack), 0);
	assert_int_equal(pack_memory(pack, memory + 3 * M, 9), 0);
	assert_int_equal(pack_drop(pack, row->frames), row->r);
	assert_int_equal(pack_size(pack), 4096 + row->kept);
	if (row->kept == 0)
		assert_int_equal(pack_drop(pack, 1), -ENODATA);
	assert_int_equal(pack_memory(pack, (const uint8_t *)"end", 3), 0);
	assert_int_equal(pack_flush(pack), 0);
	assert_int_equal(pack_finish(pack), 0);
	memcpy(memory + row->kept, "end", 3);
	check_file(fd, header, 4096, memory, row->kept + 3, 4 + row->kept / M);
}

/* The drop map is a frame that plain zstd passes over, and goes first when there is no room. */
static void test_map(void **state)
{
	_cleanup_free_ uint8_t *memory = make(M, NOISE, 2);
	_cleanup_free_ uint8_t *map = make(5 * M, TEXT, 3);
	_cleanup_fd_ int fd = stored_file();
	_cleanup_pack_ struct pack *pack = NULL;

	(void)state;
	assert_int_equal(pack_open(fd, 1, 0, &pack), 0);
	assert_int_equal(pack_header(pack, memory, 4096), 0);
	assert_int_equal(pack_memory(pack, memory, M), 0);
	assert_int_equal(pack_flush(pack), 0);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(pack_map(pack, map, 5 * M), 0);
		assert_int_equal(pack_size(pack), 4096 + M);
		assert_int_equal(pack_finish(pack), 0);
		check_file(fd, memory, 4096, memory, M, 5);
		assert_int_equal(pack_drop(pack, 0), 0);
		assert_int_equal(pack_size(pack), 4096 + M);
		assert_int_equal(pack_finish(pack), 0);
		check_file(fd, memory, 4096, memory, M, 4);
	}
	assert_int_equal(pack_map(pack, map, 5 * M), 0);
	assert_int_equal(pack_drop(pack, 1), 0);
	assert_int_equal(pack_size(pack), 4096);
	assert_int_equal(pack_map(pack, map, 0), 0);
	assert_int_equal(pack_finish(pack), 0);
	check_file(fd, memory, 4096, memory, 0, 4);
}

static void test_bad_descriptor(void **state)
{
	struct pack *pack = NULL;

	(void)state;
	assert_true(pack_open(-1, 1, 0, &pack) == 0);
	assert_int_equal(pack_header(pack, (const uint8_t *)"x", 1), 0);
	assert_int_equal(pack_flush(pack), -EBADF);
	assert_int_equal(pack_finish(pack), -EBADF);
	assert_int_equal(pack_drop(pack, 0), -ENODATA); /* not even a header */
	pack_close(pack);
	pack_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_bad_descriptor),
	};
	int failed = RUN_TABLE(rows, test_round);

	failed += RUN_TABLE(agains, test_again);
	failed += RUN_TABLE(drops, test_drop);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
