/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stddef.h>

#include <cmocka.h>

#include "dumpctl/dropin.h"

static const struct {
	const char *line;
	bool sets;
} rows[] = {
	{ "kernel.core_pattern=core", true },
	{ "kernel.core_pattern = core\n", true },
	{ " \tkernel.core_pattern\t=", true },
	{ "-kernel.core_pattern=x", true },
	{ "kernel/core_pattern=x", true },
	{ "# kernel.core_pattern=x", false },
	{ ";kernel.core_pattern=x", false },
	{ "kernel.core_pattern", false },
	{ "kernel.core_pattern_x=1", false },
	{ "kernel.core_pipe_limit=1", false },
	{ "xkernel.core_pattern=1", false },
	{ "kernel.core", false },
	{ "", false },
	{ "-", false },
};

static void test_line_sets(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		print_message("# '%s'\n", rows[i].line);
		assert_int_equal(dropin_line_sets(rows[i].line, "kernel.core_pattern"),
				 rows[i].sets);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_line_sets) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
