/* SPDX-License-Identifier: MIT */
/*
 * Which build of a program a module is: the desc of its NT_GNU_BUILD_ID note (ld(1), --build-id),
 * found by the program headers of the module itself, in memory or in a file. Both are read by
 * the same rules, so that they can be compared.
 *
 * The crashed program may have written what it likes there: what does not fit together is no
 * build-id, and the state says what is wrong with it.
 */
#pragma once

#include <stdbool.h>

#include "filter/memory.h"

/* Bytes of a build-id: --build-id=0x... may be short; fast, md5, uuid and sha1 have 8 to 20. */
#define BUILD_ID_MIN 4
#define BUILD_ID_MAX 64

enum build_id_state {
	BUILD_ID_FOUND,
	BUILD_ID_NONE, /* the module has no such note */
	BUILD_ID_UNREAD, /* its headers, or its notes, cannot be read */
	BUILD_ID_BAD_SIZE, /* shorter, or longer, than one is, or beyond its segment */
	BUILD_ID_BAD_PLACE, /* its segment is outside of the module */
	BUILD_ID_TWO, /* there are two, and they differ */
	BUILD_ID_STATES,
};

struct build_id {
	enum build_id_state state;
	uint8_t n; /* 0 unless found */
	uint8_t bytes[BUILD_ID_MAX];
};

/* Of a module whose ELF header is at base, and whose last mapping ends at end. */
void build_id_of_module(const struct memory *memory, uint64_t base, uint64_t end,
			struct build_id *ret);

/*
 * Bytes from a module's ELF header to the end of its last PT_LOAD, .bss included; 0: its headers
 * cannot be read.
 */
uint64_t module_span(const struct memory *memory, uint64_t base);

/* Of a file of `size` bytes; an address of the window is an offset in the file. */
void build_id_of_file(const struct memory *file, uint64_t size, struct build_id *ret);

/* Both are known, and the same. */
bool build_id_same(const struct build_id *a, const struct build_id *b);
