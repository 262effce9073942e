/* SPDX-License-Identifier: MIT */
/*
 * What is kept of memory that may have to be waited for: which pages of it go out last, and whether a plan has to do
 * with that at all.
 */
#include "tests/unit/pages.h"
#include "tests/unit/planned.h"
#include "tests/unit/table.h"

#include "filter/distant.h"

#define P(page) ((uint64_t)(page)*PAGE)
#define ALL	UINT64_MAX

struct row {
	const char *name, *input;
	struct span spans[3], changed[3]; /* in pages */
	struct span absent; /* in pages */
	const char *expected;
	bool waits;
};

static const struct row rows[] = {
	{ "no spans", "1-9:5", { { 0, 0 } }, { { 0, 0 } }, { 0, 0 }, "1-9:5", false },
	{ "apart", "1-9:5", { { 9, 20 } }, { { 0, 0 } }, { 1, 20 }, "1-9:5", false },
	{ "all", "1-9:5", { { 0, 20 } }, { { 0, 0 } }, { 0, 20 }, "1-9:14", true },
	{ "all, and all there",
	  "1-9:5",
	  { { 0, 20 } },
	  { { 0, 0 } },
	  { 0, 0 },
	  "1-9:14",
	  false },
	{ "what is not there is not kept",
	  "1-9:5",
	  { { 0, 20 } },
	  { { 0, 0 } },
	  { 9, 20 },
	  "1-9:14",
	  false },
	{ "its last page is not",
	  "1-9:5",
	  { { 0, 20 } },
	  { { 0, 0 } },
	  { 8, 9 },
	  "1-9:14",
	  true },
	{ "all changed", "1-9:5", { { 0, 20 } }, { { 1, 9 } }, { 0, 0 }, "1-9:5", false },
	{ "some changed",
	  "1-9:5",
	  { { 0, 20 } },
	  { { 0, 2 }, { 4, 5 } },
	  { 0, 0 },
	  "1-2:5 2-4:14 4-5:5 5-9:14",
	  false },
	{ "beginning and end",
	  "1-9:5",
	  { { 0, 2 }, { 7, 9 } },
	  { { 0, 0 } },
	  { 0, 3 },
	  "1-2:14 2-7:5 7-9:14",
	  true },
	{ "several ranges",
	  "1-3:1 3-5:6 8-9:13",
	  { { 2, 9 } },
	  { { 4, 5 } },
	  { 0, 0 },
	  "1-2:1 2-3:14 3-4:14 4-5:6 8-9:14",
	  false },
	{ "no ranges", "", { { 2, 9 } }, { { 0, 0 } }, { 0, 20 }, "", false },
};

static struct span bytes_of(struct span pages)
{
	return (struct span){ P(pages.start), P(pages.end) };
}

static bool next_of(const struct span *spans, size_t count, uint64_t start, uint64_t end,
		    uint64_t *ret_start, uint64_t *ret_end)
{
	for (size_t i = 0; i < count; i++) {
		struct span span = bytes_of(spans[i]);

		if (span.start >= end || span.end <= start)
			continue;
		*ret_start = span.start > start ? span.start : start;
		*ret_end = span.end < end ? span.end : end;
		return true;
	}
	return false;
}

static bool next_changed(void *context, uint64_t start, uint64_t end, uint64_t *ret_start,
			 uint64_t *ret_end)
{
	const struct row *row = context;

	return next_of(row->changed, ARRAY_SIZE(row->changed), start, end, ret_start,
		       ret_end);
}

/* All but what is absent. */
static bool next_there(void *context, uint64_t start, uint64_t end, uint64_t *ret_start,
		       uint64_t *ret_end)
{
	const struct row *row = context;
	const struct span there[] = { { 0, row->absent.start },
				      { row->absent.end, 1000 } };

	return next_of(there, ARRAY_SIZE(there), start, end, ret_start, ret_end);
}

static void test_mark(void **state)
{
	const struct row *row = *state;
	const struct memory memory = { .next_changed = next_changed,
				       .next_there = next_there,
				       .context = (void *)(uintptr_t)row };
	struct ranges ranges = { 0 };
	struct spans spans = { 0 };

	pages_add(&ranges, row->input);
	for (size_t i = 0; i < ARRAY_SIZE(row->spans); i++)
		spans_add(&spans, P(row->spans[i].start), P(row->spans[i].end));
	assert_int_equal(distant_mark(&memory, &spans, &ranges), row->waits);
	assert_false(ranges.failed);
	assert_page_ranks(&ranges, row->expected);
	spans_done(&spans);
	ranges_done(&ranges);
}

/* Nobody can tell: nothing was changed, and nothing is there. */
static void test_blind(void **state)
{
	struct ranges ranges = { 0 };
	struct spans spans = { 0 };

	(void)state;
	pages_add(&ranges, "1-9:5");
	assert_false(distant_mark(NULL, NULL, &ranges));
	spans_add(&spans, P(2), P(3));
	assert_true(distant_mark(NULL, &spans, &ranges));
	assert_page_ranks(&ranges, "1-2:5 2-3:14 3-9:5");
	spans_done(&spans);
	ranges_done(&ranges);
}

/* Every second page of so many was changed: it is asked 4096 times, and the rest is last. */
static bool every_second(void *context, uint64_t start, uint64_t end, uint64_t *ret_start,
			 uint64_t *ret_end)
{
	(void)context;
	*ret_start = start / PAGE % 2 ? start : start + PAGE;
	*ret_end = *ret_start + PAGE;
	return *ret_start < end;
}

static void test_many(void **state)
{
	const struct memory memory = { .next_changed = every_second };
	struct ranges ranges = { 0 };
	struct spans spans = { 0 };
	const struct range *last;

	(void)state;
	ranges_add(&ranges, 0, P(100000), RANK_GLOBAL);
	spans_add(&spans, 0, P(100000));
	assert_true(distant_mark(&memory, &spans, &ranges));
	assert_int_equal(ranges.count, 2 * 4096 + 1);
	last = &ranges.ranges[ranges.count - 1];
	assert_int_equal(last->end, P(100000));
	assert_int_equal(last->rank, RANK_DISTANT);
	spans_done(&spans);
	ranges_done(&ranges);
}

/* A program's files, of which one page was changed, in the core of builder_usual(). */
#define FILE_START  0x10000000
#define FILE_END    0x10006000
#define FILE_CHANGE 0x10005000

struct plans {
	const char *name, *type;
	bool by_rank, distant, there; /* there: all of it is in memory */
	bool verbatim, last; /* what comes of it */
};

static const struct plans plans[] = {
	{ "mini", "mini", true, true, false, false, true },
	{ "mini, all there", "mini", true, true, true, false, true },
	{ "stacks", "stacks", true, true, false, false, true },
	{ "heap", "heap", true, true, false, false, true },
	{ "heap, near", "heap", true, false, false, false, false },
	{ "heap, of a stream", "heap", false, true, false, false, false },
	{ "full", "full", true, true, false, false, true },
	{ "full, all there", "full", true, true, true, true, false },
	{ "full, near", "full", true, false, false, true, false },
	{ "full, of a stream", "full", false, true, false, true, false },
};

static bool all_there(void *context, uint64_t start, uint64_t end, uint64_t *ret_start,
		      uint64_t *ret_end)
{
	(void)context;
	*ret_start = start;
	*ret_end = end;
	return true;
}

/* Every other byte that is in the file stands before this one. */
static bool is_last(const struct planned *p, uint64_t address)
{
	uint64_t place = planned_place(p, address);

	for (size_t i = 0; i < p->b.load_count; i++) {
		const struct segment *load = &p->b.loads[i];

		for (uint64_t at = load->vaddr; at < load->vaddr + load->filesz;
		     at += PAGE) {
			bool distant = at >= FILE_START && at < FILE_END &&
				       at != FILE_CHANGE;

			if (!distant && planned_place(p, at) > place)
				return false;
		}
	}
	return place > 0;
}

static void test_plan(void **state)
{
	const struct plans *row = *state;
	struct spans spans = { 0 };
	struct planned p;

	spans_add(&spans, FILE_START, FILE_END);
	builder_usual(&p.b, EM_X86_64);
	planned_build(&p);
	planned_look(&p);
	core_memory_changed(&p.window, FILE_CHANGE, FILE_CHANGE + PAGE);
	p.window.memory.next_there = row->there ? all_there : NULL;
	p.input.type = type_find(row->type);
	p.input.max_memory = ALL;
	p.input.by_rank = row->by_rank;
	p.input.distant = row->distant ? &spans : NULL;
	planned_make(&p);
	assert_int_equal(p.plan.verbatim, row->verbatim);
	assert_int_equal(is_last(&p, FILE_START), row->last);
	if (row->last) /* it was changed, or is not kept */
		assert_true(planned_place(&p, FILE_CHANGE) <
			    planned_place(&p, FILE_START));
	planned_done(&p);
	spans_done(&spans);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blind),
		cmocka_unit_test(test_many),
	};

	return RUN_TABLE(rows, test_mark) + RUN_TABLE(plans, test_plan) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
