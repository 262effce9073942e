/* SPDX-License-Identifier: MIT */
/*
 * The plan: which bytes of the core stay, where they go, and the new headers. Rules add
 * ranges with a rank; the plan takes them in rank order until type and limit are spent.
 *
 * In the new core, memory that was dropped has no program header if it is anonymous (one with
 * p_filesz 0 would make gdb print zeros), and keeps p_filesz 0 if a file has it.
 */
#pragma once

#include "filter/core.h"
#include "filter/notes.h"
#include "filter/space.h"
#include "filter/type.h"

/* One piece of the input that stays. */
struct extent {
	uint64_t offset; /* in the input */
	uint64_t size;
	size_t segment; /* of the new core that it fills */
};

struct plan {
	bool verbatim; /* all input behind the header bytes stays, to its end */
	uint8_t *header; /* first bytes of the new core: headers, notes, padding */
	size_t header_size;
	struct extent *extents; /* by input offset, not overlapping; none if verbatim */
	size_t extent_count;
	uint64_t memory; /* bytes of memory that are planned to stay */
	bool stale; /* the limit left out changed pages of files: see choose() */
	uint64_t left_out; /* bytes that the type asks for and the limit did not allow */
	uint8_t trailer[64]; /* goes behind the memory: see elf_xnum_write() */
	size_t trailer_size;
	uint64_t size; /* bytes of the new core */
	const struct type *type; /* what was planned: may be richer than asked for */
	const char *reason; /* why richer; static text, NULL if not */

	struct segment *segments; /* program headers of the new core */
	size_t segment_count;
	uint64_t phoff;
	unsigned int word;
};

/*
 * type: one with memory. max_memory: bytes of memory that may stay at all.
 * Return: 0 or -ENOMEM.
 */
int plan_make(const struct core *core, const struct notes *notes, const struct type *type,
	      uint64_t max_memory, struct plan *ret);

/*
 * Memory ended early: only the first `size` bytes of the new core are there (at least
 * header_size). Changes the header to one of the same length that is true, and the trailer
 * and size. The rest of the new core is to be left away.
 */
void plan_cut(struct plan *plan, uint64_t size);

void plan_done(struct plan *plan);
