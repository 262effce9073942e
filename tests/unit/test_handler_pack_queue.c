/* SPDX-License-Identifier: MIT */
/*
 * Memory on its way into frames: in order whoever packs, bounded, and given up as a whole.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <zstd.h>

#include "tests/unit/core_builder.h"
#include "tests/unit/table.h"

#include "handler/pack_queue.h"
#include "handler/pool.h"

struct row {
	const char *name;
	unsigned int threads;
	uint64_t spool; /* bytes */
	size_t count; /* parcels */
	bool large; /* most are whole buffers */
	size_t fails_at; /* out() of that parcel fails; SIZE_MAX: none */
};

static const struct row rows[] = {
	{ "alone", 0, 0, 50, false, SIZE_MAX },
	{ "alone, whole buffers", 0, 0, 12, true, SIZE_MAX },
	{ "one thread", 1, 0, 50, false, SIZE_MAX },
	{ "many threads", 8, 0, 300, false, SIZE_MAX },
	{ "many threads, whole buffers", 8, 16 << 20, 40, true, SIZE_MAX },
	{ "the first cannot be written", 4, 8 << 20, 40, true, 0 },
	{ "one cannot be written", 4, 8 << 20, 60, true, 30 },
	{ "one cannot be written, alone", 0, 8 << 20, 60, false, 30 },
};

struct run {
	const struct row *row;
	struct pack_queue queue;
	size_t out; /* parcels so far */
	int inside; /* out() is called by one thread at a time */
	uint8_t *bytes;
};

/* Every third is zeros; others are text that tells which one it is. */
static bool is_zeros(size_t i)
{
	return i % 3 == 2;
}

static size_t size_of(const struct row *row, size_t i)
{
	return row->large && i % 2 ? SPOOL_BUFFER : 1000 + i * 77;
}

static void fill(uint8_t *p, size_t n, size_t i)
{
	for (size_t j = 0; j < n; j++)
		p[j] = (uint8_t)(i * 31 + j / 100);
}

static int out(void *context, const struct parcel *parcel, struct pack_frame *frame)
{
	struct run *run = context;
	size_t i = run->out++, n = size_of(run->row, i);

	assert_non_null(frame);
	assert_int_equal(__atomic_add_fetch(&run->inside, 1, __ATOMIC_SEQ_CST), 1);
	if (is_zeros(i)) {
		assert_int_equal(parcel->zeros, n);
	} else {
		uint8_t *expected = run->bytes, *got = run->bytes + SPOOL_BUFFER;

		assert_int_equal(parcel->n, n);
		assert_int_equal(ZSTD_decompress(got, SPOOL_BUFFER, parcel->frame,
						 parcel->frame_n),
				 n);
		fill(expected, n, i);
		assert_memory_equal(got, expected, n);
	}
	__atomic_sub_fetch(&run->inside, 1, __ATOMIC_SEQ_CST);
	return i == run->row->fails_at ? -ENOSPC : 0;
}

static void work(void *context, unsigned int thread)
{
	struct run *run = context;
	struct packer packer = { .frame = pack_frame_open() };

	(void)thread;
	pack_queue_work(&run->queue, &packer);
	pack_frame_close(packer.frame);
}

static int give(struct run *run, struct packer *packer, size_t i)
{
	size_t n = size_of(run->row, i);
	uint8_t *buffer;
	int r;

	if (is_zeros(i))
		return pack_queue_zeros(&run->queue, n);
	if (i % 7 == 0) {
		_cleanup_free_ uint8_t *copy = malloc(n);

		fill(copy, n, i);
		return pack_queue_add_copy(&run->queue, copy, n);
	}
	r = pack_queue_buffer(&run->queue, packer, &buffer);
	if (r < 0)
		return r;
	fill(buffer, n, i);
	return pack_queue_add(&run->queue, buffer, n);
}

static void test_order(void **state)
{
	const struct row *row = *state;
	struct run run = { .row = row };
	struct packer packer = { .frame = pack_frame_open() };
	struct pool pool;
	int r = 0;

	run.bytes = malloc(2 * SPOOL_BUFFER);
	run.queue.level = 3;
	run.queue.out = out;
	run.queue.context = &run;
	assert_int_equal(pack_queue_open(&run.queue, row->spool), 0);
	pool_open(row->threads, NULL, &pool);
	assert_int_equal(pool.count, row->threads);
	pool_go(&pool, work, &run);
	for (size_t i = 0; i < row->count && r == 0; i++) {
		r = give(&run, &packer, i);
		(void)pthread_mutex_lock(&run.queue.lock);
		assert_true(run.queue.parcels.spool.used <= run.queue.parcels.spool.max);
		(void)pthread_mutex_unlock(&run.queue.lock);
		if (i == row->count / 2)
			pack_queue_release(&run.queue);
	}
	if (r == 0)
		r = pack_queue_flush(&run.queue, &packer);
	if (row->fails_at == SIZE_MAX) {
		assert_int_equal(r, 0);
		assert_int_equal(run.out, row->count);
	} else {
		assert_int_equal(r, -ENOSPC);
		assert_int_equal(run.out, row->fails_at + 1); /* nothing goes after it */
		pack_queue_discard(&run.queue);
		assert_int_equal(pack_queue_flush(&run.queue, &packer), 0);
		assert_int_equal(run.queue.parcels.spool.used, 0);
		assert_int_equal(run.queue.parcels.loose, 0);
		assert_int_equal(run.queue.parcels.framed, 0);
	}
	pack_queue_end(&run.queue);
	pool_close(&pool);
	pool_close(&pool); /* twice is no harm */
	pack_queue_close(&run.queue);
	pack_frame_close(packer.frame);
	free(run.bytes);
}

/* A disk that takes nothing for a while. */
struct slow {
	struct pack_queue queue;
	pthread_mutex_t disk; /* who has it lets nothing out */
	unsigned int given, out;
};

#define SLOW_PARCELS 24
#define SLOW_SPOOL   4

static int out_slowly(void *context, const struct parcel *parcel,
		      struct pack_frame *frame)
{
	struct slow *slow = context;

	(void)frame;
	(void)pthread_mutex_lock(&slow->disk);
	assert_true(parcel->frame_n > SPOOL_BUFFER / 2);
	slow->out++;
	(void)pthread_mutex_unlock(&slow->disk);
	return 0;
}

static void work_slowly(void *context, unsigned int thread)
{
	struct slow *slow = context;
	struct packer packer = { .frame = pack_frame_open() };
	uint32_t seed = 5;
	uint8_t *buffer;

	for (unsigned int i = 0; thread == 0 && i < SLOW_PARCELS; i++) {
		assert_int_equal(pack_queue_buffer(&slow->queue, &packer, &buffer), 0);
		for (size_t j = 0; j < SPOOL_BUFFER; j += 4) {
			uint32_t word = builder_random(&seed);

			memcpy(buffer + j, &word, 4);
		}
		assert_int_equal(pack_queue_add(&slow->queue, buffer, SPOOL_BUFFER), 0);
		(void)__atomic_add_fetch(&slow->given, 1, __ATOMIC_SEQ_CST);
	}
	pack_queue_work(&slow->queue, &packer);
	pack_frame_close(packer.frame);
}

/* Frames that cannot go out take room, too: no more memory comes in. */
static void test_slow_disk(void **state)
{
	struct slow slow = { .queue.level = 1, .queue.out = out_slowly };
	struct packer packer = { .frame = pack_frame_open() };
	unsigned int given;
	struct pool pool;

	(void)state;
	slow.queue.context = &slow;
	(void)pthread_mutex_init(&slow.disk, NULL);
	assert_int_equal(pack_queue_open(&slow.queue, SLOW_SPOOL * SPOOL_BUFFER), 0);
	pool_open(3, NULL, &pool);
	(void)pthread_mutex_lock(&slow.disk);
	pool_go(&pool, work_slowly, &slow);
	do { /* until all stands still */
		given = __atomic_load_n(&slow.given, __ATOMIC_SEQ_CST);
		(void)usleep(300000);
	} while (given != __atomic_load_n(&slow.given, __ATOMIC_SEQ_CST) || given == 0);
	assert_in_range(given, SLOW_SPOOL, SLOW_SPOOL + 1);
	(void)pthread_mutex_unlock(&slow.disk);
	while (__atomic_load_n(&slow.given, __ATOMIC_SEQ_CST) < SLOW_PARCELS)
		(void)usleep(1000);
	assert_int_equal(pack_queue_flush(&slow.queue, &packer), 0);
	assert_int_equal(slow.out, SLOW_PARCELS);
	pack_queue_end(&slow.queue);
	pool_close(&pool);
	pack_queue_close(&slow.queue);
	pack_frame_close(packer.frame);
}

struct content {
	const char *name;
	uint32_t mask; /* of random words */
	uint32_t step; /* of bytes that are random, one in so many */
	size_t n;
	bool noise;
};

static const struct content contents[] = {
	{ "noise", ~0u, 1, SPOOL_BUFFER, true },
	{ "less noise than is looked at", ~0u, 1, 32767, false },
	{ "text", 0x3f3f3f3f, 1, SPOOL_BUFFER, false },
	{ "half of it", ~0u, 2, SPOOL_BUFFER, false },
	{ "zeros", 0, 1, SPOOL_BUFFER, false },
	{ "a bit less than noise", 0x7fffffff, 1, SPOOL_BUFFER, false },
};

/* Stored as it is, not made larger, and true. */
static void test_noise(void **state)
{
	const struct content *row = *state;
	struct pack_frame *frame = pack_frame_open();
	uint8_t *p = calloc(1, SPOOL_BUFFER), *back = malloc(SPOOL_BUFFER);
	const uint8_t *made;
	uint32_t seed = 9;
	ssize_t n;

	for (size_t i = 0; i + 4 <= row->n; i += 4) {
		uint32_t word = builder_random(&seed) & row->mask;

		memcpy(p + i, &word, row->step == 1 ? 4 : 2);
	}
	assert_int_equal(pack_frame_is_noise(p, row->n), row->noise);
	for (int level = 0; level < 3; level++) {
		static const int levels[] = { PACK_LEVEL_STORE, 3, PACK_LEVEL_STORE };

		n = pack_frame_make(frame, levels[level], p, row->n, &made);
		assert_true(n > 0);
		assert_int_equal(ZSTD_decompress(back, SPOOL_BUFFER, made, (size_t)n),
				 row->n);
		assert_memory_equal(back, p, row->n);
		if (row->noise)
			assert_true((size_t)n < row->n + 200);
	}
	pack_frame_close(frame);
	pack_frame_close(NULL);
	free(p);
	free(back);
}

static int take_any(void *context, const struct parcel *parcel, struct pack_frame *frame)
{
	(void)context;
	(void)parcel;
	(void)frame;
	return 0;
}

/* All buffers are behind one that nobody will fill: who wants one more is told, and does not wait for ever. */
static void test_left(void **state)
{
	struct pack_queue queue = { .out = take_any, .level = 1 };
	struct packer packer = { .frame = pack_frame_open() };
	struct parcel *parcels[64];
	uint8_t *buffer;
	size_t n = 0;

	(void)state;
	assert_int_equal(pack_queue_open(&queue, 0), 0);
	for (; n < queue.parcels.spool.max; n++) {
		assert_true(n < ARRAY_SIZE(parcels));
		assert_int_equal(pack_queue_buffer(&queue, &packer, &buffer), 0);
		assert_int_equal(pack_queue_reserve(&queue, buffer, &parcels[n]), 0);
	}
	pack_queue_leave(&queue, parcels[0], false);
	(void)alarm(20); /* it waited */
	assert_int_equal(pack_queue_buffer(&queue, &packer, &buffer), -ECANCELED);
	(void)alarm(0);
	for (size_t i = 1; i < n; i++)
		pack_queue_leave(&queue, parcels[i], false);
	(void)pack_queue_cut(&queue);
	assert_int_equal(pack_queue_buffer(&queue, &packer, &buffer), 0);
	pack_queue_back(&queue, buffer);
	pack_queue_close(&queue);
	pack_frame_close(packer.frame);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slow_disk),
		cmocka_unit_test(test_left),
	};
	int failed = RUN_TABLE(rows, test_order) + RUN_TABLE(contents, test_noise);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
