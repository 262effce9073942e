/* SPDX-License-Identifier: MIT */
/*
 * What gets a program header, and at which rank it goes out.
 */
#include <stdio.h>

#include "filter/fate.h"
#include "filter/order.h"
#include "tests/unit/table.h"

#define KIB	 1024ull
#define MIB	 (1024 * KIB)
#define AREAS	 4
#define RANGES	 8
#define TEXT_MAX 512

/* Kept ranges and what comes of them: sizes in KiB, each behind the one before in its area. */
struct row {
	const char *name;
	uint64_t areas[AREAS]; /* sizes in KiB, touching; 0: no more */
	struct {
		uint64_t size; /* KiB; 0: no more */
		enum rank rank; /* 0: not kept */
	} kept[RANGES];
	uint64_t sp; /* KiB from the first area on; 0: none */
	const char *want; /* "size@rank", in KiB */
};

static const struct row rows[] = {
	{ "a heap", { 1024 }, { { 1024, RANK_PRIVATE } }, 0, "1024@private" },
	{ "a stack and what is dead of it",
	  { 1024 },
	  { { 1000, RANK_DEAD_STACK }, { 24, RANK_CRASH } },
	  1002,
	  "1000@deadstack 24@crash" },
	{ "little is dead: no header for it",
	  { 64 },
	  { { 40, RANK_DEAD_STACK }, { 24, RANK_CRASH } },
	  42,
	  "64@crash" },
	{ "another thread's",
	  { 1024 },
	  { { 1000, RANK_DEAD_STACK }, { 16, RANK_THREAD }, { 8, RANK_THREAD } },
	  1002,
	  "1000@deadstack 24@thread" },
	{ "a thread's on a signal's stack: no SP, the end of the mapping",
	  { 1024 },
	  { { 1000, RANK_DEAD_STACK }, { 24, RANK_THREAD } },
	  0,
	  "1000@deadstack 24@thread" },
	{ "a fiber's in a heap",
	  { 2048 },
	  { { 1000, RANK_PRIVATE }, { 8, RANK_THREAD }, { 1040, RANK_PRIVATE } },
	  1002,
	  "1000@private 8@thread 1040@private" },
	{ "a dtv in a heap is not worth it",
	  { 2048 },
	  { { 8, RANK_THREAD }, { 100, RANK_POINTEE }, { 1940, RANK_PRIVATE } },
	  0,
	  "2048@private" },
	{ "the loader's list neither",
	  { 2048 },
	  { { 1000, RANK_PRIVATE }, { 8, RANK_LOADER }, { 1040, RANK_PRIVATE } },
	  0,
	  "2048@private" },
	{ "what is apart stays apart",
	  { 2048 },
	  { { 8, RANK_LOADER }, { 4, 0 }, { 4, RANK_POINTEE } },
	  0,
	  "8@loader 4@pointee" },
	{ "a mapping's end is a header's",
	  { 8, 8 },
	  { { 16, RANK_POINTEE } },
	  0,
	  "8@pointee 8@pointee" },
	{ "elfutils: what is read there goes with the next",
	  { 16, 8, 8 },
	  { { 16, RANK_OBJECT }, { 8, RANK_GLOBAL }, { 8, RANK_LOADER } },
	  0,
	  "16@loader 8@loader 8@loader" },
	{ "elfutils: nothing of a heap is",
	  { 16, 8 },
	  { { 16, RANK_PRIVATE }, { 8, RANK_LOADER } },
	  0,
	  "16@private 8@loader" },
	{ "elfutils: but not without end",
	  { 100, 8 },
	  { { 100, RANK_GLOBAL }, { 8, RANK_LOADER } },
	  0,
	  "100@global 8@loader" },
	{ "what may have to be waited for goes along with nothing, nor anything with it",
	  { 64 },
	  { { 4, RANK_GLOBAL },
	    { 8, RANK_DISTANT },
	    { 4, RANK_GLOBAL },
	    { 48, RANK_DISTANT } },
	  0,
	  "4@global 8@distant 4@global 48@distant" },
	{ "a stack of such",
	  { 1024 },
	  { { 1000, RANK_DISTANT }, { 24, RANK_CRASH } },
	  1002,
	  "1000@distant 24@crash" },
	{ "elfutils: it is not moved to the front either",
	  { 16, 8 },
	  { { 16, RANK_DISTANT }, { 8, RANK_LOADER } },
	  0,
	  "16@distant 8@loader" },
};

static void make_space(const struct row *row, struct area *areas, struct space *ret)
{
	uint64_t at = MIB;

	*ret = (struct space){ .areas = areas };
	for (size_t i = 0; i < AREAS && row->areas[i]; i++) {
		areas[i] = (struct area){ .start = at,
					  .end = at + row->areas[i] * KIB,
					  .content_end = at + row->areas[i] * KIB };
		at = areas[i].end;
		ret->count++;
	}
}

static void test_order(void **state)
{
	const struct row *row = *state;
	struct area areas[AREAS];
	struct space space;
	struct thread thread = { .sp = MIB + row->sp * KIB };
	struct notes notes = { .threads = &thread, .thread_count = row->sp > 0 };
	struct ranges ranges = { 0 };
	char got[TEXT_MAX] = "";
	uint64_t at = MIB;

	make_space(row, areas, &space);
	for (size_t i = 0; i < RANGES && row->kept[i].size; i++) {
		uint64_t end = at + row->kept[i].size * KIB;

		if (row->kept[i].rank)
			ranges_add(&ranges, at, end, row->kept[i].rank);
		at = end;
	}
	order_ranges(&space, &notes, &ranges);
	assert_false(ranges.failed);
	for (size_t i = 0; i < ranges.count; i++) {
		const struct range *r = &ranges.ranges[i];
		size_t n = strlen(got);

		(void)snprintf(got + n, sizeof(got) - n, "%s%llu@%s", i ? " " : "",
			       (unsigned long long)(range_size(r) / KIB),
			       rank_name(r->rank));
	}
	assert_string_equal(got, row->want);
	ranges_done(&ranges);
}

/*
 * Stacks without number in one heap, each between two parts of it, all of them too large to go along: so many
 * headers, and the rest goes out with the heap. The crashing thread's stack does not.
 */
#define PART	  (68 * KIB)
#define PARTS_MAX 6000
#define ONE_AREA  (4096 + 2 + 1) /* headers that cuts may come to */

struct many {
	const char *name;
	size_t parts; /* of the heap and stacks, in turn */
	size_t crash; /* the stack that is the crashing thread's; 0: it is elsewhere */
	size_t want;
	size_t distant; /* the part of the heap that may have to be waited for; 0: none */
};

static const struct many many[] = {
	{ "a header for each", ONE_AREA, 0, ONE_AREA, 0 },
	{ "one more goes along", ONE_AREA + 1, 0, ONE_AREA, 0 },
	{ "so do all that follow", PARTS_MAX, 0, ONE_AREA, 0 },
	{ "the crashing thread's among the first", PARTS_MAX, 5, ONE_AREA, 0 },
	{ "and behind them: itself, and what follows", PARTS_MAX, 5001, ONE_AREA + 2, 0 },
	{ "one that may have to be waited for takes them along", PARTS_MAX, 0, ONE_AREA,
	  5000 },
};

static enum rank part_rank(const struct many *row, size_t i)
{
	if (row->crash && i == row->crash)
		return RANK_CRASH;
	if (row->distant && i == row->distant)
		return RANK_DISTANT;
	return i % 2 ? RANK_THREAD : RANK_PRIVATE;
}

static const struct range *range_of(const struct ranges *ranges, uint64_t address)
{
	for (size_t i = 0; i < ranges->count; i++) {
		if (address >= ranges->ranges[i].start && address < ranges->ranges[i].end)
			return &ranges->ranges[i];
	}
	fail_msg("no range has the address %llx", (unsigned long long)address);
	return NULL;
}

/* All of it is there once; what has a header of its own has its rank. */
static void check_many(const struct many *row, const struct ranges *ranges)
{
	uint64_t at = MIB;

	assert_int_equal(ranges->count, row->want);
	for (size_t i = 0; i < ranges->count; i++) {
		const struct range *r = &ranges->ranges[i];

		assert_int_equal(r->start, at);
		at = r->end;
		if (i < ONE_AREA - 1) {
			assert_int_equal(range_size(r), PART);
			assert_int_equal(r->rank, part_rank(row, i));
		}
	}
	assert_int_equal(at, MIB + row->parts * PART);
	assert_int_equal(ranges->ranges[ONE_AREA - 1].rank,
			 row->distant ? RANK_DISTANT : RANK_PRIVATE);
	if (row->crash) {
		const struct range *r = range_of(ranges, MIB + row->crash * PART);

		assert_int_equal(r->rank, RANK_CRASH);
		assert_int_equal(range_size(r), PART);
	}
}

static void test_many(void **state)
{
	static struct thread threads[PARTS_MAX / 2];
	const struct many *row = *state;
	struct area area = { .start = MIB };
	struct space space = { .areas = &area, .count = 1 };
	struct notes notes = { .threads = threads, .thread_count = row->parts / 2 };
	struct ranges ranges = { 0 };

	area.end = area.content_end = MIB + row->parts * PART + MIB;
	for (size_t i = 0; i < row->parts; i++) {
		uint64_t start = MIB + i * PART;

		ranges_add(&ranges, start, start + PART, part_rank(row, i));
		if (i % 2)
			threads[i / 2].sp = start + KIB;
	}
	order_ranges(&space, &notes, &ranges);
	assert_false(ranges.failed);
	check_many(row, &ranges);
	ranges_done(&ranges);
}

int main(void)
{
	return RUN_TABLE(rows, test_order) + RUN_TABLE(many, test_many);
}
