/* SPDX-License-Identifier: MIT */
/*
 * The table of a core's program headers: how many there are, and what each may say. For core.c, which keeps
 * them, and core_scan.c, which looks at one after the other.
 */
#pragma once

#include "filter/elf.h"

/*
 * How many there are; first is the first of them. Return: NULL, or what is wrong (static text).
 *
 * With PN_XNUM the number stands at the end of the stream, too late. But the kernel puts PT_NOTE first, and its
 * contents directly behind the program headers.
 */
const char *core_table_count(const struct elf_header *header, const struct segment *first,
			     uint64_t *ret);

/* What is wrong with one (static text), or NULL: then neither of its ends wraps. */
const char *core_table_problem(unsigned int word, const struct segment *segment);
