/* SPDX-License-Identifier: MIT */
/* What of a plan exists in memory, and what would have to be waited for. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/mapped_core.h"
#include "tests/unit/table.h"

/* Whether source_memory_existing() names a place. */
static bool exists(const struct mapped_core *f, const char *p)
{
	const struct plan plan = mapped_plan(&f->core);
	uint64_t offset = mapped_offset(&f->core, p);
	struct source_pages pages;
	const struct spans *spans = &pages.spans;
	bool named;
	size_t i;

	assert_true(source_memory_existing(f->memory, &plan, &pages));
	assert_true(pages.learnt);
	i = spans_above(spans, offset);
	named = i < spans->count && spans->spans[i].start <= offset;
	spans_done(&pages.spans);
	return named;
}

/* Of files what no page has; the shared memory counts as one. */
static uint64_t absent(const struct mapped_core *f)
{
	const struct plan plan = mapped_plan(&f->core);
	struct source_pages pages;

	assert_true(source_memory_existing(f->memory, &plan, &pages));
	spans_done(&pages.spans);
	return pages.absent;
}

/*
 * Pages of a file are looked up anew, whatever the page map said before: one may have been evicted since, and reading it
 * would wait for the disk.
 */
static void test_existing(void **state)
{
	struct mapped_core *f = *state;
	char *page = f->file + 7 * PAGE;
	uint64_t before;

	assert_int_equal(*(volatile char *)page, *page);
	source_memory_learn(f->memory);
	assert_true(exists(f, page));
	assert_true(exists(f, f->file + 3 * PAGE));
	assert_true(exists(f, f->anonymous + PAGE));
	assert_false(exists(f, f->anonymous));
	before = absent(f);
	assert_int_equal(madvise(page, PAGE, MADV_DONTNEED), 0);
	assert_false(exists(f, page));
	assert_int_equal(absent(f), before + PAGE);
	assert_true(exists(f, f->file + 3 * PAGE));
}

/* Without PAGEMAP_SCAN, as any other file: a hole is looked at page by page, and a large one is not. */
static void test_without_scan(void **state)
{
	static const uint64_t sizes[] = { SIZE, UINT64_C(8) << 40 };
	struct mapped_core *f = *state;
	int empty = memfd_create("pagemap", MFD_CLOEXEC);

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct core core = f->core;
		struct segment *segments = calloc(core.count, sizeof(*segments)), *last;
		struct source_memory *memory;
		struct source_pages pages;
		struct plan plan;

		assert_non_null(segments);
		memcpy(segments, core.segments, core.count * sizeof(*segments));
		core.segments = segments;
		last = &segments[core.count - 1];
		core.size += sizes[i] - last->filesz;
		last->filesz = last->memsz = sizes[i];
		last->vaddr = UINT64_C(1) << 44; /* of no file */
		plan = mapped_plan(&core);
		assert_int_equal(source_memory_open(f->mem_fd, empty, &core, &f->notes,
						    NULL, &memory),
				 0);
		assert_int_equal(
			source_memory_kept(memory, &plan, SIZE * 4) == UINT64_MAX, i > 0);
		assert_int_equal(source_memory_existing(memory, &plan, &pages), i == 0);
		spans_done(&pages.spans);
		source_memory_close(memory);
		free(segments);
	}
	close(empty);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_existing, mapped_set_up,
						mapped_tear_down),
		cmocka_unit_test_setup_teardown(test_without_scan, mapped_set_up,
						mapped_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
