/* SPDX-License-Identifier: MIT */
/*
 * pagemap's entries, out of a file that a test wrote: what exists, what was changed, without
 * PAGEMAP_SCAN, which a file does not know. On a process: test_handler_window_live.c.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/core_builder.h"
#include "tests/unit/table.h"

#include "base/io.h"
#include "handler/pagemap.h"

/* One letter a page. */
static uint64_t entry_of(char letter)
{
	switch (letter) {
	case 'a': /* anonymous, with soft-dirty and mapped once */
		return UINT64_C(1) << 63 | UINT64_C(3) << 55 | 0x1234;
	case 'f': /* of a file */
		return UINT64_C(1) << 63 | UINT64_C(1) << 61;
	case 's': /* swapped */
		return UINT64_C(1) << 62 | 0x777;
	case 'm': /* shared memory on its way to another node */
		return UINT64_C(1) << 62 | UINT64_C(1) << 61;
	case 'g': /* guard */
		return UINT64_C(1) << 62 | UINT64_C(1) << 58;
	case 'w': /* never there, watched by userfaultfd */
		return UINT64_C(1) << 57;
	default:
		return 0;
	}
}

/* A pagemap whose first entries are letters, `times` times over. */
static int make(const char *letters, size_t times)
{
	int fd = memfd_create("pagemap", MFD_CLOEXEC);
	size_t n = strlen(letters);
	_cleanup_free_ uint64_t *entries = calloc(n * times + 1, sizeof(*entries));

	assert_true(fd >= 0);
	assert_non_null(entries);
	for (size_t i = 0; i < n * times; i++)
		entries[i] = entry_of(letters[i % n]);
	assert_int_equal(io_write_full(fd, entries, n * times * sizeof(*entries)), 0);
	return fd;
}

struct row {
	const char *name;
	const char *letters;
	const char *exists; /* 'x' for each page that does */
	const char *changed; /* 'x' for each page of a run */
};

static const struct row rows[] = {
	{ "nothing", "", "", "" },
	{ "absent", "....", "....", "...." },
	{ "every kind", "afsmgw.", "xxxx...", "x.x...." },
	{ "one run of two kinds", "ffassaff", "xxxxxxxx", "..xxxx.." },
	{ "to the end", "..aa", "..xx", "..xx" },
	{ "holes between", "a.a..a", "x.x..x", "x.x..x" },
};

static void check_changed(struct pagemap *map, const struct row *row, uint64_t start,
			  uint64_t end)
{
	char seen[16] = "................", want[16] = "................";
	uint64_t at = start, from, to;

	while (pagemap_next_changed(map, at, end, &from, &to)) {
		assert_true(from >= at && from < to && to <= end);
		for (uint64_t page = from / PAGE; page <= (to - 1) / PAGE; page++)
			seen[page] = 'x';
		at = to;
	}
	for (uint64_t page = start / PAGE; start < end && page <= (end - 1) / PAGE;
	     page++) {
		if (page < strlen(row->changed))
			want[page] = row->changed[page];
	}
	assert_memory_equal(seen, want, sizeof(seen));
}

static void test_entries(void **state)
{
	const struct row *row = *state;
	int fd = make(row->letters, 1);
	struct pagemap map;

	assert_int_equal(pagemap_open(fd, &map), 0);
	for (uint64_t i = 0; i < 12; i++) {
		bool want = i < strlen(row->exists) && row->exists[i] == 'x';

		assert_int_equal(pagemap_exists(&map, i * PAGE), want);
		assert_int_equal(pagemap_exists(&map, i * PAGE + PAGE - 1), want);
	}
	assert_false(pagemap_exists(&map, UINT64_MAX));
	for (uint64_t start = 0; start < 10; start++) {
		for (uint64_t end = 0; end < 12; end++)
			check_changed(&map, row, start * PAGE, end * PAGE);
	}
	/* in the middle of pages: the answer stays inside */
	check_changed(&map, row, 100, 5 * PAGE + 7);
	assert_true(map.no_scan);
	pagemap_close(&map);
	pagemap_close(&map); /* twice is no harm */
	close(fd);
}

/* More pages than are remembered, runs over the edges of what is read at once. */
static void test_many(void **state)
{
	const char letters[] = "aaf.";
	const uint64_t times = 100000;
	int fd = make(letters, times);
	uint64_t at = 0, from, to, runs = 0;
	struct pagemap map;

	(void)state;
	assert_int_equal(pagemap_open(fd, &map), 0);
	while (pagemap_next_changed(&map, at, UINT64_MAX / 2, &from, &to)) {
		if (runs == times) /* behind the end, until it was looked at enough */
			break;
		assert_int_equal(from, runs * 4 * PAGE);
		assert_int_equal(to - from, 2 * PAGE);
		runs++;
		at = to;
	}
	assert_int_equal(runs, times);
	for (uint64_t i = times * 4; i-- > times * 4 - 70000;)
		assert_int_equal(pagemap_exists(&map, i * PAGE), letters[i % 4] != '.');
	pagemap_close(&map);
	close(fd);
}

/* A terabyte that nobody touched: after some of it, the rest may have been changed. */
static void test_large(void **state)
{
	const uint64_t size = UINT64_C(1) << 40;
	int fd = make("", 0);
	uint64_t from, to;
	struct pagemap map;

	(void)state;
	assert_int_equal(pagemap_open(fd, &map), 0);
	assert_true(pagemap_next_changed(&map, 0, size, &from, &to));
	assert_int_equal(from, UINT64_C(16) << 30);
	assert_int_equal(to, size);
	assert_true(pagemap_next_changed(&map, PAGE, 3 * PAGE, &from, &to));
	assert_int_equal(from, PAGE);
	assert_int_equal(to, 3 * PAGE);
	pagemap_close(&map);
	close(fd);
}

/* At random against the letters. */
static void test_random(void **state)
{
	char letters[4000 + 1] = "", want;
	uint32_t seed = 11;
	uint64_t at = 0, from, to;
	struct pagemap map;
	int fd;

	(void)state;
	for (size_t i = 0; i < sizeof(letters) - 1; i++)
		letters[i] = "aaaaffs.gm"[builder_random(&seed) % 10];
	fd = make(letters, 1);
	assert_int_equal(pagemap_open(fd, &map), 0);
	while (pagemap_next_changed(&map, at, 4000 * PAGE, &from, &to)) {
		for (uint64_t page = at / PAGE; page < to / PAGE; page++) {
			want = letters[page];
			assert_int_equal(want == 'a' || want == 's', page * PAGE >= from);
		}
		at = to;
	}
	for (uint64_t page = at / PAGE; page < 4000; page++)
		assert_true(letters[page] != 'a' && letters[page] != 's');
	pagemap_close(&map);
	close(fd);
}

#define THERE 2000u

/* Memory of this very process, with each page touched that `touched` says. */
static char *make_pages(bool (*touched)(size_t page))
{
	size_t size = THERE * PAGE;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	assert_true(p != MAP_FAILED);
	(void)madvise(p, size, MADV_NOHUGEPAGE); /* the kernel may not have it */
	for (size_t i = 0; i < THERE; i++) {
		if (touched(i))
			p[i * PAGE] = 1;
	}
	return p;
}

/* Its page map; skips the test before Linux 6.7, where all is there. */
static int open_scanned(uint64_t base)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t start, end;

	assert_true(fd >= 0);
	if (pagemap_scan(fd, PAGE, base, base + PAGE, 0, 1, &start, &end) < 0)
		skip();
	return fd;
}

static bool is_third(size_t page)
{
	return page % 3 == 0;
}

/* Of this very process: more runs than are asked for at a time, from any page to any other, in any order. */
static void test_there(void **state)
{
	char *p = make_pages(is_third);
	uint64_t base = (uintptr_t)p, start, end;
	_cleanup_fd_ int fd = open_scanned(base);
	struct pagemap pagemap;

	(void)state;
	assert_int_equal(pagemap_open(fd, &pagemap), 0);
	for (size_t i = 0; i < 4000; i++) {
		size_t from = i % 64 < 32 ? i * 997 % THERE : 500 + i * 37 % 300,
		       to = from + i * 31 % (THERE - from);
		size_t next = (from + 2) / 3 * 3;
		bool there = pagemap_next_there(&pagemap, base + from * PAGE,
						base + to * PAGE, &start, &end);

		assert_int_equal(there, next < to);
		assert_true(!there || start == base + next * PAGE);
		assert_true(!there || end == start + PAGE);
	}
	pagemap_close(&pagemap);
	assert_int_equal(munmap(p, THERE * PAGE), 0);
}

#define HOLE 1777u

static bool is_no_hole(size_t page)
{
	return page != HOLE;
}

/* All are there but one: the answer for all at once is no answer for that one. */
static void test_nearly_full(void **state)
{
	char *p = make_pages(is_no_hole);
	uint64_t base = (uintptr_t)p, start, end;
	_cleanup_fd_ int fd = open_scanned(base);
	struct pagemap pagemap;

	(void)state;
	for (size_t from = 0; from < THERE; from += 1 + from / 8) {
		for (size_t to = from + 1; to <= THERE; to += 1 + to / 8) {
			size_t first = from == HOLE ? from + 1 : from;
			size_t last = first < HOLE && to > HOLE ? HOLE : to;
			bool there;

			assert_int_equal(pagemap_open(fd, &pagemap), 0);
			there = pagemap_next_there(&pagemap, base + from * PAGE,
						   base + to * PAGE, &start, &end);
			assert_int_equal(there, first < to);
			assert_true(!there || start == base + first * PAGE);
			/* it may be the first part of a run */
			assert_true(!there || (end > start && end <= base + last * PAGE));
			pagemap_close(&pagemap); /* it remembers */
		}
	}
	assert_int_equal(munmap(p, THERE * PAGE), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nearly_full), cmocka_unit_test(test_many),
		cmocka_unit_test(test_large),	    cmocka_unit_test(test_random),
		cmocka_unit_test(test_there),
	};
	int failed;

	if (sysconf(_SC_PAGESIZE) != PAGE) /* its entries would stand for larger pages */
		return 0;
	failed = RUN_TABLE(rows, test_entries);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
