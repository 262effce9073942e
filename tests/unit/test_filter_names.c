/* SPDX-License-Identifier: MIT */
/*
 * Lines of /proc/PID/maps, as the kernel writes them and as nobody should; and which mappings a
 * pattern of Keep= and Drop= means.
 */
#include <stdio.h>

#include "tests/unit/rig.h"
#include "tests/unit/table.h"

#include "filter/mapping.h"

struct row {
	const char *name;
	const char *line;
	uint64_t start, end, offset;
	const char *named; /* NULL: the line is passed over */
};

static const struct row rows[] = {
	{ "a file",
	  "7f1c2a400000-7f1c2a428000 r--p 00001000 fd:01 1835      /usr/lib/libc.so.6",
	  0x7f1c2a400000, 0x7f1c2a428000, 0x1000, "/usr/lib/libc.so.6" },
	{ "no file", "55d1298f2000-55d129913000 rw-p 00000000 00:00 0         [heap]",
	  0x55d1298f2000, 0x55d129913000, 0, "[heap]" },
	{ "blanks in a name", "1000-2000 rw-s 00000000 00:01 7 /dev/a b (deleted)",
	  0x1000, 0x2000, 0, "/dev/a b (deleted)" },
	{ "all 64 bits", "fffffffffffff000-ffffffffffffffff --xp 00000000 00:00 0 [x]",
	  0xfffffffffffff000, UINT64_MAX, 0, "[x]" },
	{ "no name", "1000-2000 rw-p 00000000 00:00 0 ", 0, 0, 0, NULL },
	{ "empty", "", 0, 0, 0, NULL },
	{ "no number", "x000-2000 rw-p 00000000 00:00 0 [x]", 0, 0, 0, NULL },
	{ "no end", "1000", 0, 0, 0, NULL },
	{ "another sign", "1000+2000 rw-p 00000000 00:00 0 [x]", 0, 0, 0, NULL },
	{ "no number for the end", "1000- rw-p 00000000 00:00 0 [x]", 0, 0, 0, NULL },
	{ "more than 64 bits", "10000000000000000-2 rw-p 00000000 00:00 0 [x]", 0, 0, 0,
	  NULL },
	{ "nothing in it", "1000-1000 rw-p 00000000 00:00 0 [x]", 0, 0, 0, NULL },
	{ "backwards", "2000-1000 rw-p 00000000 00:00 0 [x]", 0, 0, 0, NULL },
	{ "no offset", "1000-2000 rw-p -1 00:00 0 [x]", 0, 0, 0, NULL },
	{ "cut before the offset", "1000-2000 rw-p", 0, 0, 0, NULL },
};

static void test_row(void **state)
{
	const struct row *row = *state;
	char text[256];
	struct names names;
	int n = snprintf(text, sizeof(text), "%s\n10000-20000 r--p 00000000 00:00 0 [z]",
			 row->line);

	assert_int_equal(
		names_read((struct bytes){ (const uint8_t *)text, (size_t)n }, &names),
		0);
	assert_int_equal(names.count, row->named ? 2 : 1);
	if (row->named) {
		assert_int_equal(names.named[0].start, row->start);
		assert_int_equal(names.named[0].end, row->end);
		assert_int_equal(names.named[0].offset, row->offset);
		assert_int_equal(names.named[0].name.n, strlen(row->named));
		assert_memory_equal(names.named[0].name.p, row->named,
				    strlen(row->named));
	}
	assert_int_equal(names.named[names.count - 1].name.n, 3);
	names_done(&names);
}

/* Of an address; between mappings and beyond them there is no name, nor where none are known. */
static void test_at(void **state)
{
	static const char text[] = "1000-2000 rw-p 00000000 00:00 0 [a]\n"
				   "3000-5000 rw-p 00000000 00:00 0 [bb]\n";
	const struct {
		uint64_t address;
		size_t n;
	} wanted[] = {
		{ 0, 0 },      { 0xfff, 0 },  { 0x1000, 3 }, { 0x1fff, 3 },
		{ 0x2000, 0 }, { 0x3000, 4 }, { 0x4fff, 4 }, { 0x5000, 0 },
	};
	struct names names;

	(void)state;
	assert_int_equal(
		names_read((struct bytes){ (const uint8_t *)text, sizeof(text) - 1 },
			   &names),
		0);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		assert_int_equal(names_at(&names, wanted[i].address).n, wanted[i].n);
		assert_int_equal(names_at(NULL, wanted[i].address).n, 0);
	}
	names_done(&names);
}

struct pattern {
	const char *name;
	const char *globs[2];
	const char *areas; /* pages of those that match */
};

/* NT_FILE is asked first, then /proc/PID/maps; a name as long as a path may be is none. */
static const struct pattern patterns[] = {
	{ "none", { NULL }, "" },
	{ "a file", { "/usr/*" }, "10-11 30-31" },
	{ "no file", { "[[]heap]" }, "20-21" },
	{ "either", { "/usr/bin/x", "[[]heap]" }, "10-11 20-21" },
	{ "everything that has a name", { "*" }, "10-11 20-21 30-31" },
	{ "the other name of a file", { "/lies" }, "" },
	{ "part of a name", { "/usr" }, "" },
};

static void set_up(struct rig *rig, char *maps, size_t size, struct names *names)
{
	int n = snprintf(maps, size,
			 "10000-11000 r--p 00000000 00:00 0 /lies\n"
			 "20000-21000 rw-p 00000000 00:00 0 [heap]\n"
			 "40000-41000 rw-p 00000000 00:00 0 /%0*d\n",
			 4095, 0);

	builder_init(&rig->b, EM_X86_64);
	builder_thread(&rig->b, 1, 0x10000, 0x10000, 0);
	builder_file(&rig->b, 0x10000, 0x11000, 0, "/usr/bin/x");
	builder_file(&rig->b, 0x30000, 0x31000, 0, "/usr/lib/y");
	builder_files(&rig->b);
	for (uint64_t at = 0x10000; at <= 0x50000; at += 0x10000)
		builder_load(&rig->b, at, PAGE, PAGE, RW);
	rig_up(rig);
	assert_int_equal(
		names_read((struct bytes){ (const uint8_t *)maps, (size_t)n }, names), 0);
	assert_int_equal(names->count, 3);
	rig->view.names = names;
}

static void test_pattern(void **state)
{
	const struct pattern *row = *state;
	struct globs globs = { row->globs, row->globs[0] ? row->globs[1] ? 2 : 1 : 0 };
	struct names names;
	char maps[8192], text[256] = "";
	struct rig rig;
	size_t n = 0;

	set_up(&rig, maps, sizeof(maps), &names);
	for (size_t i = 0; i < rig.space.count; i++) {
		const struct area *area = &rig.space.areas[i];

		if (mapping_matches(&rig.view, area, &globs))
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%x-%x",
					      n ? " " : "",
					      (unsigned int)(area->start / PAGE),
					      (unsigned int)(area->end / PAGE));
	}
	assert_string_equal(text, row->areas);
	names_done(&names);
	rig_done(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_at) };
	int failed = RUN_TABLE(rows, test_row);

	failed += RUN_TABLE(patterns, test_pattern);
	return failed + cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
