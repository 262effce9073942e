/* SPDX-License-Identifier: MIT */
/*
 * gdb's JIT interface (gdb manual, "JIT Compilation Interface"): __jit_debug_descriptor of a module
 * {version, action, relevant entry, first entry}, and the list of entries {next, previous, address of an
 * object file, its size}: without them frames of compiled code have no names.
 *
 * The symbol is looked up as the dynamic linker does, in DT_GNU_HASH, DT_SYMTAB and DT_STRTAB, as far as these are in
 * memory. The program can write all of it: every step is bounded, a list in a circle ends.
 */
#pragma once

#include "filter/rules.h"

/* Add the descriptors, their lists, and the newest object files. */
void jit_add(const struct view *view, struct ranges *ranges);
