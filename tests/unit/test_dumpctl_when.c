/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "tests/unit/table.h"

#include "dumpctl/when.h"

#define US INT64_C(1000000)

/* Sunday 2026-11-22 13:14:15.5 UTC */
#define NOW	 (INT64_C(1795353255) * US + 500000)
#define DAY	 (INT64_C(86400) * US)
#define MIDNIGHT (INT64_C(1795305600) * US)

static const struct row {
	const char *name;
	const char *text;
	int64_t when; /* -1: refused */
} rows[] = {
	{ "now", "now", NOW },
	{ "today", "today", MIDNIGHT },
	{ "yesterday", "yesterday", MIDNIGHT - DAY },
	{ "upper case", "Today", MIDNIGHT },
	{ "epoch", "@0", 0 },
	{ "epoch now", "@1795353255", NOW - 500000 },
	{ "epoch largest", "@9223372036854", INT64_C(9223372036854) * US },
	{ "epoch too large", "@9223372036855", -1 },
	{ "epoch empty", "@", -1 },
	{ "epoch negative", "@-1", -1 },
	{ "epoch with a fraction", "@1.5", -1 },
	{ "date", "2026-11-22", MIDNIGHT },
	{ "date and minutes", "2026-11-22 13:14", MIDNIGHT + 47640 * US },
	{ "date and seconds", "2026-11-22 13:14:15", MIDNIGHT + 47655 * US },
	{ "leap day", "2024-02-29", INT64_C(1709164800) * US },
	{ "no leap day", "2026-02-29", -1 },
	{ "31 April", "2026-04-31", -1 },
	{ "month 13", "2026-13-01", -1 },
	{ "hour 24", "2026-11-22 24:00", -1 },
	{ "date with rubbish", "2026-11-22x", -1 },
	{ "date with a blank behind", "2026-11-22 13:14 ", -1 },
	{ "time", "13:14", MIDNIGHT + 47640 * US },
	{ "time and seconds", "13:14:15", MIDNIGHT + 47655 * US },
	{ "minus hour", "-1h", NOW - 3600 * US },
	{ "minus several", "-1h30min", NOW - 5400 * US },
	{ "minus with blanks", "-1 h 30 min", NOW - 5400 * US },
	{ "minus week", "-1w", NOW - 7 * DAY },
	{ "minus without a unit", "-1", -1 },
	{ "minus without a number", "-h", -1 },
	{ "minus alone", "-", -1 },
	{ "minus unknown unit", "-1y", -1 },
	{ "minus overflow", "-999999999999w", -1 },
	{ "minus too many digits", "-9999999999999s", -1 },
	{ "minus and ago", "-1h ago", -1 },
	{ "ago", "2 hours ago", NOW - 7200 * US },
	{ "ago without blanks", "2h ago", NOW - 7200 * US },
	{ "ago twice", "1 day 1 s ago", NOW - DAY - US },
	{ "ago alone", "ago", -1 },
	{ "span without ago", "2 hours", -1 },
	{ "empty", "", -1 },
	{ "blank", " ", -1 },
	{ "rubbish", "soon", -1 },
	{ "other bytes", "\xff\x1b[31m", -1 },
};

static void test_row(void **state)
{
	const struct row *row = *state;
	int64_t when = -1;
	int r = when_parse(row->text, NOW, &when);

	assert_int_equal(r, row->when < 0 ? -EINVAL : 0);
	assert_int_equal(when, row->when);
}

/* Days are the calendar's: this one has 23 hours. */
static void test_summer_time(void **state)
{
	int64_t when;

	(void)state;
	assert_int_equal(setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1), 0);
	tzset();
	/* 2026-03-29 12:00 CEST */
	assert_int_equal(when_parse("yesterday", INT64_C(1774778400) * US, &when), 0);
	assert_int_equal(when, INT64_C(1774652400) * US);
	assert_int_equal(when_parse("today", INT64_C(1774778400) * US, &when), 0);
	assert_int_equal(when, INT64_C(1774738800) * US);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_summer_time) };
	int failed;

	if (setenv("TZ", "UTC0", 1) < 0)
		return 1;
	tzset();
	failed = RUN_TABLE(rows, test_row);
	return failed + cmocka_run_group_tests_name("zones", tests, NULL, NULL);
}
