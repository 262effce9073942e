/* SPDX-License-Identifier: MIT */
/*
 * The bytes that the kernel would write into a process' core, out of its memory: /proc/PID/mem at the
 * addresses that the core's program headers name. Only pages that exist are read.
 *
 * The kernel (fs/coredump.c, dump_user_range(); mm/gup.c, FOLL_DUMP) writes zeros for a page that an
 * anonymous mapping does not have, and for what cannot be read, such as a file's mapping behind the
 * file's end. The page of a file that is not in memory it loads.
 */
#pragma once

#include <sys/types.h>

#include "base/cleanup.h"
#include "filter/core.h"
#include "filter/names.h"
#include "filter/notes.h"
#include "filter/plan.h"
#include "filter/spans.h"

struct source_memory; /* opaque: descriptors, the memory of each segment */

/*
 * The descriptors are of a process that is certain to be the core's (handler/window.h). names: of
 * /proc/PID/maps, may be NULL. Return: 0;
 * -ENOTSUP: this is no core as the kernel lays them out; or -ENOMEM.
 */
int source_memory_open(int mem_fd, int pagemap_fd, const struct core *core,
		       const struct notes *notes, const struct names *names,
		       struct source_memory **ret) _must_check_;
void source_memory_close(struct source_memory *memory);

/*
 * Remember which pages exist, for a process that has few: what does not exist now reads as zeros from then
 * on, and nobody asks again. Without memory, or where the kernel cannot tell, or the process is gone: nothing is
 * remembered. Before any other thread uses it.
 */
void source_memory_learn(struct source_memory *memory);

/*
 * n bytes at an offset of the core, which is behind its headers and notes. Any thread. Return:
 * bytes, fewer where the core ends; or negative errno: memory cannot be had any more, and the
 * stream may have them.
 */
ssize_t source_memory_read(const struct source_memory *memory, void *to, size_t n,
			   uint64_t offset) _must_check_;

/* While the process is held: look for what tells later that its memory is taken away (source_witness.h). */
void source_memory_watch(struct source_memory *memory);
/* What was read of a process that was let go is what it had: it is all there still. Any thread. As source_believe(). */
int source_memory_whole(const struct source_memory *memory) _must_check_;

/* Whether all that a plan keeps is there: the stream is not needed. */
bool source_memory_suffices(const struct source_memory *memory, const struct plan *plan);

/* The first page that exists. Return: false if there is none. */
bool source_memory_first(const struct source_memory *memory, uint64_t *ret_address);

/* Bytes from an offset on that are zeros because nothing is there; at most `max`. 0: unknown. */
uint64_t source_memory_hole(const struct source_memory *memory, uint64_t offset,
			    uint64_t max);

/* Of n bytes from an offset on those before the first hole of at least `hole` bytes; n: none was found. */
uint64_t source_memory_data(const struct source_memory *memory, uint64_t offset,
			    uint64_t n, uint64_t hole);

/*
 * Bytes that a plan keeps and that cost something to copy: pages that exist, and all of files. UINT64_MAX if
 * they are more than `most`, or if it takes long to count them.
 */
uint64_t source_memory_kept(const struct source_memory *memory, const struct plan *plan,
			    uint64_t most);
/* Where the pages are that a plan keeps and that exist. */
struct source_pages {
	struct spans spans; /* of the core, joined; the caller's */
	uint64_t
		absent; /* bytes of file mappings without a page: reading them may block */
	bool learnt; /* what does not exist now reads as zeros from now on */
};

/* Return: false if it takes long to find them, or without memory; ret is filled in any case. */
bool source_memory_existing(const struct source_memory *memory, const struct plan *plan,
			    struct source_pages *ret);
/* Of files, and of what is as a file: shared memory. */
uint64_t source_memory_kept_files(const struct source_memory *memory,
				  const struct plan *plan);
