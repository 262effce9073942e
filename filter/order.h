/* SPDX-License-Identifier: MIT */
/*
 * What goes out first: what is kept in the order of its rank, so that whatever ends a dump early
 * (Deadline, a full disk, SIGKILL) takes what a debugger needs least.
 *
 * Program headers ascend by address, as the ABI asks for (gABI, chapter 5); p_offset need not. But
 * elfutils takes a program header that goes on where the one before ends in memory to go on there in the
 * file, too, if its p_offset is not higher (libdwfl/core-file.c, do_more()), and lldb reads nothing
 * across two of them that are apart in the file. So a mapping is taken apart only around stacks, not
 * around what else matters in a heap, and around what may have to be waited for (filter/distant.h).
 */
#pragma once

#include "filter/notes.h"
#include "filter/ranges.h"
#include "filter/space.h"

/*
 * Ranges: disjoint, by address, all of them kept. They come out as what gets a program header each:
 * in one mapping, by address, not overlapping, with the rank at which it goes out. May fail:
 * see ranges->failed.
 */
void order_ranges(const struct space *space, const struct notes *notes,
		  struct ranges *ranges);
