/* SPDX-License-Identifier: MIT */
/*
 * Which pages of a process exist: /proc/PID/pagemap (fs/proc/task_mmu.c, pagemap_read and
 * Documentation/admin-guide/mm/pagemap.rst). Asking changes nothing in the process.
 *
 * In an address space of terabytes only what is asked for is looked at, and what was seen
 * is remembered.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "handler/pagemap_runs.h"

/* Runs are asked for many at a time: to find the next one alone the kernel walks to where the one behind it begins. */
#define PAGEMAP_THERE 128u

/* What pagemap_next_there() was told last. */
struct pagemap_there {
	uint64_t start, end; /* where was looked */
	struct pagemap_range runs[PAGEMAP_THERE];
	size_t count, at; /* at: the first that may end above what was asked for last */
};

struct pagemap {
	int fd; /* the caller's */
	uint64_t page_size; /* of the machine */
	bool no_scan; /* before Linux 6.7 */

	/* its own */
	struct pagemap_there there;
	struct pagemap_block *blocks;
	struct pagemap_run *run;
	uint64_t looked; /* pages that were looked at in a row */
};

/* Return: 0 or -ENOMEM. */
int pagemap_open(int fd, struct pagemap *ret);
void pagemap_close(struct pagemap *pagemap);

/* The page of an address is in memory or in swap: reading it loads nothing from a file. */
bool pagemap_exists(struct pagemap *pagemap, uint64_t address);

/*
 * The first run of pages in [start, end) that exist, or the first part of it. Where it cannot be told, all do.
 * Return: false if there is none.
 */
bool pagemap_next_there(struct pagemap *pagemap, uint64_t start, uint64_t end,
			uint64_t *ret_start, uint64_t *ret_end);

/*
 * The first run of pages in [start, end) that exist and are not of a file: in a private
 * mapping of a file those that were changed. Where it cannot be told, all are. The ends are
 * inside [start, end). Return: false if there is none.
 */
bool pagemap_next_changed(struct pagemap *pagemap, uint64_t start, uint64_t end,
			  uint64_t *ret_start, uint64_t *ret_end);
