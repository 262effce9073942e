/* SPDX-License-Identifier: MIT */
/*
 * Where the kernel put the strings of arguments and environment. What is there is in other places,
 * too: NT_PRPSINFO, /proc/PID/cmdline and /proc/PID/environ are copies of it.
 */
#pragma once

#include "filter/core.h"
#include "filter/hints.h"
#include "filter/notes.h"

/*
 * Above the auxiliary vector the kernel puts AT_RANDOM's bytes, AT_PLATFORM, then the strings of
 * arguments and environment, AT_EXECFN, to the end of the stack (fs/exec.c,
 * binfmt_elf.c, create_elf_tables). Return: false if the core does not tell where.
 */
bool strings_find(const struct core *core, const struct notes *notes, uint64_t *ret_start,
		  uint64_t *ret_end);

/*
 * Whether a secret is among them, or may be: the hints cannot be read, or nobody knows where the
 * strings are. Then the copies are secrets, too.
 */
bool strings_are_secret(const struct core *core, const struct notes *notes,
			const struct hints *hints);
