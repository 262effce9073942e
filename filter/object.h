/* SPDX-License-Identifier: MIT */
/*
 * What the program headers of a mapped object tell (gABI chapter 5), read through the window.
 * Where they cannot be read, nothing is known.
 */
#pragma once

#include "filter/rules.h"

struct object {
	uint64_t bias; /* what is added to p_vaddr */
	uint64_t dynamic; /* address of PT_DYNAMIC; 0: none */
	uint64_t dynamic_size;
	uint64_t tls_size; /* p_memsz of PT_TLS; 0: none */
	uint64_t
		build_id; /* address of the note segment with NT_GNU_BUILD_ID; 0: none found */
	unsigned int note_segments; /* PT_NOTEs, as far as they were counted */
};

/* The area is the first page of a file: where an object begins. */
bool object_begins(const struct view *view, const struct area *area);

/* The object whose ELF header is at base. Return: false if it cannot be read. */
bool object_read(const struct view *view, uint64_t base, struct object *ret);

/*
 * The executable by its program headers (AT_PHDR, AT_PHNUM), as the kernel told the linker:
 * its bias comes from PT_PHDR. Return: false if they cannot be read.
 */
bool object_read_executable(const struct view *view, struct object *ret);
