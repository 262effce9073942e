/* SPDX-License-Identifier: MIT */
/*
 * The modules of a process: its mapped ELF files, by NT_FILE (or, where the kernel left that out as
 * too large, by /proc/PID/maps), each with its build-id. A module begins where a file is mapped
 * from its start and an ELF header is there; the mappings of the same file behind it are its own.
 */
#pragma once

#include "filter/module_build_id.h"
#include "filter/names.h"
#include "filter/notes.h"

struct module {
	uint64_t start, end; /* [start, end): from its first mapping to its last */
	struct bytes path; /* as NT_FILE has it: in the notes, or in the text of names */
	struct build_id build_id;
	bool executable; /* AT_PHDR is in it: what the kernel started */
};

struct modules {
	struct module *list; /* by address */
	size_t count;
	size_t left_out; /* beyond the most that are looked at, or that the caller wanted */
};

/*
 * names: where there is no NT_FILE; may be NULL. memory may be NULL: then no build-id can be read.
 * Return: 0 or -ENOMEM.
 */
int modules_read(const struct notes *notes, const struct names *names,
		 const struct memory *memory, size_t most, struct modules *ret);
void modules_done(struct modules *modules);

/* The module that holds an address, or NULL. */
const struct module *modules_at(const struct modules *modules, uint64_t address);
