/* SPDX-License-Identifier: MIT */
/*
 * Types of dumps: a rank limit and a budget.
 */
#pragma once

#include "filter/ranges.h"

struct type {
	const char *name;
	bool memory; /* false: a record only */
	enum rank rank_max;
	uint64_t budget; /* bytes of memory of a rank above RANK_GLOBAL */
	bool verbatim; /* the kernel's core, bit for bit */
};

/* By the name that dumpd.conf(5) uses; NULL if there is none. */
const struct type *type_find(const char *name);
/* The next richer type, for when less cannot be told apart; `full` is its own. */
const struct type *type_richer(const struct type *type);
