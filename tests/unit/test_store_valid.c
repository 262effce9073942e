/* SPDX-License-Identifier: MIT */
/*
 * Records that dumpd cannot have written: ids that a shell or a terminal would act on,
 * numbers that no kernel gives.
 */
#include <errno.h>
#include <string.h>

#include "tests/unit/table.h"

#include "store/record.h"
#include "store/valid.h"

static const struct row {
	const char *name;
	const char *json;
	int want;
} rows[] = {
	{ "nothing known", "{}", 0 },
	{ "an id", "{\"id\":\"a1b2c3d4e5f6\"}", 0 },
	{ "id with a command", "{\"id\":\"$(touch /x)\"}", -EBADMSG },
	{ "id of the right length with one", "{\"id\":\"a$(reboot)00\"}", -EBADMSG },
	{ "id with an escape", "{\"id\":\"a\\\\x1b[31m0000\"}", -EBADMSG },
	{ "id too short", "{\"id\":\"a1b2c3d4e5f\"}", -EBADMSG },
	{ "id too long", "{\"id\":\"a1b2c3d4e5f67\"}", -EBADMSG },
	{ "id empty", "{\"id\":\"\"}", -EBADMSG },
	{ "id of digits", "{\"id\":\"111111111111\"}", -EBADMSG },
	{ "id in upper case", "{\"id\":\"A1B2C3D4E5F6\"}", -EBADMSG },
	{ "pid 1", "{\"pid\":1}", 0 },
	{ "pid 0", "{\"pid\":0}", -EBADMSG },
	{ "pid -7", "{\"pid\":-7}", -EBADMSG },
	{ "pid 2^31-1", "{\"pid\":2147483647}", 0 },
	{ "pid 2^31", "{\"pid\":2147483648}", -EBADMSG },
	{ "pid that means unknown", "{\"pid\":-9223372036854775808}", -EBADMSG },
	{ "tid 0", "{\"tid\":0}", -EBADMSG },
	{ "uid 2^32-1", "{\"uid\":4294967295}", 0 },
	{ "uid 2^32", "{\"uid\":4294967296}", -EBADMSG },
	{ "gid -1", "{\"gid\":-1}", -EBADMSG },
	{ "owner 2^32", "{\"owner_uid\":4294967296}", -EBADMSG },
	{ "signal 0", "{\"signal\":0}", 0 },
	{ "signal 64", "{\"signal\":64}", 0 },
	{ "signal 65", "{\"signal\":65}", -EBADMSG },
	{ "signal code -6", "{\"signal_code\":-6}", 0 },
	{ "signal code 2^31", "{\"signal_code\":2147483648}", -EBADMSG },
	{ "end of the year 9999", "{\"timestamp\":253402300799999999}", 0 },
	{ "year 10000", "{\"timestamp\":253402300800000000}", -EBADMSG },
	{ "before 1970", "{\"timestamp\":-1}", -EBADMSG },
	{ "dumpable 2", "{\"dumpable\":2}", 0 },
	{ "dumpable 3", "{\"dumpable\":3}", -EBADMSG },
	{ "verified 2", "{\"verified\":2}", -EBADMSG },
	{ "no limit", "{\"rlimit\":9223372036854775807}", 0 },
	{ "limit -1", "{\"rlimit\":-1}", -EBADMSG },
	{ "size 0", "{\"size_dump\":0}", 0 },
	{ "size -1", "{\"size_dump\":-1}", -EBADMSG },
	{ "core's size -1", "{\"size_core\":-1}", -EBADMSG },
	{ "threads -1", "{\"threads\":-1}", -EBADMSG },
	{ "duration -1", "{\"duration\":-1}", -EBADMSG },
};

static void test_record(void **state)
{
	const struct row *row = *state;
	_cleanup_record_ struct record record;

	record_init(&record);
	assert_int_equal(record_from_json(row->json, strlen(row->json), &record),
			 row->want);
}

/* The journal's members have no key in JSON. */
static void test_journal_only(void **state)
{
	const struct record_field *field = record_field_by_journal("DUMPD_SIZE_FILE");

	(void)state;
	assert_non_null(field);
	assert_true(record_number_valid(field, 0));
	assert_false(record_number_valid(field, -1));
	assert_false(record_number_valid(field, RECORD_UNKNOWN));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_journal_only),
	};

	return RUN_TABLE(rows, test_record) +
	       cmocka_run_group_tests_name("valid", tests, NULL, NULL);
}
