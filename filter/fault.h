/* SPDX-License-Identifier: MIT */
/*
 * What kind of fault ended the process, as far as registers, signal and mappings say it for certain, or say
 * that it is likely where that is so called.
 */
#pragma once

#include "filter/core.h"
#include "filter/memory.h"
#include "filter/notes.h"

enum fault {
	FAULT_UNKNOWN, /* nothing beyond what signal and code say */
	FAULT_STACK_OVERFLOW, /* of the crashing thread, also if a handler went on on another stack */
	FAULT_NO_SIGNAL_FRAME, /* SI_KERNEL, and SP is in no memory that can be written */
	FAULT_NON_CANONICAL, /* SI_KERNEL on x86, and SP is sound: likely such an address */
	FAULT_COUNT,
};

/* memory: may be NULL, then what a handler interrupted is not looked for. */
enum fault fault_of(const struct core *core, const struct notes *notes,
		    const struct memory *memory);

/* "stack-overflow", ...; "" for FAULT_UNKNOWN. */
const char *fault_name(enum fault fault);
