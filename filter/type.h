/* SPDX-License-Identifier: MIT */
/*
 * Types of dumps: which ranks, and a budget.
 */
#pragma once

#include "filter/ranges.h"

/* fnmatch(3) patterns on the names of mappings. */
struct globs {
	const char *const *globs;
	size_t count;
};

struct type {
	const char *name;
	bool memory; /* false: a record only */
	uint32_t ranks; /* RANK_BIT of each that is kept */
	/*
	 * Bytes of hints and of what is of a rank above RANK_GLOBAL. What all that is kept should
	 * come to when compressed follows from it, see budget_packed().
	 */
	uint64_t budget;
	/*
	 * Where all private memory is kept: the budget with which pointees in other memory are looked for, so that
	 * nothing is missing that a type with less has; 0: they are not.
	 */
	uint64_t elsewhere;
	uint64_t mapping_max; /* of one mapping, at most, of ranks above RANK_POINTEE */
	bool verbatim; /* the kernel's core, bit for bit, but see by_rank of plan.h */
	bool scrub; /* of memory without a file only what looks like pointers and small numbers */
	struct globs keep; /* mappings that rank as hints */
	struct globs
		drop; /* mappings of which only what a debugger cannot do without stays */
};

/* No budget ends what it keeps of private memory; Drop= may. */
bool type_has_all_private(const struct type *type);

/* By the name that dumpd.conf(5) uses; NULL if there is none. */
const struct type *type_find(const char *name);
