/* SPDX-License-Identifier: MIT */
/*
 * Runs of pages that a process has, out of /proc/PID/pagemap: each call asks anew, and any thread
 * may ask. handler/pagemap.h remembers.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bits of an entry (fs/proc/task_mmu.c, PM_*). */
#define PM_GUARD_REGION (UINT64_C(1) << 58) /* MADV_GUARD_INSTALL, Linux 6.13 */
#define PM_FILE		(UINT64_C(1) << 61) /* of a file, or shared anonymous memory */
#define PM_SWAP		(UINT64_C(1) << 62)
#define PM_PRESENT	(UINT64_C(1) << 63)

/* include/uapi/linux/fs.h of Linux 6.7; Debian 12 has the headers of 6.1. */
struct pm_scan_arg {
	uint64_t size, flags;
	uint64_t start, end;
	uint64_t walk_end;
	uint64_t vec, vec_len;
	uint64_t max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask;
	uint64_t return_mask;
};

#define PAGEMAP_SCAN _IOWR('f', 16, struct pm_scan_arg)

/* Categories of PAGEMAP_SCAN. */
#define PAGE_IS_FILE	(1u << 2)
#define PAGE_IS_PRESENT (1u << 3)
#define PAGE_IS_SWAPPED (1u << 4)

/* In memory or in swap. */
static inline bool pagemap_entry_exists(uint64_t entry)
{
	return (entry & (PM_PRESENT | PM_SWAP)) && !(entry & PM_GUARD_REGION);
}

/*
 * The first run of pages in [start, end) that exist and of whose categories none is in
 * `without`: the kernel's own walk, which passes over holes. It may be the first part of a run: at most
 * `max` pages, 0 for all. page_size: of the machine. Return: 1; 0: there is none; negative errno,
 * -ENOTTY before Linux 6.7.
 */
int pagemap_scan(int fd, uint64_t page_size, uint64_t start, uint64_t end,
		 uint64_t without, uint64_t max, uint64_t *ret_start, uint64_t *ret_end);

/*
 * Every page of mappings in [start, end) exists: a third of the time that it takes to list them as a run. Return: 1;
 * 0: one does not; negative errno as above.
 */
int pagemap_scan_full(int fd, uint64_t page_size, uint64_t start, uint64_t end);

struct pagemap_range {
	uint64_t start, end;
};

/*
 * Runs of pages that exist in [start, end), the first ones, at most n, of at most `max` pages in all, 0 for any number;
 * two may touch. *ret_end: up to where was looked. Return: how many; negative errno as above.
 */
int pagemap_scan_many(int fd, uint64_t page_size, uint64_t start, uint64_t end,
		      uint64_t max, struct pagemap_range *ret, size_t n,
		      uint64_t *ret_end);

/*
 * The same page by page, by entries. What is not there (the end of the address space, a process
 * that is gone) reads as absent. Return: 1 or 0.
 */
int pagemap_walk(int fd, uint64_t page_size, uint64_t start, uint64_t end, uint64_t max,
		 uint64_t *ret_start, uint64_t *ret_end);

/* n entries from a page on. */
void pagemap_entries(int fd, uint64_t page, uint64_t *ret, size_t n);
