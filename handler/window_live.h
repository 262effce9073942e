/* SPDX-License-Identifier: MIT */
/*
 * The window on a process that the kernel holds: pages out of /proc/PID/mem, and only those
 * that /proc/PID/pagemap names. Reading another would fault it in: the process would grow,
 * and a file be read from a disk that may hang.
 *
 * The parent opened both as root; the rights were checked then (fs/proc/base.c, mem_open).
 */
#pragma once

#include "filter/memory.h"
#include "handler/page_cache.h"
#include "handler/pagemap.h"

struct window_live {
	struct memory memory; /* for the rules; its context is this struct, which stays */

	/* its own */
	int mem_fd;
	struct pagemap pagemap;
	struct page_cache cache;
};

/*
 * The descriptors stay the caller's. zeros: a page of anonymous memory that does not exist is zeros, as no
 * userfaultfd(2) fills it. Return: 0 or -ENOMEM.
 */
int window_live_open(int mem_fd, int pagemap_fd, bool zeros, struct window_live *ret);
void window_live_close(struct window_live *window);

/*
 * The process has ended since. What was read before is true; but its memory may have looked
 * empty at any time in between.
 */
bool window_live_gone(const struct window_live *window);
