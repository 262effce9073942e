/* SPDX-License-Identifier: MIT */
/*
 * Which files of data go into the report, and that what there is no room for is left out by whole lines. What
 * is written is read again with what reads the kernel's lines.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/table.h"

#include "handler/capture_mappings.h"
#include "handler/data_report.h"

#define LIBRARY                                                 \
	"7f0000000000-7f0000001000 r--p 00000000 fd:01 99 /l\n" \
	"7f0000001000-7f0000002000 r-xp 00001000 fd:01 99 /l\n"
#define FIRST  "7f0000010000-7f0000011000 r--s 00000000 fd:01 7 /d\n"
#define SECOND "7f0000012000-7f0000014000 rw-s 00002000 fd:01 7 /d\n"
#define OTHER  "7f0000015000-7f0000016000 r--s 00000000 fd:01 8 /d\n"
#define DEVICE "7f0000016000-7f0000017000 r--s 00000000 fd:02 8 /d\n"

struct row {
	const char *name;
	const char *maps;
	const char *lines;
};

static const struct row rows[] = {
	{ "nothing", "", "" },
	{ "a library", LIBRARY, "" },
	{ "no file", "10000-20000 rw-p 00000000 00:00 0 [heap]\n", "" },
	{ "a device", "10000-20000 rw-s 00000000 00:06 9 /dev/dri/card0\n", "" },
	{ "one", FIRST, "7f0000010000-7f0000011000 r--s 00000000 fd:01 7 \n" },
	{ "one after a library", LIBRARY FIRST,
	  "7f0000010000-7f0000011000 r--s 00000000 fd:01 7 \n" },
	{ "two of a file", FIRST SECOND,
	  "7f0000010000-7f0000014000 r--s 00000000 fd:01 7 \n" },
	{ "another inode at the path", FIRST OTHER,
	  "7f0000010000-7f0000011000 r--s 00000000 fd:01 7 \n"
	  "7f0000015000-7f0000016000 r--s 00000000 fd:01 8 \n" },
	{ "another device", OTHER DEVICE,
	  "7f0000015000-7f0000016000 r--s 00000000 fd:01 8 \n"
	  "7f0000016000-7f0000017000 r--s 00000000 fd:02 8 \n" },
	{ "a library between",
	  "7e0000000000-7e0000001000 r--s 00000000 fd:01 7 /d\n" LIBRARY FIRST,
	  "7e0000000000-7e0000001000 r--s 00000000 fd:01 7 \n"
	  "7f0000010000-7f0000011000 r--s 00000000 fd:01 7 \n" },
};

static const struct report *report_of(const char *maps)
{
	static struct module library = { .start = 0x7f0000000000, .end = 0x7f0000002000 };
	const struct modules modules = { &library, 1, 0 };
	static struct report report;

	report_init(&report);
	data_report((struct bytes){ (const uint8_t *)maps, strlen(maps) }, &modules,
		    &report);
	return &report;
}

static size_t count(const char *lines)
{
	const struct bytes text = { (const uint8_t *)lines, strlen(lines) };
	struct capture_mapping mapping;
	size_t n = 0, at = 0;

	while (capture_mapping_next(text, &at, &mapping)) {
		assert_int_not_equal(mapping.inode, 0);
		n++;
	}
	return n;
}

static void test_row(void **state)
{
	const struct row *row = *state;

	assert_string_equal(report_of(row->maps)->data_files, row->lines);
	(void)count(row->lines);
}

/* 300 files: as many as there is room for, by address, and no half line. */
static void test_many(void **state)
{
	static char maps[65536];
	size_t n = 0;
	const char *lines;

	(void)state;
	for (unsigned int i = 1; i <= 300; i++)
		n += (size_t)snprintf(maps + n, sizeof(maps) - n,
				      "%x000-%x000 r--s 00000000 fd:01 %u /d\n",
				      0x7f000000 + i, 0x7f000001 + i, i);
	lines = report_of(maps)->data_files;
	assert_in_range(strlen(lines), REPORT_DATA - 64, REPORT_DATA - 1);
	assert_in_range(count(lines), 70, 110);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_many) };

	return RUN_TABLE(rows, test_row) + cmocka_run_group_tests(tests, NULL, NULL);
}
