/* SPDX-License-Identifier: MIT */
/*
 * Dropped crashes in the kernel's words, of several kernels, and words that only look so.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/table.h"

#include "dumpctl/kmsg.h"

struct row {
	const char *name;
	const char *log; /* records, a line each */
	uint64_t count;
	bool more, whole;
};

#define NEW(usec) \
	"4,9," usec ",-;coredump: 4340(tiny): over core_pipe_limit, skipping core dump\n"
#define OLD(usec)                                                       \
	"4,9," usec ",-;Pid 4340(tiny) over core_pipe_limit\n4,9," usec \
	",-;Skipping core dump\n"
#define BACK(n, usec) "4,9," usec ",-;coredump_pipe: " n " callbacks suppressed\n"
#define FIVE(macro)                                                         \
	macro("1000000") macro("1000001") macro("1000002") macro("1000003") \
		macro("1000004")

static const struct row rows[] = {
	{ "nothing", "", 0, false, false },
	{ "other words", "6,0,0,-;Linux version 6.18\n", 0, false, true },
	{ "the log has begun anew", "6,7,0,-;Linux version 6.18\n", 0, false, false },
	{ "one", NEW("1"), 1, false, false },
	{ "one of 6.1", OLD("1"), 1, false, false },
	{ "nine", FIVE(NEW) NEW("1") NEW("1") NEW("1") NEW("1"), 9, false, false },
	{ "ten, so there may be more", FIVE(NEW) FIVE(NEW), 10, true, false },
	{ "ten in a longer time",
	  FIVE(NEW) NEW("9000000") NEW("9000000") NEW("9000000") NEW("9000000")
		  NEW("9000000"),
	  10, false, false },
	{ "more than ten of a kernel that keeps none back", FIVE(OLD) FIVE(OLD) OLD("1"),
	  11, false, false },
	{ "how many were kept back",
	  FIVE(NEW) FIVE(NEW) BACK("16", "8000000") NEW("8000001"), 27, false, false },
	{ "kept back before 6.16",
	  "4,9,8000000,-;do_coredump: 3 callbacks suppressed\n" NEW("8000001"), 4, false,
	  false },
	{ "words between",
	  BACK("16", "8000000") "6,9,1,-;tiny[1]: segfault at 0\n" NEW("8000001"), 17,
	  false, false },
	{ "kept back of something else", BACK("16", "8000000"), 0, false, false },
	{ "other lines kept back",
	  "4,9,1,-;show_signal_msg: 20 callbacks suppressed\n" NEW("1"), 1, false,
	  false },
	{ "kept back, no number", BACK("", "8000000") NEW("8000001"), 1, false, false },
	{ "a name full of our words",
	  "4,9,1,-;coredump: 7() over core_p): over core_pipe_limit, skipping core dump\n",
	  1, false, false },
	{ "a name in other words",
	  "6,9,1,-;over core_pipe_[1]: segfault at 0 ip 0 sp 0 error 4\n", 0, false,
	  false },
	{ "more behind it",
	  "4,9,1,-;coredump: 7(x): over core_pipe_limit, skipping core dump!\n", 0, false,
	  false },
	{ "more before it",
	  "4,9,1,-;x coredump: 7(x): over core_pipe_limit, skipping core dump\n", 0,
	  false, false },
	{ "written by a program",
	  "12,9,1,-;coredump: 7(x): over core_pipe_limit, skipping core dump\n", 0, false,
	  false },
	{ "with a dictionary",
	  "4,9,1,-;coredump: 7(x): over core_pipe_limit, skipping core dump\r SUBSYSTEM=x\n",
	  1, false, false },
	{ "other failures of a dump",
	  "4,9,1,-;coredump: 7(x): Unsafe core_pattern used with fs.suid_dumpable=2\n", 0,
	  false, false },
	{ "no record", "rubbish\n;\n4,x,1,-;a\n,,;\n", 0, false, false },
};

/* '\r' stands for the line break inside a record. */
static void scan_all(const char *log, struct kmsg_scan *scan)
{
	char record[512];

	for (const char *line = log; *line; line += strcspn(line, "\n") + 1) {
		size_t n = strcspn(line, "\n");
		char *inside;

		assert_true(n + 2 < sizeof(record));
		memcpy(record, line, n);
		memcpy(record + n, "\n", 2);
		inside = strchr(record, '\r');
		if (inside)
			*inside = '\n';
		kmsg_scan_record(scan, record);
	}
}

static void test_scan(void **state)
{
	const struct row *row = *state;
	struct kmsg_scan scan;

	kmsg_scan_init(&scan);
	scan_all(row->log, &scan);
	kmsg_scan_finish(&scan);
	assert_int_equal(scan.drops.count, row->count);
	assert_int_equal(scan.drops.more, row->more);
	assert_int_equal(scan.drops.whole, row->whole);
}

static void test_last(void **state)
{
	struct kmsg_scan scan;

	(void)state;
	kmsg_scan_init(&scan);
	scan_all(NEW("17") OLD("4711") "6,9,9999,-;x\n", &scan);
	assert_int_equal(scan.drops.last, 4711);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_last) };
	int failed = RUN_TABLE(rows, test_scan);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
