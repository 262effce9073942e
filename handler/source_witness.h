/* SPDX-License-Identifier: MIT */
/*
 * Pages that tell whether the OOM killer takes memory away that is pinned. It kills a process, and two seconds later
 * unmaps what it had in private mappings, whoever still reads it (mm/oom_kill.c, oom_reap_task_mm()): pages that
 * existed do not any more, which looks like memory that was never touched, and others cannot be read.
 *
 * It goes through the address space in one direction, which depends on the kernel. So of a page that exists while
 * the first and the last ones still exist nothing was taken.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of both ends: a single page may go by MADV_FREE, which takes it when memory is short. */
#define SOURCE_WITNESSES 2

struct source_witness {
	size_t low_count, high_count;
	uint64_t low[SOURCE_WITNESSES], high[SOURCE_WITNESSES]; /* page numbers */
};

/*
 * A page of an area that may be one, as it exists now. from_end: areas come from the end of the address space. What
 * is of a file, or shared, stays when memory is taken.
 */
void source_witness_add(int pagemap_fd, uint64_t page, bool from_end,
			struct source_witness *witness);

/* No more are needed of this end. */
bool source_witness_is_full(const struct source_witness *witness, bool from_end);

/* Return: 0: nothing was taken yet, as far as they can tell; -ESRCH: something was; another negative errno: refused. */
int source_witness_check(int pagemap_fd,
			 const struct source_witness *witness) _must_check_;
