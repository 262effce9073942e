/* SPDX-License-Identifier: MIT */
/*
 * Names of mappings as /proc/PID/maps has them (fs/proc/task_mmu.c, show_map_vma): [heap],
 * [stack], [anon:...], paths. NT_FILE names files only. The text may be cut or missing: then
 * names are missing.
 */
#pragma once

#include "filter/bytes.h"

struct named {
	uint64_t start, end;
	uint64_t offset; /* in the file; 0 of other memory */
	struct bytes name; /* in the text, the kernel's escapes as they are; not empty */
};

struct names {
	struct named *named; /* by address, as the kernel writes them */
	size_t count;
	bool cut; /* the caller's: the text was longer */
};

/* text must outlive ret. Lines that are none are passed over. Return: 0 or -ENOMEM. */
int names_read(struct bytes text, struct names *ret);
void names_done(struct names *names);

/* The name of the mapping that holds an address; empty (p NULL) if there is none. */
struct bytes names_at(const struct names *names, uint64_t address);
