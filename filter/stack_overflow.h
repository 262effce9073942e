/* SPDX-License-Identifier: MIT */
/*
 * Has the crashing thread used up its stack? Its stack is the mapping of its thread pointer (glibc's and musl's
 * thread structures are at a stack's upper end), of the initial thread that of AT_RANDOM. Below it is a mapping
 * without permissions, or at its low end pages of MADV_GUARD_INSTALL, or for the initial thread nothing: the kernel keeps a gap there (stack_guard_gap, mm/mmap.c)
 * when RLIMIT_STACK is reached.
 */
#pragma once

#include "filter/core.h"
#include "filter/memory.h"
#include "filter/notes.h"

/*
 * An access to `address` with this stack pointer is one below the end of the thread's stack. absent: the kernel says
 * that nothing is mapped there (SEGV_MAPERR).
 */
bool stack_overflow_at(const struct core *core, const struct notes *notes,
		       uint64_t address, uint64_t sp, bool absent);

/*
 * The thread is in a handler on an alternate signal stack, and what that interrupted is such an access. x86-64
 * alone: its signal frame has address and trap number.
 */
bool stack_overflow_interrupted(const struct core *core, const struct notes *notes,
				const struct memory *memory);
