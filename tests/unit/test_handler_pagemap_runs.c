/* SPDX-License-Identifier: MIT */
/*
 * Runs of pages that exist, of this process: the kernel's own walk, and entry by entry, say the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/table.h"

#include "filter/bytes.h"
#include "handler/pagemap_runs.h"

#define PAGES 1200u /* more than entries are read at a time */

struct row {
	const char *name;
	const char *pattern; /* again and again, 'x': there */
};

static const struct row rows[] = {
	{ "nothing", "." },
	{ "all", "x" },
	{ "every other", "x." },
	{ "runs", "..xxx......x" },
	{ "long ones",
	  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx." },
};

static bool is_there(const struct row *row, size_t page)
{
	return row->pattern[page % strlen(row->pattern)] == 'x';
}

static char *make(const struct row *row)
{
	char *p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(p != MAP_FAILED);
	(void)madvise(p, PAGES * PAGE, MADV_NOHUGEPAGE); /* the kernel may not have it */
	for (size_t i = 0; i < PAGES; i++) {
		if (is_there(row, i))
			p[i * PAGE] = 1;
	}
	return p;
}

static void check(const struct row *row, int fd, uint64_t base, uint64_t max, bool scan)
{
	for (size_t first = 0; first < PAGES; first += 1 + first / 3) {
		uint64_t from, to, start = base + first * PAGE, end = base + PAGES * PAGE;
		size_t at = first, n = 0;
		int r = scan ? pagemap_scan(fd, PAGE, start, end, 0, max, &from, &to)
			     : pagemap_walk(fd, PAGE, start, end, max, &from, &to);

		if (r == -ENOTTY && scan)
			return; /* before Linux 6.7 */
		while (at < PAGES && !is_there(row, at))
			at++;
		while (at + n < PAGES && is_there(row, at + n) && (!max || n < max))
			n++;
		assert_int_equal(r, at < PAGES);
		if (r == 0)
			break;
		assert_int_equal(from, base + at * PAGE);
		assert_int_equal(to, from + n * PAGE);
	}
}

static void check_full(const struct row *row, int fd, uint64_t base)
{
	for (size_t first = 0; first < PAGES; first += 1 + first / 3) {
		for (size_t n = 1; n <= PAGES - first; n += 1 + n / 5) {
			uint64_t start = base + first * PAGE;
			int r = pagemap_scan_full(fd, PAGE, start, start + n * PAGE);
			size_t there = 0;

			if (r == -ENOTTY)
				return; /* before Linux 6.7 */
			while (there < n && is_there(row, first + there))
				there++;
			assert_int_equal(r, there == n);
		}
	}
}

static void test_row(void **state)
{
	const struct row *row = *state;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	char *p = make(row);

	assert_true(fd >= 0);
	for (uint64_t max = 0; max < 4; max++) {
		check(row, fd, (uintptr_t)p, max, true);
		check(row, fd, (uintptr_t)p, max, false);
	}
	check_full(row, fd, (uintptr_t)p);
	munmap(p, PAGES * PAGE);
	close(fd);
}

int main(void)
{
	return RUN_TABLE(rows, test_row);
}
