/* SPDX-License-Identifier: MIT */
/*
 * Private anonymous memory that was never touched: the process would read zeros there, and so does a
 * debugger from a program header without content (p_filesz 0), as in the kernel's core. No page of it is in
 * the page map; memory that has pages and is not in the dump has no header, and cannot be accessed.
 *
 * Huge pages may be shared, and are none of it; nor is what lies below the vdso, which is the kernel's.
 *
 * Where userfaultfd(2) fills pages an absent one is no zeros: then the window does not tell which are there.
 */
#pragma once

#include "filter/rules.h"

/* Program headers: as many bytes as 56 pages. */
#define UNTOUCHED_MAX 4096

/*
 * kept: disjoint, by address. Adds what lies between, in no two areas at once, by address. Sets findings->pieces if
 * there is more, and ->no_files if the
 * kernel left NT_FILE out (kernel.core_file_note_size_limit; 65,536 mappings reach its default): then it adds nothing.
 */
void untouched_find(const struct view *view, const struct ranges *kept,
		    struct spans *ret);
