/* SPDX-License-Identifier: MIT */
/*
 * A built core, planned; and what is promised of every plan, whatever is in the core:
 * - what comes out can be read back, and each byte is the one that was at that address;
 * - sizes agree; blanks are in the input's order, extents too, or by rank; they do not overlap;
 * - secrets are named by no program header, and are zeros where the file has a place for them;
 * - pieces cover the address space exactly once, and agree with the program headers.
 */
#pragma once

#include "tests/unit/core_memory.h"

struct planned {
	struct core_builder b;
	struct built file, output;
	struct core core;
	struct notes notes;
	struct core_memory window;
	struct hints hints;
	struct plan_input input; /* mini, without window, hints and limit */
	struct plan plan;
	uint64_t memory; /* bytes that the output has */
	char what[64]; /* said before a promise that is broken */
};

/* After builder_init() and the rest. What is planned from may be changed then. */
void planned_build(struct planned *p);
/* The same for a core that was not built here, whose window is the caller's. Takes the file. */
void planned_take(struct planned *p, struct built file);
/* Planned from memory too. */
void planned_look(struct planned *p);
void planned_hint(struct planned *p, struct hint *hints, size_t count);
/* Plan, and check what is promised. */
void planned_make(struct planned *p);
/* Once more, after a cut. */
void planned_again(struct planned *p);
/* The same for what is left when the output ends at a size. */
void planned_cut(struct planned *p, uint64_t size);
/* Of a plan by rank: what is behind a size goes out as the input has it. */
void planned_follow(struct planned *p, uint64_t size);
/* Both first ones, for a type's name. */
void planned_usual(struct planned *p, const char *type, uint64_t max_memory);
void planned_done(struct planned *p);

/* What is wrong with the plan or its output; NULL: nothing. */
const char *planned_problem(struct planned *p);

/* Where the output has the byte of an address, with a header for it or not; 0: nowhere. */
uint64_t planned_place(const struct planned *p, uint64_t address);
/* What a debugger is told of an address: 1 there, 0 not there, -1 it is in a file. */
int planned_told(const struct planned *p, uint64_t address);
/* What became of an address. */
const struct piece *planned_piece(const struct planned *p, uint64_t address);
void assert_fate(const struct planned *p, uint64_t address, enum fate fate,
		 enum rank rank);
/* A reason that the plan gives. */
bool planned_says(const struct planned *p, const char *part);
