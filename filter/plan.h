/* SPDX-License-Identifier: MIT */
/*
 * The plan: which bytes of the core stay, where they go, and the new headers. Rules add
 * ranges with a rank; the plan takes them in rank order until type and limit are spent.
 *
 * In the new core, memory that was dropped has no program header if it is anonymous (one with
 * p_filesz 0 would make gdb print zeros) or of a file that nobody can open, and keeps p_filesz 0 if a file has it.
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
	uint32_t
		segment; /* of the new core that it fills; until what is blanked is cut out */
	enum rank rank : 8; /* by which it goes out; RANK_MUST: as it comes in */
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
	const struct spans *
		distant; /* what may have to be waited for: distant.h; may be NULL: nothing */
	uint64_t max_memory; /* bytes of memory that may stay at all */
	uint64_t room; /* bytes that it may come to when compressed; 0: no limit */
	/*
	 * The input can be read at any place: then what matters most goes out first (filter/order.h).
	 * A type that is the kernel's core keeps its order, unless some of it may have to be waited for: then all of
	 * it is kept, and no more.
	 */
	bool by_rank;
};

#define PLAN_REASONS_MAX 8

struct plan {
	bool verbatim; /* all input behind the header bytes stays, to its end */
	uint8_t *header; /* first bytes of the new core: headers, notes, padding */
	size_t header_size;
	bool by_rank; /* see plan_input */
	/* In the order in which they go out, not overlapping; by input offset, or by rank. None if verbatim. */
	struct extent *extents;
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
	/* For plan_cut(): mappings of files that are read by NT_FILE, by address, and room for notes. */
	struct space data_files;
	uint8_t *notes_room;
	/* Of a plan by rank: where extents begin in the new core, and room for plan_follow(). */
	uint64_t *places, *new_places;
	struct extent *moved;
};

/* Return: 0 or -ENOMEM. */
int plan_make(const struct plan_input *input, struct plan *ret);

/*
 * Of a core that was written by a plan before, for plan_cut(). header: all that comes before memory. Return: 0 or
 * -ENOMEM.
 */
int plan_found(const struct core *core, const struct notes *notes, struct bytes header,
	       struct plan *ret);

/* Zero what is to be blanked in n bytes at p that came from an offset of the input. */
void plan_blank(const struct plan *plan, uint64_t offset, uint8_t *p, size_t n);

/*
 * Of a plan by rank: the input cannot be read at any place any more, from the first `size` bytes of
 * the new core on, but all the rest of it comes in order, as out of a pipe of which nothing was read yet.
 *
 * plan_rest(): what is left, by input offset, at most plan->extent_count extents. plan_follow()
 * makes a plan of it; the plan is written by the caller's thread only, so that another may go on
 * by plan_rest() meanwhile. Then plan_header_again(), which changes plan->header, and the trailer.
 */
size_t plan_rest(const struct plan *plan, uint64_t size, struct extent *ret);
void plan_follow(struct plan *plan, uint64_t size);
void plan_header_again(struct plan *plan);

/*
 * Memory ended early: only the first `size` bytes of the new core are there (at least
 * header_size). Changes the header to one of the same length that is true, and the trailer
 * and size. The rest of the new core is to be left away.
 */
void plan_cut(struct plan *plan, uint64_t size);

void plan_done(struct plan *plan);
