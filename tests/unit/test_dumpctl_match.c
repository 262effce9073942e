/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "tests/unit/table.h"

#include "dumpctl/match.h"

/* Records that the rows are held against; a row names those that it finds by their letter. */
static struct index_entry entries[] = {
	{ .record = { .id = (char *)"a1b2c3d4e5f6",
		      .pid = 100,
		      .uid = 0,
		      .signal = 11,
		      .signal_code = -6,
		      .comm = (char *)"redis-server",
		      .thread_name = (char *)"redis-server",
		      .exe = (char *)"/usr/bin/redis",
		      .unit = (char *)"redis.service" } },
	{ .record = { .id = (char *)"a1b2ffffffff",
		      .pid = 200,
		      .uid = 1000,
		      .signal = 6,
		      .comm = (char *)"redis-server",
		      .thread_name = (char *)"worker",
		      .exe = (char *)"/usr/bin/redis (deleted)" } },
	{ .record = { .id = (char *)"beefbeefbeef",
		      .pid = 300,
		      .uid = 1000,
		      .signal = 11,
		      .comm = (char *)"cafe",
		      .exe = (char *)"/opt/a b" } },
	{ .record = { .id = (char *)"c0ffee000000",
		      .pid = 400,
		      .uid = RECORD_UNKNOWN,
		      .comm = (char *)"\x1b[31m\xff",
		      .exe = NULL } },
	{ .record = { .id = NULL, .pid = RECORD_UNKNOWN, .comm = NULL } },
};

static const struct index all = { .entries = entries, .count = ARRAY_SIZE(entries) };

static const struct row {
	const char *name;
	const char *texts[4];
	const char *found; /* NULL: refused */
} rows[] = {
	{ "nothing", { NULL }, "ABCDE" },
	{ "PID", { "100" }, "A" },
	{ "PID of nobody", { "10" }, "" },
	{ "two PIDs", { "100", "300" }, "AC" },
	{ "PID too large", { "9223372036854775808" }, NULL },
	{ "id", { "a1b2c3d4e5f6" }, "A" },
	{ "beginning of two ids", { "a1b2" }, "AB" },
	{ "beginning too short", { "a1b" }, "" },
	{ "id too long", { "a1b2c3d4e5f60" }, "" },
	{ "id in upper case", { "A1B2" }, "" },
	{ "name that looks like an id", { "cafe" }, "C" },
	{ "id that looks like a name", { "beef" }, "C" },
	{ "name of the thread", { "worker" }, "B" },
	{ "name of the executable, deleted since or not", { "redis" }, "AB" },
	{ "name of the executable with a space", { "a b" }, "C" },
	{ "part of the executable's name", { "redi" }, "" },
	{ "directory of the executable", { "bin" }, "" },
	{ "name of the process", { "redis-server" }, "AB" },
	{ "beginning of a name", { "redis-s" }, "" },
	{ "name in its bytes", { "\x1b[31m\xff" }, "D" },
	{ "name escaped", { "\\x1b[31m\\xff" }, "D" },
	{ "name escaped otherwise", { "\\x1B[31m\\xFF" }, "" },
	{ "executable, deleted or not", { "/usr/bin/redis" }, "AB" },
	{ "executable that is deleted", { "/usr/bin/redis (deleted)" }, "B" },
	{ "executable with a blank", { "/opt/a b" }, "C" },
	{ "relative path", { "bin/redis" }, NULL },
	{ "journal field", { "COREDUMP_UNIT=redis.service" }, "A" },
	{ "member of the record", { "unit=redis.service" }, "A" },
	{ "member of the record, number", { "signal=11" }, "AC" },
	{ "negative number", { "signal_code=-6" }, "A" },
	{ "number of rubbish", { "uid=root" }, NULL },
	{ "number empty", { "uid=" }, NULL },
	{ "unknown field", { "colour=red" }, NULL },
	{ "field without a name", { "=red" }, NULL },
	{ "very long field",
	  { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=1" },
	  NULL },
	{ "field with a path", { "exe=/usr/bin/redis" }, "A" },
	{ "field of an id, whole", { "id=a1b2c3d4e5f6" }, "A" },
	{ "field of an id, beginning", { "id=a1b2" }, "" },
	{ "different fields", { "redis-server", "uid=1000" }, "B" },
	{ "same field and another", { "uid=1000", "uid=0", "signal=11" }, "AC" },
	{ "path or field of the path", { "/opt/a b", "exe=/usr/bin/redis" }, "AC" },
	{ "fields that exclude each other", { "100", "worker" }, "" },
	{ "empty text", { "" }, NULL },
	{ "option-like name", { "-x" }, "" },
};

static void test_row(void **state)
{
	const struct row *row = *state;
	struct match matches[ARRAY_SIZE(row->texts)];
	char found[ARRAY_SIZE(entries) + 1] = "";
	size_t n = 0, out = 0;

	for (; n < ARRAY_SIZE(row->texts) && row->texts[n]; n++) {
		const char *reason = NULL;
		int r = match_parse(row->texts[n], &matches[n], &reason);

		if (r < 0) {
			assert_int_equal(r, -EINVAL);
			assert_non_null(reason);
			assert_null(row->found);
			return;
		}
	}
	match_resolve(matches, n, &all);
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
		if (match_all(matches, n, &entries[i].record))
			found[out++] = (char)('A' + i);
	}
	assert_non_null(row->found);
	assert_string_equal(found, row->found);
}

int main(void)
{
	return RUN_TABLE(rows, test_row);
}
