/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <time.h>

#include "tests/unit/table.h"

#include "base/cleanup.h"
#include "dumpctl/show.h"
#include "store/record.h"

#define SECOND INT64_C(1000000)
/* 2026-11-21 21:00:00 */
#define NOW (INT64_C(1795294800) * SECOND)

static const struct row {
	const char *name;
	int64_t timestamp, now;
	const char *text;
} rows[] = {
	{ "unknown", RECORD_UNKNOWN, NOW, "-" },
	{ "no time of now", NOW, 0, "2026-11-21 21:00:00" },
	{ "now", NOW, NOW, "2026-11-21 21:00:00 UTC (now)" },
	{ "a moment ago", NOW - SECOND / 2, NOW, "2026-11-21 20:59:59 UTC (now)" },
	{ "seconds ago", NOW - 59 * SECOND, NOW, "2026-11-21 20:59:01 UTC (59s ago)" },
	{ "minutes ago", NOW - 60 * SECOND, NOW, "2026-11-21 20:59:00 UTC (1min ago)" },
	{ "hours ago", NOW - 7200 * SECOND, NOW, "2026-11-21 19:00:00 UTC (2h ago)" },
	{ "days ago", NOW - 86400 * SECOND, NOW, "2026-11-20 21:00:00 UTC (1d ago)" },
	{ "before there were clocks", -SECOND, NOW,
	  "1969-12-31 23:59:59 UTC (20778d ago)" },
	{ "a clock that was set back", NOW + SECOND, NOW, "2026-11-21 21:00:01 UTC" },
	/* The difference to now is more than 64 bits. */
	{ "forged, before all time", RECORD_UNKNOWN + 1, NOW,
	  "-290308-12-21 19:59:06 UTC" },
	{ "forged, after all time", INT64_MAX, NOW, "294247-01-10 04:00:54 UTC" },
};

static void test_row(void **state)
{
	const struct row *row = *state;
	_cleanup_free_ char *text = show_time(row->timestamp, row->now);

	assert_string_equal(text, row->text);
}

int main(void)
{
	setenv("TZ", "UTC0", 1);
	tzset();
	return RUN_TABLE(rows, test_row);
}
