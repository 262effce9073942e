/* SPDX-License-Identifier: MIT */
#include "filter/fate.h"

const char *fate_name(enum fate fate)
{
	static const char *const names[FATE_COUNT] = {
		[FATE_KEPT] = "kept",		[FATE_TYPE] = "type",
		[FATE_BUDGET] = "budget",	[FATE_PACKED] = "packed",
		[FATE_LIMIT] = "limit",		[FATE_CONFIG] = "config",
		[FATE_HINT] = "hint",		[FATE_SECRET] = "secret",
		[FATE_SCRUBBED] = "scrubbed",	[FATE_FILE] = "file",
		[FATE_UNTOUCHED] = "untouched", [FATE_NOT_OFFERED] = "not-offered",
		[FATE_LOST] = "lost",
	};

	return names[fate];
}

const char *rank_name(enum rank rank)
{
	static const char *const names[RANK_DISTANT + 1] = {
		[RANK_MUST] = "none",	    [RANK_CRASH] = "crash",
		[RANK_LOADER] = "loader",   [RANK_OBJECT] = "object",
		[RANK_HINT] = "hint",	    [RANK_THREAD] = "thread",
		[RANK_GLOBAL] = "global",   [RANK_RUNTIME] = "runtime",
		[RANK_POINTEE] = "pointee", [RANK_FAR_STACK] = "farstack",
		[RANK_PRIVATE] = "private", [RANK_DEAD_STACK] = "deadstack",
		[RANK_SHARED] = "shared",   [RANK_REST] = "rest",
		[RANK_DISTANT] = "distant",
	};

	return names[rank];
}
