/* SPDX-License-Identifier: MIT */
/*
 * What is left of a configuration under a ceiling.
 */
#include "tests/unit/table.h"

#include "config/config.h"
#include "config/rank_list.h"
#include "filter/type.h"
#include "handler/ceiling.h"

#define MIB (UINT64_C(1) << 20)

struct row {
	const char *name;
	enum ceiling ceiling;
	enum dump_type type;
	uint64_t budget;
	const char *ranks;
	bool lowered;
	enum dump_type want;
	uint64_t want_budget;
	const char *want_ranks;
};

#define SOME "crash private"

static const struct row rows[] = {
	{ "none", CEILING_NONE, DUMP_FULL, 1, SOME, false, DUMP_FULL, 1, SOME },
	{ "full", CEILING_MINI, DUMP_FULL, 1, SOME, true, DUMP_MINI, 1, SOME },
	{ "full, large budget", CEILING_MINI, DUMP_FULL, UINT64_MAX, SOME, true,
	  DUMP_MINI, 8 * MIB, SOME },
	{ "heap", CEILING_MINI, DUMP_HEAP, 8 * MIB, SOME, true, DUMP_MINI, 8 * MIB,
	  SOME },
	{ "mini", CEILING_MINI, DUMP_MINI, 8 * MIB, SOME, false, DUMP_MINI, 8 * MIB,
	  SOME },
	{ "mini, large budget", CEILING_MINI, DUMP_MINI, 8 * MIB + 1, SOME, true,
	  DUMP_MINI, 8 * MIB, SOME },
	{ "mini, small budget", CEILING_MINI, DUMP_MINI, 5, SOME, false, DUMP_MINI, 5,
	  SOME },
	{ "stacks, large budget", CEILING_MINI, DUMP_STACKS, 9 * MIB, SOME, true,
	  DUMP_STACKS, 8 * MIB, SOME },
	{ "triage has its own", CEILING_MINI, DUMP_TRIAGE, 9 * MIB, SOME, false,
	  DUMP_TRIAGE, 9 * MIB, SOME },
	{ "nothing", CEILING_MINI, DUMP_NONE, 9 * MIB, SOME, false, DUMP_NONE, 9 * MIB,
	  SOME },
	{ "custom", CEILING_MINI, DUMP_CUSTOM, MIB, SOME, false, DUMP_CUSTOM, MIB, SOME },
	{ "custom, more ranks", CEILING_MINI, DUMP_CUSTOM, MIB, "crash shared rest", true,
	  DUMP_CUSTOM, MIB, "crash" },
	{ "custom, large budget", CEILING_MINI, DUMP_CUSTOM, 9 * MIB, SOME, true,
	  DUMP_CUSTOM, 8 * MIB, SOME },
	{ "record of full", CEILING_RECORD, DUMP_FULL, 1, SOME, true, DUMP_NONE, 1,
	  SOME },
	{ "record of triage", CEILING_RECORD, DUMP_TRIAGE, 1, SOME, true, DUMP_NONE, 1,
	  SOME },
	{ "record of nothing", CEILING_RECORD, DUMP_NONE, 1, SOME, false, DUMP_NONE, 1,
	  SOME },
};

static void test_lower(void **state)
{
	const struct row *row = *state;
	struct settings settings;
	_cleanup_free_ char *ranks = NULL;

	settings_default(&settings);
	settings.type = row->type;
	settings.budget = row->budget;
	assert_null(rank_list_parse(row->ranks, &settings.ranks));
	if (row->ceiling == CEILING_MINI)
		assert_int_equal(ceiling_is_above_mini(&settings), row->lowered);
	assert_int_equal(ceiling_lower(row->ceiling, &settings), row->lowered);
	assert_int_equal(settings.type, row->want);
	assert_int_equal(settings.budget, row->want_budget);
	ranks = rank_list_print(settings.ranks);
	assert_string_equal(ranks, row->want_ranks);
	assert_false(ceiling_lower(row->ceiling, &settings));
}

/* The default is below: a storm of crashes that are configured so takes small slots. */
static void test_default(void **state)
{
	struct settings settings;

	(void)state;
	settings_default(&settings);
	assert_false(ceiling_is_above_mini(&settings));
	assert_int_equal(settings.budget, type_find("mini")->budget);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_default) };
	int failed = RUN_TABLE(rows, test_lower);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
