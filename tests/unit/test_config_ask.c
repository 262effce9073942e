/* SPDX-License-Identifier: MIT */
/*
 * DUMPD_TYPE: where it is in an environment, and which types it may ask for.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/table.h"

#include "config/ask.h"
#include "config/config.h"

#define TEXT(s) (s), sizeof(s) - 1

struct find_row {
	const char *name;
	const char *environ;
	size_t n;
	const char *value; /* NULL: there is none */
};

static const struct find_row find_rows[] = {
	{ "empty", TEXT(""), NULL },
	{ "alone", TEXT("DUMPD_TYPE=full\0"), "full" },
	{ "first", TEXT("DUMPD_TYPE=full\0HOME=/\0"), "full" },
	{ "last", TEXT("HOME=/\0DUMPD_TYPE=full\0"), "full" },
	{ "the first counts", TEXT("DUMPD_TYPE=full\0DUMPD_TYPE=none\0"), "full" },
	{ "empty value", TEXT("DUMPD_TYPE=\0A=1\0"), "" },
	{ "value with an equals sign", TEXT("DUMPD_TYPE=a=b\0"), "a=b" },
	{ "no value", TEXT("DUMPD_TYPE\0=full\0"), NULL },
	{ "end of another name", TEXT("MY_DUMPD_TYPE=full\0"), NULL },
	{ "beginning of another name", TEXT("DUMPD_TYPES=full\0"), NULL },
	{ "in lower case", TEXT("dumpd_type=full\0"), NULL },
	{ "in a value", TEXT("A=\nDUMPD_TYPE=full\0"), NULL },
	{ "empty strings before", TEXT("\0\0\0DUMPD_TYPE=full\0"), "full" },
	{ "cut in the value", TEXT("DUMPD_TYPE=fu"), NULL },
	{ "cut in the name", TEXT("A=1\0DUMPD_T"), NULL },
	{ "cut behind the name", TEXT("DUMPD_TYPE="), NULL },
};

static void test_find(void **state)
{
	const struct find_row *row = *state;
	char *exact = malloc(row->n ? row->n : 1); /* reading beyond it is seen */
	const char *value;

	assert_non_null(exact);
	memcpy(exact, row->environ, row->n);
	value = ask_find(exact, row->n);
	if (row->value)
		assert_string_equal(value, row->value);
	else
		assert_null(value);
	free(exact);
}

struct apply_row {
	const char *name;
	enum dump_type configured;
	const char *allowed;
	enum dump_type asked;
	bool may;
};

static const struct apply_row apply_rows[] = {
	{ "less than configured", DUMP_MINI, "none triage stacks mini", DUMP_STACKS,
	  true },
	{ "none is a type", DUMP_MINI, "none triage stacks mini", DUMP_NONE, true },
	{ "none alone", DUMP_MINI, "none", DUMP_STACKS, false },
	{ "more than configured", DUMP_STACKS, "none triage stacks mini", DUMP_MINI,
	  true },
	{ "more than allowed", DUMP_MINI, "none triage stacks mini", DUMP_FULL, false },
	{ "the richest", DUMP_MINI, "custom", DUMP_CUSTOM, true },
	{ "less, and not allowed", DUMP_FULL, "full", DUMP_NONE, false },
	{ "nothing may be asked for", DUMP_MINI, "no", DUMP_NONE, false },
	{ "what is configured", DUMP_FULL, "no", DUMP_FULL, true },
};

static void test_apply(void **state)
{
	const struct apply_row *row = *state;
	struct settings settings, before;

	settings_default(&settings);
	settings.type = row->configured;
	assert_null(ask_types_parse(row->allowed, &settings.ask_types));
	before = settings;
	assert_int_equal(ask_apply(&settings, row->asked), row->may);
	assert_int_equal(settings.type, row->may ? row->asked : row->configured);
	settings.type = before.type;
	assert_memory_equal(&settings, &before, sizeof(settings));
}

int main(void)
{
	int failed = RUN_TABLE(find_rows, test_find);

	return failed + RUN_TABLE(apply_rows, test_apply);
}
