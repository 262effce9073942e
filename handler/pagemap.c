/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/io.h"
#include "handler/pagemap.h"

/* Bits of an entry (fs/proc/task_mmu.c, PM_*). */
#define PM_GUARD_REGION (UINT64_C(1) << 58) /* MADV_GUARD_INSTALL, Linux 6.13 */
#define PM_FILE		(UINT64_C(1) << 61) /* of a file, or shared anonymous memory */
#define PM_SWAP		(UINT64_C(1) << 62)
#define PM_PRESENT	(UINT64_C(1) << 63)

/* include/uapi/linux/fs.h of Linux 6.7; Debian 12 has the headers of 6.1. */
struct page_region {
	uint64_t start, end;
	uint64_t categories;
};

struct pm_scan_arg {
	uint64_t size, flags;
	uint64_t start, end;
	uint64_t walk_end;
	uint64_t vec, vec_len;
	uint64_t max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask;
	uint64_t return_mask;
};

#define PAGEMAP_SCAN	_IOWR('f', 16, struct pm_scan_arg)
#define PAGE_IS_FILE	(1u << 2)
#define PAGE_IS_PRESENT (1u << 3)
#define PAGE_IS_SWAPPED (1u << 4)

/* Pages are looked at as many at a time as a word has bits: 512 bytes of pagemap. */
#define BLOCK_PAGES 64u
/* What is remembered: 1 GiB of memory in one piece, 96 KiB here. */
#define BLOCK_BITS 12
/*
 * Without PAGEMAP_SCAN a hole costs as much as memory: 1 s for a file mapping of a terabyte.
 * After 64 GiB (70 ms) the rest is not looked at.
 */
#define LOOKS_MAX (1u << 18)

struct pagemap_block {
	uint64_t mark; /* the block's number + 1; 0: empty */
	uint64_t exists, changed; /* a bit for each page, the first in bit 0 */
};

int pagemap_open(int fd, struct pagemap *ret)
{
	long page_size = sysconf(_SC_PAGESIZE);

	*ret = (struct pagemap){
		.fd = fd,
		.page_size = page_size > 0 ? (uint64_t)page_size : 4096,
	};
	ret->blocks = calloc(1u << BLOCK_BITS, sizeof(*ret->blocks));
	return ret->blocks ? 0 : -ENOMEM;
}

void pagemap_close(struct pagemap *pagemap)
{
	free(pagemap->blocks);
	pagemap->blocks = NULL;
}

static void read_block(struct pagemap *pagemap, uint64_t number,
		       struct pagemap_block *block)
{
	uint64_t entries[BLOCK_PAGES];
	ssize_t n = io_pread_full(pagemap->fd, entries, sizeof(entries),
				  number * sizeof(entries));

	*block = (struct pagemap_block){ .mark = number + 1 };
	pagemap->looks++;
	/* shorter at the end of the address space, nothing when the process is gone */
	for (size_t i = 0; n > 0 && i < (size_t)n / sizeof(entries[0]); i++) {
		if (!(entries[i] & (PM_PRESENT | PM_SWAP)) ||
		    (entries[i] & PM_GUARD_REGION))
			continue;
		block->exists |= UINT64_C(1) << i;
		if (!(entries[i] & PM_FILE))
			block->changed |= UINT64_C(1) << i;
	}
}

/* Spread as in page_cache.c: stacks and arenas lie a round number of blocks apart. */
static const struct pagemap_block *block_of(struct pagemap *pagemap, uint64_t page)
{
	uint64_t number = page / BLOCK_PAGES;
	struct pagemap_block *block =
		&pagemap->blocks[number * UINT64_C(0x9e3779b97f4a7c15) >>
				 (64 - BLOCK_BITS)];

	if (block->mark != number + 1)
		read_block(pagemap, number, block);
	return block;
}

bool pagemap_exists(struct pagemap *pagemap, uint64_t address)
{
	uint64_t page = address / pagemap->page_size;

	return block_of(pagemap, page)->exists >> page % BLOCK_PAGES & 1;
}

/* The first page of [page, last] that is changed, or is not; last + 1 if there is none. */
static uint64_t find(struct pagemap *pagemap, uint64_t page, uint64_t last, bool changed)
{
	while (page <= last && pagemap->looks < LOOKS_MAX) {
		uint64_t bits = block_of(pagemap, page)->changed;

		bits = (changed ? bits : ~bits) >> page % BLOCK_PAGES;
		if (bits) {
			page += (unsigned int)__builtin_ctzll(bits);
			return page <= last ? page : last + 1;
		}
		page += BLOCK_PAGES - page % BLOCK_PAGES;
	}
	/* not looked at: it may be changed */
	return page <= last && changed ? page : last + 1;
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

/* The kernel's own walk, which passes over holes. Return: 1, 0 there is none, or negative errno. */
static int scan(struct pagemap *pagemap, uint64_t start, uint64_t end,
		uint64_t *ret_start, uint64_t *ret_end)
{
	struct page_region region = { 0, 0, 0 };
	struct pm_scan_arg arg = {
		.size = sizeof(arg),
		.start = start & ~(pagemap->page_size - 1),
		.end = end,
		.vec = (uint64_t)(uintptr_t)&region,
		.vec_len = 1,
		.category_inverted = PAGE_IS_FILE,
		.category_mask = PAGE_IS_FILE,
		.category_anyof_mask = PAGE_IS_PRESENT | PAGE_IS_SWAPPED,
		/* always 0: present and swapped pages side by side are one run */
		.return_mask = PAGE_IS_FILE,
	};
	int n;

	do {
		n = ioctl(pagemap->fd, PAGEMAP_SCAN, &arg);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n < 0 ? -errno : 0;
	*ret_start = region.start;
	*ret_end = region.end;
	return 1;
}

bool pagemap_next_changed(struct pagemap *pagemap, uint64_t start, uint64_t end,
			  uint64_t *ret_start, uint64_t *ret_end)
{
	int r = -ENOTTY;

	if (start >= end)
		return false;
	if (!pagemap->no_scan)
		r = scan(pagemap, start, end, ret_start, ret_end);
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
