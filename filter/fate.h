/* SPDX-License-Identifier: MIT */
/*
 * What became of every range of the address space, and why: the drop map.
 */
#pragma once

#include "filter/ranges.h"

struct piece {
	uint64_t start, end; /* [start, end), bytes */
	enum fate fate;
	enum rank rank; /* of what was kept or might have been; RANK_MUST: none */
};

/* One word: "kept", "type", "budget", ... and a rank's: "crash", "loader", ... */
const char *fate_name(enum fate fate);
const char *rank_name(enum rank rank);
