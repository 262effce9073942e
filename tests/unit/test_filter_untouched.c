/* SPDX-License-Identifier: MIT */
/*
 * Memory that was never touched keeps a program header without content. In pages: 100-110 private, 200-210
 * private without content in the kernel's core, 300-310 a file, 400-410 without rights, 500-510 shared,
 * 600-610 huge pages, which may be shared, 700-704 the kernel's variables below the vdso.
 */
#include <inttypes.h>
#include <stdio.h>

#include "tests/unit/rig.h"
#include "tests/unit/table.h"

#include "filter/untouched.h"

struct row {
	const char *name;
	struct span there[4]; /* pages, by address */
	struct span kept[3];
	const char *expected; /* pages of 1xx and 2xx */
};

static const struct row rows[] = {
	{ "nothing is there", .expected = "100000-110000 200000-210000" },
	{ "a page in the middle",
	  { { 0x108000, 0x109000 } },
	  .expected = "100000-108000 109000-110000 200000-210000" },
	{ "what is there and is not kept has none",
	  { { 0x100000, 0x110000 } },
	  .expected = "200000-210000" },
	{ "what is kept is not asked for", .kept = { { 0x100000, 0x104000 } },
	  .expected = "104000-110000 200000-210000" },
	{ "between what is kept",
	  { { 0x105000, 0x106000 } },
	  { { 0x100000, 0x104000 }, { 0x108000, 0x110000 } },
	  .expected = "104000-105000 106000-108000 200000-210000" },
	{ "what the kernel leaves out and has pages",
	  { { 0x200000, 0x208000 } },
	  .expected = "100000-110000 208000-210000" },
	{ "all is kept", .kept = { { 0x100000, 0x110000 } },
	  .expected = "200000-210000" },
};

static bool next_there(void *context, uint64_t start, uint64_t end, uint64_t *ret_start,
		       uint64_t *ret_end)
{
	const struct row *row = context;

	for (size_t i = 0; i < ARRAY_SIZE(row->there); i++) {
		const struct span *s = &row->there[i];

		if (s->end <= start || s->start >= end)
			continue;
		*ret_start = s->start > start ? s->start : start;
		*ret_end = s->end < end ? s->end : end;
		return true;
	}
	return false;
}

static void build(struct core_builder *b)
{
	static const uint64_t auxv[][2] = { { AT_SYSINFO_EHDR, 0x704000 } };

	builder_init(b, EM_X86_64);
	builder_thread(b, 1, 0, 0, 0);
	builder_file(b, 0x300000, 0x310000, 0, "/usr/bin/x");
	builder_file(b, 0x500000, 0x510000, 0, "/dev/zero (deleted)");
	builder_file(b, 0x600000, 0x610000, 0, "/anon_hugepage (deleted)");
	builder_files(b);
	builder_auxv(b, auxv, ARRAY_SIZE(auxv));
	builder_load(b, 0x100000, 0x10000, 0x10000, RW);
	builder_load(b, 0x200000, 0, 0x10000, RW);
	builder_load(b, 0x300000, 0, 0x10000, RW);
	builder_load(b, 0x400000, 0, 0x10000, 0);
	builder_load(b, 0x500000, 0x10000, 0x10000, RW);
	builder_load(b, 0x600000, 0, 0x10000, RW);
	builder_load(b, 0x700000, 0x2000, 0x2000, PF_R);
	builder_load(b, 0x702000, 0x2000, 0x2000, PF_R);
	builder_load(b, 0x704000, 0x2000, 0x2000, PF_R | PF_X);
}

static void test_row(void **state)
{
	const struct row *row = *state;
	struct memory memory = { .next_there = next_there, .context = *state };
	struct spans found = { 0 };
	struct rig rig;

	build(&rig.b);
	rig_up(&rig);
	for (size_t i = 0; i < ARRAY_SIZE(row->kept) && row->kept[i].end; i++)
		ranges_add(&rig.ranges, row->kept[i].start, row->kept[i].end, RANK_CRASH);
	rig.view.memory = &memory;
	untouched_find(&rig.view, &rig.ranges, &found);
	assert_spans(&found, row->expected);
	assert_false(rig.findings.pieces);
	assert_false(rig.findings.no_files);
	spans_done(&found);
	rig_done(&rig);
}

/* Where it is not known that absent pages are zeros. */
static void test_unknown(void **state)
{
	struct spans found = { 0 };
	struct rig rig;

	(void)state;
	build(&rig.b);
	rig_up(&rig);
	untouched_find(&rig.view, &rig.ranges, &found);
	assert_int_equal(found.count, 0);
	spans_done(&found);
	rig_done(&rig);
}

static bool nothing(void *context, uint64_t start, uint64_t end, uint64_t *ret_start,
		    uint64_t *ret_end)
{
	(void)context, (void)start, (void)end, (void)ret_start, (void)ret_end;
	return false;
}

/* The kernel leaves NT_FILE out where it is too large: then what can be written may be a file, or shared. */
static void test_no_files(void **state)
{
	struct memory memory = { .next_there = nothing };
	struct spans found = { 0 };
	struct rig rig;

	(void)state;
	builder_init(&rig.b, EM_X86_64);
	builder_thread(&rig.b, 1, 0, 0, 0);
	builder_load(&rig.b, 0x100000, 0x10000, 0x10000, RW);
	rig_up(&rig);
	rig.view.memory = &memory;
	untouched_find(&rig.view, &rig.ranges, &found);
	assert_int_equal(found.count, 0);
	assert_true(rig.findings.no_files);
	spans_done(&found);
	rig_done(&rig);
}

static size_t asked;

/* Every other page of all that can be asked for. */
static bool every_other(void *context, uint64_t start, uint64_t end, uint64_t *ret_start,
			uint64_t *ret_end)
{
	uint64_t page = start / PAGE % 2 ? start : start + PAGE;

	(void)context;
	asked++;
	*ret_start = page;
	*ret_end = page + PAGE;
	return page < end;
}

static void test_too_many(void **state)
{
	struct memory memory = { .next_there = every_other };
	struct spans found = { 0 };
	struct rig rig;

	(void)state;
	builder_init(&rig.b, EM_X86_64);
	builder_thread(&rig.b, 1, 0, 0, 0);
	builder_files(&rig.b);
	builder_load(&rig.b, 0x1000000, UINT64_C(1) << 40, UINT64_C(1) << 40, RW);
	rig_up(&rig);
	rig.view.memory = &memory;
	for (uint64_t i = 0; i < 100; i++)
		ranges_add(&rig.ranges, 0x40000000 + i * 2 * PAGE,
			   0x40000000 + (i * 2 + 1) * PAGE, RANK_CRASH);
	asked = 0;
	untouched_find(&rig.view, &rig.ranges, &found);
	assert_int_equal(found.count, UNTOUCHED_MAX);
	assert_true(rig.findings.pieces);
	assert_int_equal(asked, UNTOUCHED_MAX + 1); /* nothing behind what has no room */
	spans_done(&found);
	rig_done(&rig);
}

/* Runs of pages that are there, from BOUND_AT on; then an untouched page, one that is kept, an untouched one. */
#define BOUND_AT UINT64_C(0x10000000)

struct bound {
	const char *name;
	uint64_t run, runs;
	size_t asked;
	bool first, second; /* of the untouched ones: found */
};

static const struct bound bounds[] = {
	{ "8,192 questions", PAGE, 8190, 8192, true, true },
	{ "the last question", PAGE, 8191, 8192, true, false },
	{ "no question is left", PAGE, 8192, 8192, false, false },
	{ "less than 512 MiB", 1 << 20, 511, 513, true, true },
	{ "512 MiB", 1 << 20, 512, 512, false, false },
	{ "512 MiB at once", 512 << 20, 1, 1, false, false },
};

static bool next_run(void *context, uint64_t start, uint64_t end, uint64_t *ret_start,
		     uint64_t *ret_end)
{
	const struct bound *bound = context;

	asked++;
	if (start >= BOUND_AT + bound->run * bound->runs)
		return false;
	*ret_start = start;
	*ret_end = start + bound->run < end ? start + bound->run : end;
	return true;
}

static void append_page(char *text, size_t size, uint64_t page)
{
	size_t n = strlen(text);

	(void)snprintf(text + n, size - n, "%s%" PRIx64 "-%" PRIx64, n ? " " : "", page,
		       page + PAGE);
}

static void test_bound(void **state)
{
	const struct bound *bound = *state;
	const uint64_t size = bound->run * bound->runs, end = BOUND_AT + size;
	struct memory memory = { .next_there = next_run, .context = *state };
	struct spans found = { 0 };
	char expected[128] = "";
	struct rig rig;

	if (bound->first)
		append_page(expected, sizeof(expected), end);
	if (bound->second)
		append_page(expected, sizeof(expected), end + 2 * PAGE);
	builder_init(&rig.b, EM_X86_64);
	builder_thread(&rig.b, 1, 0, 0, 0);
	builder_files(&rig.b);
	builder_load(&rig.b, BOUND_AT, size + 3 * PAGE, size + 3 * PAGE, RW);
	rig_up(&rig);
	rig.view.memory = &memory;
	ranges_add(&rig.ranges, end + PAGE, end + 2 * PAGE, RANK_CRASH);
	asked = 0;
	untouched_find(&rig.view, &rig.ranges, &found);
	assert_spans(&found, expected);
	assert_int_equal(asked, bound->asked);
	assert_false(rig.findings.pieces);
	spans_done(&found);
	rig_done(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_unknown),
					    cmocka_unit_test(test_no_files),
					    cmocka_unit_test(test_too_many) };
	int failed = RUN_TABLE(rows, test_row) + RUN_TABLE(bounds, test_bound);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
