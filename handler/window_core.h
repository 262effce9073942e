/* SPDX-License-Identifier: MIT */
/*
 * The window on a recorded core: what its PT_LOADs hold. Where a core has no bytes (p_filesz
 * ends, the file is cut) there is nothing. Which pages of files were changed it cannot tell.
 */
#pragma once

#include <sys/types.h>

#include "filter/core.h"
#include "filter/memory.h"
#include "filter/spans.h"
#include "handler/page_cache.h"
#include "handler/source.h"

struct window_core {
	struct memory memory; /* for the rules; its context is this struct, which stays */

	/* its own */
	source_pread pread;
	void *context;
	const struct spans *untouched;
	struct segment *segments; /* with bytes, by address */
	size_t count;
	struct page_cache cache;
};

/* core is read whole, headers and all, and not needed afterwards. Return: 0 or -ENOMEM. */
int window_core_open(const struct core *core, source_pread pread, void *context,
		     struct window_core *ret);
/*
 * A core's headers do not tell memory that was never touched from memory that the kernel left out. A drop map does:
 * untouched are the former's addresses, joined; the caller's, and valid until the window is closed.
 */
void window_core_know(struct window_core *window, const struct spans *untouched);
void window_core_close(struct window_core *window);

/* A source_pread for a descriptor that can seek: context is an int's address. */
ssize_t window_core_pread_fd(void *context, void *to, size_t n, uint64_t offset);
