/* SPDX-License-Identifier: MIT */
/* Zeros of which it is known without reading: where they are, and how much comes before them. */
#include "tests/unit/mapped_core.h"
#include "tests/unit/table.h"

/* A hole is zeros, never longer than it is, and found again from its middle. */
static void test_holes(void **state)
{
	struct mapped_core *f = *state;
	size_t holes = 0;

	for (size_t at = 0; at < f->expected_n;) {
		uint64_t offset = f->core.data_start + at;
		uint64_t hole = source_memory_hole(f->memory, offset, UINT64_MAX);

		assert_true(hole <= f->expected_n - at);
		for (size_t i = 0; i < hole; i++)
			assert_int_equal(f->expected[at + i], 0);
		if (hole > 1) {
			holes++;
			assert_int_equal(
				source_memory_hole(f->memory, offset + 1, UINT64_MAX),
				hole - 1);
			assert_int_equal(source_memory_hole(f->memory, offset, 5), 5);
		}
		at += hole ? (size_t)hole : PAGE;
	}
	assert_true(holes >= 10);
	assert_int_equal(source_memory_hole(f->memory, f->core.size, 10), 0);
}

/* Where a hole of at least so many bytes begins, wherever one starts to look. */
static void test_data(void **state)
{
	static const size_t sizes[] = { PAGE, 3 * PAGE, 4 * PAGE, 5 * PAGE };
	const struct mapped_core *f = *state;
	size_t found = 0;

	for (size_t at = 0; at < f->expected_n; at += PAGE) {
		uint64_t offset = f->core.data_start + at, n = f->expected_n - at;

		n = n < 14 * PAGE ? n : 14 * PAGE;
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			uint64_t data =
				source_memory_data(f->memory, offset, n, sizes[i]);
			uint64_t first = 0;

			while (first < n && source_memory_hole(f->memory, offset + first,
							       n - first) < sizes[i])
				first += PAGE;
			assert_int_equal(data, first < n ? first : n);
			found += data < n;
		}
	}
	assert_true(found > 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_holes, mapped_set_up,
						mapped_tear_down),
		cmocka_unit_test_setup_teardown(test_data, mapped_set_up,
						mapped_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
