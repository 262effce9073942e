/* SPDX-License-Identifier: MIT */
/*
 * What became of every range of the address space, and why: the drop map.
 */
#pragma once

#include "filter/ranges.h"

enum fate {
	FATE_KEPT,
	FATE_TYPE, /* of a rank that the type does not keep */
	FATE_BUDGET, /* the type's budget was spent */
	FATE_LIMIT, /* MaxSize= or RLIMIT_CORE */
	FATE_CONFIG, /* Drop= or MappingMax= */
	FATE_HINT, /* the program's own hint: drop */
	FATE_SECRET, /* the program's own hint: secret */
	FATE_SCRUBBED, /* triage: no pointer and no small number */
	FATE_FILE, /* as in the file, which a debugger reads */
	FATE_NOT_OFFERED, /* the kernel does not dump it: MADV_DONTDUMP, coredump_filter */
	FATE_LOST, /* the stream ended or the disk was full */
	FATE_COUNT,
};

struct piece {
	uint64_t start, end; /* [start, end), bytes */
	enum fate fate;
	enum rank rank; /* of what was kept or might have been; RANK_MUST: none */
};

/* One word: "kept", "type", "budget", ... and a rank's: "crash", "loader", ... */
const char *fate_name(enum fate fate);
const char *rank_name(enum rank rank);
