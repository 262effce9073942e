/* SPDX-License-Identifier: MIT */
/*
 * What `dumpctl debug` says, on standard error, of the files that it chose: what the debugger does not see, and why;
 * what it sees unverified; what to do about it.
 */
#pragma once

#include "dumpctl/debug_choice.h"

void debug_tell(const struct debug_choices *choices, const struct record *record,
		const struct debug_places *places);
