/* SPDX-License-Identifier: MIT */
/*
 * A plan carried out on a recorded stream: whole, and cut at every page. What is stored is a
 * valid core each time.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/stored.h"
#include "tests/unit/table.h"
#include "tests/unit/written.h"

static void test_whole(void **state)
{
	struct written f;
	size_t n;
	uint8_t *p;

	written_up(&f, *state);
	assert_true(written_run(&f, f.file.n, 0));
	assert_int_equal(f.r, 0);
	assert_int_equal(f.report.outcome, REPORT_COMPLETE);
	assert_string_equal(f.report.reason, "");
	assert_int_equal(f.report.size_dump, f.expected.n);
	p = stored_extract(f.fd, &n);
	assert_int_equal(n, f.expected.n);
	assert_memory_equal(p, f.expected.p, n);
	free(p);
	written_check(&f);
	written_done(&f);
}

/* Bytes of the new core that a stream of n bytes can fill. */
static size_t reachable(const struct written *f, size_t n)
{
	struct notes notes;
	struct plan plan;
	struct core core;
	size_t sum;

	core_init(&core);
	assert_int_equal(built_feed(&f->file, f->file.n, &core), 1);
	written_plan(f, &core, &notes, &plan);
	sum = plan.verbatim ? n : plan.header_size;
	for (size_t i = 0; i < plan.extent_count; i++) {
		const struct extent *e = &plan.extents[i];

		if (n > e->offset)
			sum += n - e->offset < e->size ? n - e->offset : e->size;
	}
	plan_done(&plan);
	notes_done(&notes);
	core_done(&core);
	return sum;
}

static void test_cut(void **state)
{
	struct written f;
	size_t cuts = 0;

	written_up(&f, *state);
	for (size_t n = 0; n < f.file.n; n += 4096) {
		bool there = written_run(&f, n, 0);

		if (!there) {
			close(f.fd);
			continue;
		}
		assert_int_equal(f.r, 0);
		assert_int_equal(f.report.size_dump, reachable(&f, n));
		if (f.report.size_dump < f.expected.n) {
			assert_int_equal(f.report.outcome, REPORT_CUT);
			assert_non_null(strstr(f.report.reason, "the core ended early"));
			assert_int_equal(f.report.size_received, n);
			cuts++;
		} else {
			assert_int_equal(f.report.outcome, REPORT_COMPLETE);
		}
		written_check(&f);
	}
	assert_true(cuts > 10);
	written_done(&f);
}

/* PN_XNUM: the trailer of the whole and of the cut. */
static void test_many(void **state)
{
	const char *const types[] = { "heap", "full" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		struct written f = { .type = types[i], .trailer = 64 };

		builder_init(&f.b, EM_X86_64);
		builder_thread(&f.b, 1, 0x10000, 0x10000, 0);
		for (size_t s = 0; s < 66000; s++)
			builder_load(&f.b, 0x10000 + s * 0x2000, s % 64 ? 16 : PAGE, PAGE,
				     PF_R | PF_W);
		f.file = builder_build(&f.b);
		written_expect(&f);
		for (size_t back = 0; back < 2000000; back = back * 9 + 1) {
			assert_true(written_run(&f, f.file.n - back, 0));
			assert_int_equal(f.r, 0);
			written_check(&f);
		}
		written_done(&f);
	}
}

/* Neither notes nor memory, as no kernel writes it: what is left has no program header, and is no core. */
static void test_nothing(void **state)
{
	struct written f = { .type = "stacks" };

	(void)state;
	builder_init(&f.b, EM_X86_64);
	f.b.without_notes = true;
	builder_load(&f.b, 0x10000, 0, PAGE, PF_R | PF_W);
	f.file = builder_build(&f.b);
	written_expect(&f);
	assert_true(written_run(&f, f.file.n, 0));
	assert_int_equal(f.r, -ENODATA);
	assert_non_null(strstr(f.report.reason, "nothing of it is kept"));
	assert_int_equal(close(f.fd), 0);
	written_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_nothing),
	};
	int failed;

	failed = RUN_TABLE(written_rows, test_whole);
	failed += RUN_TABLE(written_rows, test_cut);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
