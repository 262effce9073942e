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
#include "filter/fate.h"
#include "filter/hints.h"
#include "filter/memory.h"
#include "filter/names.h"
#include "filter/notes.h"
#include "filter/space.h"
#include "filter/type.h"

/* One piece of the input that stays. */
struct extent {
	uint64_t offset; /* in the input */
	uint64_t size;
	size_t segment; /* of the new core that it fills */
};

/* A part of the input that is blanked (zeroed) wherever it goes: secrets, scrubbed words. */
struct blank {
	uint64_t offset; /* in the input */
	uint64_t size;
};

/* What a plan is made from. What may be NULL is not known, and rules that need it stand back. */
struct plan_input {
	const struct core *core;
	const struct notes *notes;
	const struct type *type; /* one with memory */
	const struct memory *memory; /* may be NULL */
	const struct hints *hints; /* may be NULL: none */
	const struct names *names; /* may be NULL */
	uint64_t max_memory; /* bytes of memory that may stay at all */
	uint64_t room; /* bytes that it may come to when compressed; 0: no limit */
};

#define PLAN_REASONS_MAX 8

struct plan {
	bool verbatim; /* all input behind the header bytes stays, to its end */
	uint8_t *header; /* first bytes of the new core: headers, notes, padding */
	size_t header_size;
	struct extent *extents; /* by input offset, not overlapping; none if verbatim */
	size_t extent_count;
	struct blank *blanks; /* by input offset, not overlapping */
	size_t blank_count;
	struct piece *pieces; /* the whole address space, by address: the drop map */
	size_t piece_count;
	uint64_t memory; /* bytes of memory that are planned to stay */
	uint64_t content; /* bytes behind the header: these, and what is blanked */
	bool stale; /* the limit left out changed pages of files: see limit.c */
	uint64_t
		limit; /* bytes of memory that were allowed: max_memory, or what fits room */
	uint64_t left_out; /* bytes that the type asks for and the limit did not allow */
	uint8_t trailer[64]; /* goes behind the memory: see elf_xnum_write() */
	size_t trailer_size;
	uint64_t size; /* bytes of the new core */
	const struct type *type; /* what was planned: may be richer than asked for */
	const char *reasons
		[PLAN_REASONS_MAX]; /* why it is not what was asked for; static texts */
	size_t reason_count;

	struct segment *segments; /* program headers of the new core */
	size_t segment_count;
	uint64_t phoff;
	unsigned int word;
};

/* Return: 0 or -ENOMEM. */
int plan_make(const struct plan_input *input, struct plan *ret);

/* Zero what is to be blanked in n bytes at p that came from an offset of the input. */
void plan_blank(const struct plan *plan, uint64_t offset, uint8_t *p, size_t n);

/*
 * Memory ended early: only the first `size` bytes of the new core are there (at least
 * header_size). Changes the header to one of the same length that is true, and the trailer
 * and size. The rest of the new core is to be left away.
 */
void plan_cut(struct plan *plan, uint64_t size);

void plan_done(struct plan *plan);
