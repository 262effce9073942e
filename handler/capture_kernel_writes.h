/* SPDX-License-Identifier: MIT */
/*
 * What the kernel changes in the memory of a process that ends while its memory is pinned: the word that
 * CLONE_CHILD_CLEARTID or set_tid_address(2) named for each thread (kernel/fork.c, mm_release(), where others
 * use the memory), and the words of robust futexes that a thread holds (kernel/futex/core.c,
 * exit_robust_list()). What is there before goes into an overlay.
 *
 * No call tells where the first is. glibc and musl have the thread's id and that word in one structure at the
 * thread pointer; whose id is not there is unknown. Go without C has no such word: capture_go_threads.h.
 *
 * Only pages that exist are read, so that no read hangs: what the process chose leads anywhere.
 */
#pragma once

#include "filter/notes.h"
#include "filter/space.h"
#include "handler/capture_overlay.h"
#include "handler/pagemap.h"
#include "handler/process_robust.h"

struct kernel_writes {
	int mem_fd;
	struct pagemap pagemap;
	const struct notes *notes;
	const struct space *space;
	struct overlay *overlay;
	/* capture_go_threads.c's own: how far in a struct m the thread pointer is, if one was found */
	uint64_t go_tls;
	size_t go_looks;
};

/* Up to n bytes, fewer where pages do not exist. Return: bytes. */
size_t kernel_writes_read(struct kernel_writes *writes, uint64_t address, uint8_t *to,
			  size_t n);

/* The structure of each thread. Return: threads that are unknown. */
size_t kernel_writes_threads(struct kernel_writes *writes);

/* The words of these lists. Return: false: some may be missing. */
bool kernel_writes_robust(struct kernel_writes *writes,
			  const struct process_robust *robust);

/* Return: the kernel unmaps shadow stacks as threads end. */
bool kernel_writes_shadow_stacks(struct bytes notes);
