/* SPDX-License-Identifier: MIT */
/*
 * What lies at each place of a core: the parts of a process' memory, in the order of the core. For the files
 * handler/source_*.c alone; others use handler/source_memory.h.
 */
#pragma once

#include "base/cleanup.h"
#include "filter/core.h"
#include "filter/names.h"
#include "filter/notes.h"
#include "filter/spans.h"
#include "handler/source_witness.h"

/* What lies at a place of the core. */
enum content {
	CONTENT_ZEROS, /* padding */
	CONTENT_ANONYMOUS, /* pages that do not exist are zeros */
	CONTENT_FILE, /* pages that do not exist are loaded */
	CONTENT_VDSO, /* the kernel's own pages, which the page map does not show */
	CONTENT_UNKNOWN, /* only the kernel has it */
	CONTENT_TRAILER, /* the number of program headers, behind all memory */
};

struct part {
	uint64_t offset, size; /* in the core */
	uint64_t address;
	enum content content;
};

struct source_memory {
	int mem_fd, pagemap_fd; /* the caller's */
	uint64_t page_size;
	struct part *parts; /* by offset, without gaps */
	size_t count;
	uint8_t trailer[64]; /* elf_xnum_write() */
	struct spans pages; /* that exist, by address, joined */
	bool has_pages; /* these are all */
	struct source_witness witness;
};

/* Return: 0; -ENOTSUP: this is no core as the kernel lays them out; or -ENOMEM. */
int source_parts_add(const struct core *core, const struct notes *notes,
		     const struct names *names,
		     struct source_memory *memory) _must_check_;

/* The part that an offset of the core is in, or NULL. */
const struct part *source_part_at(const struct source_memory *memory, uint64_t offset);
