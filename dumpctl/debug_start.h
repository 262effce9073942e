/* SPDX-License-Identifier: MIT */
/*
 * The debugger, from its start to its end.
 *
 * No shell, and no signal handlers: INT, TERM, HUP and CHLD are blocked and waited for, so that there is no moment at
 * which the temporary files could be forgotten.
 */
#pragma once

#include "dumpctl/debug_command.h"
#include "dumpctl/debug_reach.h"
#include "dumpctl/debug_rights.h"
#include "dumpctl/debug_sysroot.h"

struct debug_start {
	const struct debug_command *command;
	const struct debug_rights *rights;
	const struct debug_reach *reach;
	struct debug_sysroot *temporary; /* removed at once when the caller is to end */
};

/* Return: the debugger's exit status, 128 and the signal, or VERB_FAILED after a message. */
int debug_start(const struct debug_start *start) _must_check_;
