/* SPDX-License-Identifier: MIT */
/*
 * The end of a crash's way: the journal entry, with the record and the long facts that only the
 * journal gets; words for a person who runs the handler; the exit code.
 */
#pragma once

#include <stdbool.h>

#include "config/settings.h"
#include "handler/exit_code.h"
#include "handler/process.h"
#include "store/record.h"

struct announcement {
	const struct record *record;
	const struct process *process;
	const struct settings *settings;
	bool to_stderr;
};

/* Where the journal cannot be told, the kernel's log is. */
enum exit_code announce(const struct announcement *announcement);
