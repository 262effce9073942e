/* SPDX-License-Identifier: MIT */
/*
 * What was copied before is what a dump has, whatever memory holds later: pieces of all kinds over reads that
 * begin and end anywhere. A file plays /proc/PID/mem.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/core_builder.h"
#include "tests/unit/table.h"

#include "handler/capture_overlay.h"

#define START  0x10000000u
#define PAGES  32u
#define SIZE   (PAGES * PAGE)
#define BEFORE 0x11
#define LATER  0x77
#define LIMIT  16u

/* In bytes from the first of memory; END ends a list. */
#define END                   \
	{                     \
		UINT64_MAX, 0 \
	}

struct place {
	uint64_t at, size;
};

struct row {
	const char *name;
	bool verbatim;
	struct place extents[LIMIT]; /* what a plan keeps; none if verbatim */
	struct place shared[LIMIT]; /* of which these change */
	struct place bytes[LIMIT]; /* that were read already */
	struct place expected[LIMIT]; /* what is laid over, in order */
};

static const struct row rows[] = {
	{ "nothing", true, { END }, { END }, { END }, { END } },
	{ "shared, verbatim",
	  true,
	  { END },
	  { { PAGE, PAGE }, END },
	  { END },
	  { { PAGE, PAGE }, END } },
	{ "shared, in an extent",
	  false,
	  { { 0, 4 * PAGE }, END },
	  { { PAGE, PAGE }, END },
	  { END },
	  { { PAGE, PAGE }, END } },
	{ "shared, over two extents and what is between",
	  false,
	  { { 0, 2 * PAGE }, { 3 * PAGE, 2 * PAGE }, END },
	  { { PAGE, 3 * PAGE }, END },
	  { END },
	  { { PAGE, PAGE }, { 3 * PAGE, PAGE }, END } },
	{ "shared, but not kept",
	  false,
	  { { 0, PAGE }, END },
	  { { PAGE, PAGE }, END },
	  { END },
	  { END } },
	{ "extents by rank, not by address",
	  false,
	  { { 6 * PAGE, PAGE }, { 0, PAGE }, { 3 * PAGE, PAGE }, END },
	  { { 0, 8 * PAGE }, END },
	  { END },
	  { { 0, PAGE }, { 3 * PAGE, PAGE }, { 6 * PAGE, PAGE }, END } },
	{ "bytes over the end of a page",
	  true,
	  { END },
	  { END },
	  { { PAGE - 100, 2304 }, END },
	  { { PAGE - 100, 2304 }, END } },
	{ "a word in shared memory",
	  true,
	  { END },
	  { { PAGE, PAGE }, END },
	  { { PAGE + 8, 4 }, END },
	  { { PAGE, PAGE }, END } },
	{ "bytes over the beginning of shared memory",
	  true,
	  { END },
	  { { PAGE, PAGE }, END },
	  { { PAGE - 8, 16 }, END },
	  { { PAGE - 8, 16 }, { PAGE + 8, PAGE - 8 }, END } },
	{ "bytes over the end of shared memory",
	  true,
	  { END },
	  { { PAGE, PAGE }, END },
	  { { 2 * PAGE - 8, 16 }, END },
	  { { PAGE, PAGE }, { 2 * PAGE, 8 }, END } },
	{ "the same twice, and a part of it",
	  true,
	  { END },
	  { END },
	  { { 100, 50 }, { 100, 50 }, { 120, 4 }, { 140, 20 }, END },
	  { { 100, 50 }, { 150, 10 }, END } },
	{ "words side by side",
	  true,
	  { END },
	  { END },
	  { { 8, 4 }, { 0, 4 }, { 4, 4 }, END },
	  { { 0, 4 }, { 4, 4 }, { 8, 4 }, END } },
	{ "the last bytes",
	  true,
	  { END },
	  { { SIZE - PAGE, PAGE }, END },
	  { { SIZE - PAGE - 4, 4 }, END },
	  { { SIZE - PAGE - 4, 4 }, { SIZE - PAGE, PAGE }, END } },
};

struct fixture {
	struct built built;
	struct core core;
	struct notes notes;
	int mem_fd, pagemap_fd;
	struct source_memory *memory;
	struct plan plan;
	struct extent extents[LIMIT];
	struct overlay overlay;
};

static void set_up(struct fixture *f, const struct row *row)
{
	static uint8_t bytes[SIZE];
	struct core_builder b;

	memset(f, 0, sizeof(*f));
	builder_init(&b, EM_X86_64);
	builder_thread(&b, 7, 0, 0, 0);
	builder_load(&b, START, SIZE, SIZE, PF_R);
	builder_file(&b, START, START + SIZE, 0, "/some/file");
	builder_files(&b);
	b.headers_only = true;
	f->built = builder_build(&b);
	builder_done(&b);
	core_init(&f->core);
	assert_int_equal(built_feed(&f->built, 4096, &f->core), 1);
	notes_read(&f->core.header, f->core.notes, &f->notes);
	f->mem_fd = memfd_create("mem", MFD_CLOEXEC);
	f->pagemap_fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	memset(bytes, BEFORE, sizeof(bytes));
	assert_int_equal(pwrite(f->mem_fd, bytes, SIZE, START), SIZE);
	assert_int_equal(source_memory_open(f->mem_fd, f->pagemap_fd, &f->core, &f->notes,
					    NULL, &f->memory),
			 0);
	f->plan = (struct plan){ .verbatim = row->verbatim,
				 .header_size = (size_t)f->core.data_start,
				 .size = f->core.size,
				 .extents = f->extents };
	for (; row->extents[f->plan.extent_count].at != UINT64_MAX;
	     f->plan.extent_count++) {
		const struct place *place = &row->extents[f->plan.extent_count];

		f->extents[f->plan.extent_count] =
			(struct extent){ .offset = f->core.data_start + place->at,
					 .size = place->size };
	}
	overlay_init(&f->overlay);
}

static void tear_down(struct fixture *f)
{
	overlay_done(&f->overlay);
	source_memory_close(f->memory);
	notes_done(&f->notes);
	core_done(&f->core);
	built_done(&f->built);
	close(f->mem_fd);
	close(f->pagemap_fd);
}

static void fill(struct fixture *f, const struct row *row)
{
	static uint8_t before[SIZE];
	struct spans spans = { 0 };

	memset(before, BEFORE, sizeof(before));
	for (const struct place *p = row->shared; p->at != UINT64_MAX; p++)
		spans_add(&spans, f->core.data_start + p->at,
			  f->core.data_start + p->at + p->size);
	spans_join(&spans);
	overlay_add_kept(&f->overlay, &f->plan, &spans);
	spans_done(&spans);
	for (const struct place *p = row->bytes; p->at != UINT64_MAX; p++)
		overlay_add_bytes(&f->overlay, f->core.data_start + p->at, before,
				  (size_t)p->size);
}

static bool is_expected(const struct row *row, uint64_t at)
{
	for (const struct place *p = row->expected; p->at != UINT64_MAX; p++) {
		if (at - p->at < p->size)
			return true;
	}
	return false;
}

/* n bytes from an offset, as a reader has them who came later. */
static void check_read(const struct fixture *f, const struct row *row, uint64_t at,
		       size_t n)
{
	static uint8_t to[SIZE + 2];

	memset(to, LATER, sizeof(to));
	overlay_apply(&f->overlay, f->core.data_start + at, to + 1, n);
	assert_int_equal(to[0], LATER);
	assert_int_equal(to[n + 1], LATER);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(to[i + 1], is_expected(row, at + i) ? BEFORE : LATER);
}

/* lent: bytes of it that somebody lends. */
static void check_row(const struct row *row, size_t lent)
{
	static uint8_t lender[SIZE + 1];
	uint32_t seed = 5;
	struct fixture f;
	uint64_t total = 0;
	size_t count = 0;

	set_up(&f, row);
	memset(lender, LATER, sizeof(lender));
	overlay_lend(&f.overlay, lent ? lender : NULL, lent);
	fill(&f, row);
	for (; row->expected[count].at != UINT64_MAX; count++)
		total += row->expected[count].size;
	assert_int_equal(overlay_seal(&f.overlay), total);
	assert_int_equal(f.overlay.count, count);
	assert_false(overlay_is_ready(&f.overlay));
	assert_int_equal(overlay_copy(&f.overlay, f.memory), 0);
	assert_true(overlay_is_ready(&f.overlay));
	check_read(&f, row, 0, SIZE);
	for (size_t i = 0; i < 500; i++) {
		uint64_t at = builder_random(&seed) % SIZE;
		size_t n = builder_random(&seed) % (i % 2 ? 3 * PAGE : 40) + 1;

		check_read(&f, row, at, n < SIZE - at ? n : (size_t)(SIZE - at));
	}
	for (size_t i = lent; i < sizeof(lender); i++)
		assert_int_equal(lender[i], LATER);
	assert_int_equal(f.overlay.lent, lent == SIZE);
	tear_down(&f);
}

static void test_row(void **state)
{
	check_row(*state, 0);
	check_row(*state, SIZE);
}

/* It is too small: what is in it goes where there is more room. */
static void test_lent_little(void **state)
{
	const uint8_t before[PAGE] = { BEFORE };
	uint8_t lender[PAGE + 100], to[4 * PAGE];
	struct fixture f;

	(void)state;
	set_up(&f, &rows[0]);
	overlay_lend(&f.overlay, lender, sizeof(lender));
	for (size_t i = 0; i < 4; i++)
		overlay_add_bytes(&f.overlay, f.core.data_start + i * PAGE, before, PAGE);
	assert_false(f.overlay.lent);
	overlay_lend(&f.overlay, lender, sizeof(lender)); /* too late */
	assert_false(f.overlay.lent);
	assert_int_equal(overlay_seal(&f.overlay), 4 * PAGE);
	assert_int_equal(overlay_copy(&f.overlay, f.memory), 0);
	memset(lender, LATER, sizeof(lender));
	overlay_apply(&f.overlay, f.core.data_start, to, sizeof(to));
	for (size_t i = 0; i < 4; i++)
		assert_memory_equal(to + i * PAGE, before, PAGE);
	tear_down(&f);
}

/* Until all is copied nobody was released, and nothing is laid over. */
static void test_not_ready(void **state)
{
	const struct row *row = &rows[1];
	uint8_t byte = LATER;
	struct fixture f;

	(void)state;
	set_up(&f, row);
	fill(&f, row);
	overlay_seal(&f.overlay);
	overlay_apply(&f.overlay, f.core.data_start + PAGE, &byte, 1);
	assert_int_equal(byte, LATER);
	overlay_apply(NULL, f.core.data_start + PAGE, &byte, 1);
	assert_int_equal(byte, LATER);
	/* memory that cannot be had is never ready */
	assert_int_equal(ftruncate(f.mem_fd, START + PAGE), 0);
	assert_int_equal(overlay_copy(&f.overlay, f.memory), -ESRCH);
	assert_false(overlay_is_ready(&f.overlay));
	overlay_apply(&f.overlay, f.core.data_start + PAGE, &byte, 1);
	assert_int_equal(byte, LATER);
	tear_down(&f);
}

/* What is to be blanked is, also where it was copied before: as handler/copy.c does it. */
static void test_blanks(void **state)
{
	const struct row *row = &rows[1];
	struct blank blank;
	uint8_t to[PAGE];
	struct fixture f;

	(void)state;
	set_up(&f, row);
	blank = (struct blank){ f.core.data_start + PAGE + 10, 20 };
	f.plan.blanks = &blank;
	f.plan.blank_count = 1;
	fill(&f, row);
	overlay_seal(&f.overlay);
	assert_int_equal(overlay_copy(&f.overlay, f.memory), 0);
	memset(to, LATER, sizeof(to));
	overlay_apply(&f.overlay, f.core.data_start + PAGE, to, sizeof(to));
	plan_blank(&f.plan, f.core.data_start + PAGE, to, sizeof(to));
	for (size_t i = 0; i < sizeof(to); i++)
		assert_int_equal(to[i], i >= 10 && i < 30 ? 0 : BEFORE);
	tear_down(&f);
}

/* Many pieces, more than there is room for at first. */
static void test_many(void **state)
{
	const struct row *row = &rows[0];
	const uint8_t before[4] = { BEFORE, BEFORE, BEFORE, BEFORE };
	uint8_t to[SIZE];
	struct fixture f;

	(void)state;
	set_up(&f, row);
	for (size_t at = SIZE; at > 0; at -= 8)
		overlay_add_bytes(&f.overlay, f.core.data_start + at - 8, before, 4);
	assert_int_equal(overlay_seal(&f.overlay), SIZE / 2);
	assert_int_equal(overlay_copy(&f.overlay, f.memory), 0);
	memset(to, LATER, sizeof(to));
	overlay_apply(&f.overlay, f.core.data_start, to, sizeof(to));
	for (size_t i = 0; i < sizeof(to); i++)
		assert_int_equal(to[i], i % 8 < 4 ? BEFORE : LATER);
	tear_down(&f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lent_little),
		cmocka_unit_test(test_not_ready),
		cmocka_unit_test(test_blanks),
		cmocka_unit_test(test_many),
	};

	return RUN_TABLE(rows, test_row) + cmocka_run_group_tests(tests, NULL, NULL);
}
