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

int main(void)
{
	return RUN_TABLE(rows, test_order);
}
