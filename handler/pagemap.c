/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "handler/pagemap.h"
#include "handler/pagemap_runs.h"

/*
 * What rules ask for lies anywhere: 16 entries cost as much as one (1.7 us), 64 twice that.
 * Remembered is 1 GiB of memory in one piece.
 */
#define BLOCK_PAGES 16u
#define BLOCK_BITS  14

/* Pages in a row: 80 ns each, 8 in a hole. */
#define RUN_PAGES 512u

/* Of pages that are there so many at a time, 64 MiB: 5 ns each. */
#define THERE_PAGES 16384

/* Of fewer bytes, runs are told as quickly. */
#define FULL_MIN (2u << 20)

/*
 * Without PAGEMAP_SCAN a hole is read like memory, and a file mapping of a terabyte would
 * take two seconds. Behind 16 GiB in all the rest is not looked at.
 */
#define LOOKED_MAX (UINT64_C(4) << 20)

struct pagemap_block {
	uint64_t mark; /* the block's number + 1; 0: empty */
	uint16_t exists; /* a bit for each page, the first in bit 0 */
};

struct pagemap_run {
	uint64_t first; /* page */
	size_t n; /* 0: empty */
	uint64_t entries[RUN_PAGES];
};

int pagemap_open(int fd, struct pagemap *ret)
{
	long page_size = sysconf(_SC_PAGESIZE);

	*ret = (struct pagemap){
		.fd = fd,
		.page_size = page_size > 0 ? (uint64_t)page_size : 4096,
	};
	ret->blocks = calloc(1u << BLOCK_BITS, sizeof(*ret->blocks));
	ret->run = calloc(1, sizeof(*ret->run));
	if (ret->blocks && ret->run)
		return 0;
	pagemap_close(ret);
	return -ENOMEM;
}

void pagemap_close(struct pagemap *pagemap)
{
	free(pagemap->blocks);
	free(pagemap->run);
	pagemap->blocks = NULL;
	pagemap->run = NULL;
}

static void read_block(struct pagemap *pagemap, uint64_t number,
		       struct pagemap_block *block)
{
	uint64_t entries[BLOCK_PAGES];

	pagemap_entries(pagemap->fd, number * BLOCK_PAGES, entries, BLOCK_PAGES);
	*block = (struct pagemap_block){ .mark = number + 1 };
	for (unsigned int i = 0; i < BLOCK_PAGES; i++)
		block->exists |= (uint16_t)(pagemap_entry_exists(entries[i]) << i);
}

/* Spread as in page_cache.c: stacks and arenas lie a round number of blocks apart. */
bool pagemap_exists(struct pagemap *pagemap, uint64_t address)
{
	uint64_t page = address / pagemap->page_size, number = page / BLOCK_PAGES;
	struct pagemap_block *block =
		&pagemap->blocks[number * UINT64_C(0x9e3779b97f4a7c15) >>
				 (64 - BLOCK_BITS)];

	if (block->mark != number + 1)
		read_block(pagemap, number, block);
	return block->exists >> page % BLOCK_PAGES & 1;
}

/* It was read last, by this call or the one before. Below it the difference is large. */
static bool in_run(const struct pagemap_run *run, uint64_t page)
{
	return page - run->first < run->n;
}

static bool changed(struct pagemap *pagemap, uint64_t page)
{
	struct pagemap_run *run = pagemap->run;
	uint64_t entry;

	if (!in_run(run, page)) {
		run->first = page;
		run->n = RUN_PAGES;
		pagemap->looked += RUN_PAGES;
		pagemap_entries(pagemap->fd, page, run->entries, RUN_PAGES);
	}
	entry = run->entries[page - run->first];
	return pagemap_entry_exists(entry) && !(entry & PM_FILE);
}

/* The first page of [page, last] that is changed, or is not; last + 1 if there is none. */
static uint64_t find(struct pagemap *pagemap, uint64_t page, uint64_t last, bool want)
{
	for (; page <= last; page++) {
		/* not looked at: it may be changed */
		if (pagemap->looked >= LOOKED_MAX && !in_run(pagemap->run, page))
			return want ? page : last + 1;
		if (changed(pagemap, page) == want)
			break;
	}
	return page;
}

/* Page by page. *ret_start and *ret_end may lie outside of [start, end). */
static bool look(struct pagemap *pagemap, uint64_t start, uint64_t end,
		 uint64_t *ret_start, uint64_t *ret_end)
{
	uint64_t last = (end - 1) / pagemap->page_size;
	uint64_t first = find(pagemap, start / pagemap->page_size, last, true);

	if (first > last)
		return false;
	*ret_start = first * pagemap->page_size;
	if (__builtin_mul_overflow(find(pagemap, first, last, false), pagemap->page_size,
				   ret_end))
		*ret_end = UINT64_MAX;
	return true;
}

/* All of [start, *end), or of the first part of it, which is *end then, is there. */
static bool is_full(const struct pagemap *pagemap, uint64_t start, uint64_t *end)
{
	uint64_t most = THERE_PAGES * pagemap->page_size;

	if (*end - start < FULL_MIN)
		return false;
	if (*end - start > most)
		*end = start + most;
	return pagemap_scan_full(pagemap->fd, pagemap->page_size, start, *end) == 1;
}

/* Runs of [start, end), the first ones. Return: whether the kernel told. */
static bool look_there(struct pagemap *pagemap, uint64_t start, uint64_t end)
{
	struct pagemap_there *there = &pagemap->there;
	uint64_t until = end;
	int n = -ENOTTY;

	if (!pagemap->no_scan && is_full(pagemap, start, &until)) {
		there->runs[0] = (struct pagemap_range){ start, until };
		n = 1;
	} else if (!pagemap->no_scan)
		n = pagemap_scan_many(pagemap->fd, pagemap->page_size, start, end,
				      THERE_PAGES, there->runs, PAGEMAP_THERE, &until);
	there->count = n > 0 ? (size_t)n : 0;
	there->at = 0;
	there->start = start;
	there->end = n < 0 ? start : until;
	return there->end > start;
}

/* The first run that was told and that ends above start. Return: NULL: none was. */
static const struct pagemap_range *told_above(struct pagemap_there *there, uint64_t start)
{
	if (there->at > 0 && there->runs[there->at - 1].end > start)
		there->at = 0;
	while (there->at < there->count && there->runs[there->at].end <= start)
		there->at++;
	return there->at < there->count ? &there->runs[there->at] : NULL;
}

bool pagemap_next_there(struct pagemap *pagemap, uint64_t start, uint64_t end,
			uint64_t *ret_start, uint64_t *ret_end)
{
	struct pagemap_there *there = &pagemap->there;

	*ret_start = start;
	*ret_end = end;
	while (start < end) {
		const struct pagemap_range *run;

		/* who does not know says that all is there */
		if ((start < there->start || start >= there->end) &&
		    !look_there(pagemap, start, end)) {
			*ret_start = start;
			return true;
		}
		run = told_above(there, start);
		if (run && run->start >= end)
			return false;
		if (run) {
			*ret_start = run->start > start ? run->start : start;
			*ret_end = run->end < end ? run->end : end;
			return true;
		}
		start = there->end;
	}
	return false;
}

bool pagemap_next_changed(struct pagemap *pagemap, uint64_t start, uint64_t end,
			  uint64_t *ret_start, uint64_t *ret_end)
{
	int r = -ENOTTY;

	if (start >= end)
		return false;
	if (!pagemap->no_scan)
		r = pagemap_scan(pagemap->fd, pagemap->page_size, start, end,
				 PAGE_IS_FILE, 0, ret_start, ret_end);
	if (r < 0) {
		/* without it in the kernel always, above user space for this range */
		pagemap->no_scan = pagemap->no_scan || r == -ENOTTY;
		r = look(pagemap, start, end, ret_start, ret_end);
	}
	if (!r)
		return false;
	/* pages of the machine may be larger than what was asked for */
	*ret_start = *ret_start > start ? *ret_start : start;
	*ret_end = *ret_end < end ? *ret_end : end;
	return *ret_start < *ret_end;
}
