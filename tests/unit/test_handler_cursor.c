/* SPDX-License-Identifier: MIT */
/* Every byte of a plan once, in order, however far each step goes. */
#include "tests/unit/core_builder.h"
#include "tests/unit/table.h"

#include "handler/cursor.h"

struct row {
	const char *name;
	bool verbatim;
	uint64_t size; /* of a verbatim plan */
	struct extent extents[4];
	size_t count;
	uint64_t content; /* bytes in all */
};

static const struct row rows[] = {
	{ "nothing", false, 0, { { 0 } }, 0, 0 },
	{ "nothing, verbatim", true, 100, { { 0 } }, 0, 0 },
	{ "a size that lies", true, 10, { { 0 } }, 0, 0 },
	{ "verbatim", true, 1100, { { 0 } }, 0, 1000 },
	{ "one extent", false, 0, { { 4096, 500, 0, 0 } }, 1, 500 },
	{ "side by side", false, 0, { { 4096, 500, 0, 0 }, { 4596, 1, 1, 0 } }, 2, 501 },
	{ "empty ones",
	  false,
	  0,
	  { { 1, 0, 0, 0 }, { 4096, 9, 0, 0 }, { 5000, 0, 0, 0 }, { 6000, 7, 1, 0 } },
	  4,
	  16 },
	{ "the last is empty", false, 0, { { 4096, 9, 0, 0 }, { 5000, 0, 0, 0 } }, 2, 9 },
};

static struct plan plan_of(const struct row *row)
{
	return (struct plan){
		.verbatim = row->verbatim,
		.header_size = 100,
		.size = row->verbatim ? row->size : 100 + row->content,
		/* as filter/plan.c leaves them */
		.extents = row->count ? (struct extent *)(uintptr_t)row->extents : NULL,
		.extent_count = row->count,
	};
}

/* The slow way. */
static uint64_t offset_of(const struct row *row, uint64_t at, uint64_t *ret_left)
{
	if (row->verbatim) {
		*ret_left = row->content - at;
		return 100 + at;
	}
	for (size_t i = 0; i < row->count; i++) {
		if (at < row->extents[i].size) {
			*ret_left = row->extents[i].size - at;
			return row->extents[i].offset + at;
		}
		at -= row->extents[i].size;
	}
	fail();
	return 0;
}

static void test_walk(void **state)
{
	const struct row *row = *state;
	const struct plan plan = plan_of(row);

	for (uint32_t seed = 1; seed < 50; seed++) {
		uint32_t random = seed;
		struct cursor cursor;
		uint64_t at = 0;

		cursor_open(&plan, &cursor);
		while (at < row->content) {
			uint64_t left, offset = offset_of(row, at, &left), n;

			assert_int_equal(cursor_left(&cursor), left);
			assert_int_equal(cursor_offset(&cursor), offset);
			n = builder_random(&random) % (row->content - at) + 1;
			cursor_move(&cursor, n); /* over several, too */
			at += n;
		}
		assert_int_equal(cursor_left(&cursor), 0);
		assert_false(cursor_at_border(&cursor));
		cursor_move(&cursor, 0);
		assert_int_equal(cursor_left(&cursor), 0);
	}
}

/* Where a frame ends that more memory would have room in. */
struct border {
	const char *name;
	enum rank before, behind;
	bool is_border;
};

static const struct border borders[] = {
	{ "of one rank", RANK_THREAD, RANK_THREAD, false },
	{ "behind the crashing thread's stack", RANK_CRASH, RANK_LOADER, true },
	{ "before what frames and globals do not need", RANK_GLOBAL, RANK_POINTEE, true },
	{ "within the rest", RANK_POINTEE, RANK_REST, false },
	{ "before what may never be had", RANK_REST, RANK_DISTANT, true },
	{ "behind stacks, where that is all", RANK_CRASH, RANK_DISTANT, true },
	{ "within it", RANK_DISTANT, RANK_DISTANT, false },
};

static void test_border(void **state)
{
	const struct border *row = *state;
	const struct extent extents[] = { { 4096, 8, 0, row->before },
					  { 8192, 8, 1, row->behind } };
	struct cursor cursor;

	cursor_open_rest(extents, ARRAY_SIZE(extents), &cursor);
	cursor_move(&cursor, 8);
	assert_int_equal(cursor_at_border(&cursor), row->is_border);
}

int main(void)
{
	return RUN_TABLE(rows, test_walk) + RUN_TABLE(borders, test_border);
}
