/* SPDX-License-Identifier: MIT */
/*
 * The address space of the crashed process as the program headers tell it: PT_LOADs by
 * address, each with what backs it.
 */
#pragma once

#include "filter/core.h"
#include "filter/notes.h"

enum backing {
	BACKING_ANONYMOUS, /* private: heap, stacks, .bss tails */
	BACKING_FILE, /* named by NT_FILE, a debugger can read the file */
	BACKING_SHARED, /* shared memory: /dev/zero, memfd, SysV; there is no file to read */
};

struct area {
	const struct segment *segment;
	uint64_t start, end; /* [start, end): vaddr, vaddr + memsz */
	uint64_t content_end; /* vaddr + filesz: up to here the core has bytes */
	enum backing backing;
	/* Bits, as there may be 100,000 areas. */
	bool is_vdso : 1;
	bool has_file : 1; /* of BACKING_FILE: a debugger can open it by its name */
	bool is_data : 1; /* of a file that is no module: see data_files.h */
	bool is_classes : 1; /* of such a file, which is kept whole: see data_files.c */
	bool is_cut : 1; /* and that a debugger must not read, for it was changed and not kept */
	bool is_nowhere : 1; /* of such a file, and a debugger cannot open it: it would show zeros */
};

struct space {
	struct area *areas; /* by address, not overlapping */
	size_t count;
};

/* A debugger takes what the core does not have of it for a file's. */
static inline bool area_is_file(const struct area *area)
{
	return area->backing == BACKING_FILE && !area->is_cut && !area->is_nowhere;
}

/* Of one PT_LOAD with memory, as space_build() makes it. */
void space_area(const struct notes *notes, const struct segment *segment,
		struct area *ret);

/* Return: 0 or -ENOMEM. */
int space_build(const struct core *core, const struct notes *notes, struct space *ret);
void space_done(struct space *space);

/* The area that holds an address, or NULL. */
const struct area *space_at(const struct space *space, uint64_t address);
/* The first area that ends above an address, or NULL. */
const struct area *space_above(const struct space *space, uint64_t address);
