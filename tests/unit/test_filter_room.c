/* SPDX-License-Identifier: MIT */
/*
 * A file has room for so many bytes: what memory comes to when compressed fits, and what is
 * left out for that is what matters least.
 */
#include <string.h>

#include <zstd.h>

#include "tests/unit/planned.h"
#include "tests/unit/table.h"

#include "filter/room.h"

/* Above all else, in parts: what is too large for the rest of a limit is left out whole. */
#define HEAP 0x90000000
#define PART (256u << 10)
#define SIZE (8u << 20)

/* Memory of several kinds. */
static void fill(struct core_builder *b, unsigned int kind)
{
	uint32_t state = 7;

	for (uint64_t i = 0; i < SIZE / PART; i++)
		builder_load(b, HEAP + 2 * i * PART, PART, PART, PF_R | PF_W);
	for (uint64_t at = HEAP; at < HEAP + 2 * SIZE; at += PAGE) {
		uint8_t page[PAGE];

		if ((at - HEAP) / PART % 2)
			continue;

		for (size_t i = 0; i < PAGE; i += 8) {
			uint64_t word = builder_random(&state);

			if (kind == 0) /* noise */
				word |= (uint64_t)builder_random(&state) << 32;
			else if (kind == 1) /* pointers */
				word = HEAP + word % SIZE / 8 * 8;
			else if (kind == 2 && i % 64) /* mostly zeros */
				word = 0;
			memcpy(page + i, &word, 8);
		}
		builder_poke(b, at, page, PAGE);
	}
}

/* Memory of the new core, in frames of 2 MiB as the handler makes them. */
static uint64_t compressed(const struct planned *f)
{
	size_t n = f->output.n - f->plan.header_size,
	       bound = ZSTD_compressBound(2u << 20);
	const uint8_t *p = f->output.p + f->plan.header_size;
	_cleanup_free_ uint8_t *to = malloc(bound);
	uint64_t sum = 0;

	assert_non_null(to);
	while (n > 0) {
		size_t part = n < 2u << 20 ? n : 2u << 20;
		size_t size = ZSTD_compress(to, bound, p, part, 3);

		assert_false(ZSTD_isError(size));
		sum += size;
		p += part;
		n -= part;
	}
	return sum;
}

static void make(struct planned *f, unsigned int kind, uint64_t room)
{
	builder_usual(&f->b, EM_X86_64);
	fill(&f->b, kind);
	planned_build(f);
	planned_look(f);
	f->input.type = type_find("heap");
	f->input.room = room;
	planned_make(f);
}

struct row {
	const char *name;
	unsigned int kind;
	uint64_t room;
};

static const struct row rows[] = {
	{ "noise, 100 KB", 0, 100000 },	  { "noise, 1 MB", 0, 1000000 },
	{ "noise, 7 MB", 0, 7000000 },	  { "pointers, 100 KB", 1, 100000 },
	{ "pointers, 1 MB", 1, 1000000 }, { "pointers, 2 MB", 1, 2000000 },
	{ "sparse, 100 KB", 2, 100000 },  { "sparse, 400 KB", 2, 400000 },
	{ "numbers, 1 MB", 3, 1000000 },  { "numbers, 3 MB", 3, 3000000 },
};

/* It fits, the room is used, and the crashing thread's stack is there. */
static void test_row(void **state)
{
	const struct row *row = *state;
	struct planned f;
	uint64_t size;

	make(&f, row->kind, row->room);
	size = compressed(&f);
	assert_true(size <= row->room);
	assert_true(size >= row->room / 4 || f.plan.left_out == 0);
	assert_true(built_has(&f.output, 0x60003000, 0x60009000));
	assert_true(f.plan.limit == UINT64_MAX || f.plan.memory <= f.plan.limit);
	planned_done(&f);
}

/* What fits as it is is not weighed; no room is no limit; no window is no look. */
static void test_ends(void **state)
{
	struct planned f;

	(void)state;
	make(&f, 0, 2 * SIZE);
	assert_true(f.plan.left_out == 0 && f.plan.limit == UINT64_MAX);
	planned_done(&f);
	make(&f, 0, 0);
	assert_true(f.plan.left_out == 0 && f.plan.limit == UINT64_MAX);
	planned_done(&f);
	make(&f, 0, 1);
	assert_true(f.plan.memory == 0 && f.plan.left_out > SIZE);
	planned_done(&f);

	builder_usual(&f.b, EM_X86_64);
	fill(&f.b, 0);
	planned_build(&f);
	f.input.type = type_find("full");
	f.input.room = SIZE / 8;
	planned_make(&f);
	assert_true(f.plan.limit == 2 * (SIZE / 8 - SIZE / 40));
	assert_true(built_has(&f.output, 0x60003000, 0x60009000));
	planned_done(&f);
}

struct estimate {
	const char *name;
	uint64_t sizes[3]; /* of ranges that stay, in order of rank */
	enum fate first;
	uint64_t room;
	uint64_t fits;
	bool zeros;
};

#define EVERYTHING UINT64_MAX

/* Noise comes to its own size, of zeros 512 bytes are one; a fifth of room is the margin. */
static const struct estimate estimates[] = {
	{ "less than there is room", { 4096 }, FATE_KEPT, 8192, EVERYTHING, false },
	{ "none of it stays", { 1 << 20 }, FATE_TYPE, 8192, EVERYTHING, false },
	{ "noise", { 1 << 20 }, FATE_KEPT, 5 << 16, 1 << 18, false },
	{ "zeros", { 1 << 20 }, FATE_KEPT, 1 << 16, EVERYTHING, true },
	{ "two ranges", { 1 << 18, 1 << 20 }, FATE_KEPT, 5 << 17, 1 << 19, false },
	{ "one that does not stay before it",
	  { 1 << 20, 1 << 18 },
	  FATE_TYPE,
	  1 << 18,
	  (1 << 18) - (1 << 18) / 5,
	  false },
	{ "less than a page", { 100, 1 << 20 }, FATE_KEPT, 5 << 16, 1 << 18, false },
	{ "petabytes",
	  { UINT64_C(1) << 50 },
	  FATE_KEPT,
	  UINT64_C(5) << 30,
	  UINT64_C(1) << 32,
	  false },
};

static size_t read_noise(void *context, uint64_t address, void *to, size_t n)
{
	const struct estimate *row = context;
	uint32_t state = (uint32_t)(address / PAGE) * 2 + 1;

	for (size_t i = 0; i < n; i += 4) {
		uint32_t word = row->zeros ? 0 : builder_random(&state) | 1u << 31;

		memcpy((uint8_t *)to + i, &word, n - i < 4 ? n - i : 4);
	}
	return n;
}

static void test_estimate(void **state)
{
	const struct estimate *row = *state;
	const struct memory memory = { .read = read_noise,
				       .context = (void *)(uintptr_t)row };
	const struct view view = { .memory = &memory };
	struct ranges ranges = { 0 };
	uint64_t at = HEAP;

	for (size_t i = 0; i < ARRAY_SIZE(row->sizes) && row->sizes[i]; i++) {
		struct range range = { .start = at,
				       .end = at + row->sizes[i],
				       .rank = RANK_PRIVATE };

		ranges_add(&ranges, range.start, range.end, range.rank);
		ranges.ranges[i].end = range.end; /* not in pages */
		at += page_up(row->sizes[i]);
	}
	ranges.ranges[0].fate = row->first;
	assert_int_equal(room_memory(&view, &ranges, row->room), row->fits);
	ranges_done(&ranges);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),
	};
	int failed = RUN_TABLE(rows, test_row);

	failed += RUN_TABLE(estimates, test_estimate);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
