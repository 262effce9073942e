/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sys/ioctl.h>

#include "base/io.h"
#include "handler/pagemap_runs.h"

/* As in the header. */
struct page_region {
	uint64_t start, end;
	uint64_t categories;
};

/* Runs that are asked for at a time: 3 KiB of them. */
#define REGIONS_MAX 128u

/* Entries that are read at a time: 4 KiB of them. */
#define WALK_PAGES 512u

/* Return: regions; negative errno. */
static int scan(int fd, struct pm_scan_arg *arg)
{
	int n;

	do {
		n = ioctl(fd, PAGEMAP_SCAN, arg);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

int pagemap_scan(int fd, uint64_t page_size, uint64_t start, uint64_t end,
		 uint64_t without, uint64_t max, uint64_t *ret_start, uint64_t *ret_end)
{
	struct page_region region = { 0, 0, 0 };
	struct pm_scan_arg arg = {
		.size = sizeof(arg),
		.start = start & ~(page_size - 1),
		.end = end,
		.vec = (uint64_t)(uintptr_t)&region,
		.vec_len = 1,
		.max_pages = max,
		.category_inverted = without,
		.category_mask = without,
		.category_anyof_mask = PAGE_IS_PRESENT | PAGE_IS_SWAPPED,
		/* present and swapped pages side by side are one run */
		.return_mask = without,
	};
	int n = scan(fd, &arg);

	if (n <= 0)
		return n;
	*ret_start = region.start;
	*ret_end = region.end;
	return 1;
}

int pagemap_scan_full(int fd, uint64_t page_size, uint64_t start, uint64_t end)
{
	static const uint64_t exists = PAGE_IS_PRESENT | PAGE_IS_SWAPPED;
	struct page_region region = { 0, 0, 0 };
	struct pm_scan_arg arg = {
		.size = sizeof(arg),
		.start = start & ~(page_size - 1),
		.end = end,
		.vec = (uint64_t)(uintptr_t)&region,
		.vec_len = 1,
		.max_pages = 1,
		.category_inverted = exists, /* a page that has neither */
		.category_mask = exists,
		.return_mask = exists,
	};
	int n = scan(fd, &arg);

	return n < 0 ? n : n == 0;
}

int pagemap_scan_many(int fd, uint64_t page_size, uint64_t start, uint64_t end,
		      uint64_t max, struct pagemap_range *ret, size_t n,
		      uint64_t *ret_end)
{
	struct page_region regions[REGIONS_MAX];
	struct pm_scan_arg arg = {
		.size = sizeof(arg),
		.start = start & ~(page_size - 1),
		.end = end,
		.vec = (uint64_t)(uintptr_t)regions,
		.vec_len = n < REGIONS_MAX ? n : REGIONS_MAX,
		.max_pages = max,
		.category_anyof_mask = PAGE_IS_PRESENT | PAGE_IS_SWAPPED,
	};
	int got = scan(fd, &arg);

	if (got < 0)
		return got;
	for (int i = 0; i < got; i++)
		ret[i] = (struct pagemap_range){ regions[i].start, regions[i].end };
	*ret_end = arg.walk_end;
	return got;
}

void pagemap_entries(int fd, uint64_t page, uint64_t *ret, size_t n)
{
	ssize_t got = io_pread_full(fd, ret, n * sizeof(*ret), page * sizeof(*ret));
	size_t there = got > 0 ? (size_t)got / sizeof(*ret) : 0;

	for (; there < n; there++)
		ret[there] = 0;
}

/* Look on in a run that begins at *ret_start, 0 if it did not yet. Return: it has ended. */
static bool look_on(const uint64_t *entries, size_t n, uint64_t page, uint64_t page_size,
		    uint64_t max, uint64_t *ret_start, uint64_t *ret_end)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t address = (page + i) * page_size;

		if (!pagemap_entry_exists(entries[i])) {
			if (*ret_end)
				return true;
			continue;
		}
		if (!*ret_end)
			*ret_start = address;
		*ret_end = address + page_size;
		if (max && (*ret_end - *ret_start) / page_size >= max)
			return true;
	}
	return false;
}

int pagemap_walk(int fd, uint64_t page_size, uint64_t start, uint64_t end, uint64_t max,
		 uint64_t *ret_start, uint64_t *ret_end)
{
	uint64_t page = start / page_size, last = end / page_size + (end % page_size > 0);
	uint64_t from = 0, to = 0;

	while (page < last) {
		uint64_t entries[WALK_PAGES];
		size_t n = last - page < WALK_PAGES ? (size_t)(last - page) : WALK_PAGES;

		pagemap_entries(fd, page, entries, n);
		if (look_on(entries, n, page, page_size, max, &from, &to))
			break;
		page += n;
	}
	if (!to)
		return 0;
	*ret_start = from;
	*ret_end = to;
	return 1;
}
