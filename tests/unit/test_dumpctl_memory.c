/* SPDX-License-Identifier: MIT */
/*
 * The picture of a drop map: which cells a mapping gets, which mappings are one line, and that
 * names in it do no harm.
 */
#include <errno.h>
#include <string.h>

#include "tests/unit/table.h"

#include "dumpctl/memory.h"

static void add(struct memory_map *map, uint64_t start, uint64_t end, const char *fate,
		const char *name, uint8_t flags)
{
	const struct memory_map_range range = {
		start, end, fate, "private", name, name ? strlen(name) : 0, flags,
	};

	assert_int_equal(memory_map_add(map, &range), 0);
}

/* Pieces of one mapping of 24 pages, one a cell: "3kept 21budget". */
static const struct bar {
	const char *name;
	struct {
		unsigned int bytes; /* 0: no more */
		const char *fate;
	} pieces[5];
	const char *bar;
	uint64_t kept;
} bars[] = {
	{ "all kept", { { 98304, "kept" } }, "########################", 98304 },
	{ "none", { { 98304, "budget" } }, "------------------------", 0 },
	{ "the first half",
	  { { 49152, "kept" }, { 49152, "file" } },
	  "############............",
	  49152 },
	{ "a page in a cell",
	  { { 4096, "type" }, { 4096, "kept" }, { 90112, "limit" } },
	  "-#----------------------",
	  4096 },
	{ "a byte in a cell",
	  { { 4095, "config" }, { 1, "kept" }, { 94208, "hint" } },
	  "+-----------------------",
	  1 },
	{ "a byte of a secret",
	  { { 50000, "kept" }, { 1, "secret" }, { 48303, "kept" } },
	  "############S###########",
	  98303 },
	{ "a byte that was lost",
	  { { 50000, "kept" }, { 1, "lost" }, { 48303, "kept" } },
	  "############!###########",
	  98303 },
	{ "scrubbed counts as kept",
	  { { 49152, "scrubbed" }, { 49152, "not-offered" } },
	  "%%%%%%%%%%%%____________",
	  49152 },
	{ "a word of a later version",
	  { { 49152, "kept" }, { 49152, "frozen" } },
	  "############????????????",
	  49152 },
	{ "one byte", { { 1, "kept" } }, "########################", 1 },
	{ "two bytes", { { 1, "kept" }, { 1, "file" } }, "############............", 1 },
	{ "most of a cell that nobody kept",
	  { { 3000, "file" }, { 1096, "budget" }, { 94208, "kept" } },
	  ".#######################",
	  94208 },
};

static const char ascii[LOOK_COUNT] = {
	[LOOK_KEPT] = '#',    [LOOK_PARTLY] = '+', [LOOK_SCRUBBED] = '%',
	[LOOK_DROPPED] = '-', [LOOK_SECRET] = 'S', [LOOK_LOST] = '!',
	[LOOK_FILE] = '.',    [LOOK_OTHER] = '?',  [LOOK_NOT_OFFERED] = '_',
};

static void read_bar(const struct memory_row *row, char ret[MEMORY_CELLS + 1])
{
	for (size_t i = 0; i < MEMORY_CELLS; i++)
		ret[i] = ascii[row->cells[i]];
	ret[MEMORY_CELLS] = '\0';
}

static void test_bar(void **state)
{
	const struct bar *bar = *state;
	_cleanup_memory_map_ struct memory_map map = { 0 };
	_cleanup_memory_rows_ struct memory_rows rows = { NULL, 0, 0 };
	uint64_t at = PAGE;
	char got[MEMORY_CELLS + 1];

	for (size_t i = 0; i < ARRAY_SIZE(bar->pieces) && bar->pieces[i].bytes; i++) {
		add(&map, at, at + bar->pieces[i].bytes, bar->pieces[i].fate, NULL,
		    i == 0 ? MEMORY_MAP_FIRST : 0);
		at += bar->pieces[i].bytes;
	}
	assert_int_equal(memory_rows_make(&map, false, &rows), 0);
	assert_int_equal(rows.count, 1);
	read_bar(&rows.rows[0], got);
	assert_string_equal(got, bar->bar);
	assert_int_equal(rows.rows[0].kept, bar->kept);
	assert_int_equal(rows.rows[0].size, at - PAGE);
}

/* The largest sizes there are. */
static void test_huge(void **state)
{
	_cleanup_memory_map_ struct memory_map map = { 0 };
	_cleanup_memory_rows_ struct memory_rows rows = { NULL, 0, 0 };
	char got[MEMORY_CELLS + 1];

	(void)state;
	add(&map, 0, UINT64_MAX / 2, "file", NULL, MEMORY_MAP_FIRST);
	add(&map, UINT64_MAX / 2, UINT64_MAX, "kept", NULL, 0);
	assert_int_equal(memory_rows_make(&map, false, &rows), 0);
	read_bar(&rows.rows[0], got);
	assert_string_equal(got, "............############");
	assert_int_equal(rows.rows[0].size, UINT64_MAX);
}

/* Permissions of mappings, one a character; 'n': with a name. */
static const struct run {
	const char *name, *mappings;
	const char *rows; /* permissions of each row */
	size_t counts[8]; /* mappings in each */
} runs[] = {
	{ "none", "", "", { 0 } },
	{ "one", "w", "w", { 1 } },
	{ "three alike stay", "www", "www", { 1, 1, 1 } },
	{ "four are one", "wwww", "w", { 4 } },
	{ "then another", "wwwwr", "wr", { 4, 1 } },
	{ "stacks and their guards", "gwgwgwgwgw", "gw", { 5, 5 } },
	{ "half a pair more", "gwgwgwgwg", "gw", { 5, 4 } },
	{ "three pairs stay", "gwgwgw", "gwgwgw", { 1, 1, 1, 1, 1, 1 } },
	{ "pairs, then a run", "gwgwgwgwwww", "gwwww", { 4, 4, 1, 1, 1 } },
	{ "a name ends a run", "wwwwnwwww", "wnw", { 4, 1, 4 } },
};

static uint8_t flags_of(char c)
{
	return MEMORY_MAP_FIRST | (c == 'g' ? 0 : c == 'r' ? MEMORY_MAP_READ : 6);
}

static void test_run(void **state)
{
	const struct run *run = *state;
	_cleanup_memory_map_ struct memory_map map = { 0 };
	_cleanup_memory_rows_ struct memory_rows rows = { NULL, 0, 0 }, all = rows;
	size_t n = strlen(run->mappings), i;

	for (i = 0; i < n; i++)
		add(&map, (i + 1) * PAGE, (i + 2) * PAGE, i % 2 ? "kept" : "budget",
		    run->mappings[i] == 'n' ? "[heap]" : NULL,
		    flags_of(run->mappings[i]));
	assert_int_equal(memory_rows_make(&map, false, &rows), 0);
	assert_int_equal(rows.count, strlen(run->rows));
	assert_int_equal(rows.mappings, n);
	for (i = 0; i < rows.count; i++) {
		assert_int_equal(rows.rows[i].mappings, run->counts[i]);
		assert_int_equal(rows.rows[i].flags, flags_of(run->rows[i]));
		assert_int_equal(rows.rows[i].size, run->counts[i] * PAGE);
		assert_int_equal(rows.rows[i].name != NULL, run->rows[i] == 'n');
	}
	assert_int_equal(memory_rows_make(&map, true, &all), 0);
	assert_int_equal(all.count, n);
}

static char *picture(const struct memory_map *map, const struct memory_style *style)
{
	_cleanup_memory_rows_ struct memory_rows rows = { NULL, 0, 0 };
	char *text;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	assert_non_null(out);
	assert_int_equal(memory_rows_make(map, false, &rows), 0);
	assert_int_equal(memory_picture(map, &rows, style, out), 0);
	assert_int_equal(memory_summary(map, false, style, out), 0);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* 70,000 mappings in pairs: two lines, a legend, and sums. */
static void test_many(void **state)
{
	const struct memory_style style = { 0, false, false };
	_cleanup_memory_map_ struct memory_map map = { 0 };
	_cleanup_free_ char *text = NULL;
	size_t lines = 0;

	(void)state;
	for (uint64_t i = 0; i < 70000; i++)
		add(&map, (i + 1) * PAGE, (i + 2) * PAGE, i % 20 ? "budget" : "kept",
		    NULL, flags_of(i % 2 ? 'r' : 'w'));
	text = picture(&map, &style);
	for (const char *p = text; *p; p++)
		lines += *p == '\n';
	assert_true(lines < 15);
	assert_non_null(strstr(text, "35000 mappings\n"));
	assert_non_null(strstr(text, "000000001000 ++++++++++++++++++++++++ 136.7M rw-"));
	assert_non_null(strstr(text, "\nkept    13.7M in the dump\n"));
}

static const struct hostile {
	const char *name, *text, *shown;
} hostile[] = {
	{ "an escape", "/x\033[31my", "/x\\x1b[31my\n" },
	{ "a line break", "/x\n0000 kept", "/x\\x0a0000 kept\n" },
	{ "no UTF-8", "/\xff\xfe", "/\\xff\\xfe\n" },
	{ "a bar", "########################", "- ########################\n" },
};

static void test_hostile(void **state)
{
	const struct hostile *row = *state;
	const struct memory_style styles[] = { { 0, false, false },
					       { 80, true, true },
					       { 20, false, true } };
	_cleanup_memory_map_ struct memory_map map = { 0 };

	add(&map, PAGE, 2 * PAGE, "kept", row->text, MEMORY_MAP_FIRST);
	for (size_t i = 0; i < ARRAY_SIZE(styles); i++) {
		_cleanup_free_ char *text = picture(&map, &styles[i]);

		assert_null(strstr(text, "\033[31my"));
		assert_null(strstr(text, "\n0000 kept"));
		assert_null(strchr(text, '\xff'));
		if (i == 0 && row->shown[0] == '/')
			assert_non_null(strstr(text, row->shown));
	}
}

/* Only the bar has colours, whatever a name looks like. */
static void test_colours(void **state)
{
	const struct memory_style style = { 80, false, true };
	_cleanup_memory_map_ struct memory_map map = { 0 };
	_cleanup_free_ char *text = NULL;

	(void)state;
	add(&map, 24 * PAGE, 36 * PAGE, "kept", "--##--", MEMORY_MAP_FIRST);
	add(&map, 36 * PAGE, 48 * PAGE, "limit", "--##--", 0);
	text = picture(&map, &style);
	assert_non_null(strstr(text, "000000018000 \033[0;32m############\033[0;33m"
				     "------------\033[0m 96.0K "));
	assert_non_null(strstr(text, " --##--"));
}

static void test_json(void **state)
{
	struct index_entry entry = { .directory = (char[]){ "/d" },
				     .name = (char[]){ "x.zst" } };
	_cleanup_memory_map_ struct memory_map map = { 0 };
	_cleanup_free_ char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	(void)state;
	record_init(&entry.record);
	add(&map, PAGE, 2 * PAGE, "kept", "a\033\"b", 5 | MEMORY_MAP_FIRST);
	add(&map, UINT64_MAX - 1, UINT64_MAX, "secret", NULL, 2);
	assert_int_equal(memory_json(&entry, &map, true, out), 0);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(
		text,
		"{\"file\":\"/d/x.zst\",\"derived\":true,\"ranges\":[\n"
		"{\"start\":\"0x1000\",\"end\":\"0x2000\",\"fate\":\"kept\","
		"\"rank\":\"private\",\"name\":\"a\\\\x1b\\\"b\","
		"\"permissions\":\"r-x\"},\n"
		"{\"start\":\"0xfffffffffffffffe\",\"end\":\"0xffffffffffffffff\","
		"\"fate\":\"secret\",\"rank\":\"private\",\"permissions\":\"-w-\"}\n"
		"]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_huge),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_colours),
		cmocka_unit_test(test_json),
	};
	int failed = RUN_TABLE(bars, test_bar);

	failed += RUN_TABLE(runs, test_run);
	failed += RUN_TABLE(hostile, test_hostile);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
