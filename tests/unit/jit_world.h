/* SPDX-License-Identifier: MIT */
/*
 * A process with a module that has gdb's JIT interface: a descriptor and a list of three entries. In pages: 10-14
 * program headers, PT_DYNAMIC and r_debug, 20-30 link_maps, 30-34 the module's PT_DYNAMIC, hash table, symbols and
 * strings, 34-37 another module's, 3a-41 descriptors, 50-60 entries, 100-400 object files.
 */
#pragma once

#include "tests/unit/core_builder.h"

#define EXECUTABLE UINT64_C(0x12000) /* its PT_DYNAMIC */
#define MODULE	   UINT64_C(0x30000)
#define HASHES	   UINT64_C(0x31000)
#define SYMBOLS	   UINT64_C(0x32000)
#define STRINGS	   UINT64_C(0x33000)
#define OTHER	   UINT64_C(0x34000)
#define DESCRIPTOR UINT64_C(0x40100)
#define ENTRY(i)   (UINT64_C(0x50080) + (uint64_t)(i)*PAGE)
#define FILE_AT(i) (UINT64_C(0x100010) + (uint64_t)(i)*0x100000)
#define NOWHERE	   UINT64_C(0xdead0000)
#define TAG	   (UINT64_C(0xb4) << 56)

/* GNU's hash of "__jit_debug_descriptor": not computed here as in the code that is tested. */
#define HASH UINT64_C(0x38f3578e)

/* Of the hash table; symbols before FIRST are in no bucket. */
#define BUCKETS	  7
#define FIRST	  2
#define WORDS	  5
#define SHIFT	  5
#define POSITION  2 /* in its bucket */
#define SYMBOL(p) (FIRST + 1 + (p))

#define OTHER_AT 0x40 /* a longer name */

/* A number somewhere in there. */
enum place {
	END,
	NODE, /* words of the module's link_map */
	DYNAMIC, /* and of its PT_DYNAMIC: tag, value */
	HEAD, /* numbers of its hash table */
	FILTER,
	BUCKET,
	CHAIN,
	SYMBOL_NAME,
	SYMBOL_VALUE,
	LIST, /* words behind version and action */
	ENTRY_A,
	ENTRY_B,
	ENTRY_C,
	SIZE_A,
	SIZE_B,
	SIZE_C,
};

enum {
	L_LD = 2,
	L_NEXT = 3
};
enum {
	VALUE_HASH = 3,
	VALUE_STRINGS = 5,
	VALUE_SYMBOLS = 7
};
enum {
	LIST_FIRST = 1
};
enum {
	ENTRY_NEXT = 0,
	ENTRY_FILE = 2
};

struct lie {
	enum place place;
	uint64_t i;
	uint64_t value;
};

/*
 * All but link_maps. position: how many others of the same hash, with a longer name, are before the symbol in its
 * bucket.
 */
void jit_world_build(struct core_builder *b, uint16_t machine, uint64_t position);
/* A link_map; i: from 0 on. dynamic: MODULE, OTHER or what is no PT_DYNAMIC. */
void jit_world_node(struct core_builder *b, uint64_t i, uint64_t bias, uint64_t dynamic,
		    bool last);
void jit_world_tell(struct core_builder *b, const struct lie *lie);
void jit_world_word(struct core_builder *b, uint64_t at, uint64_t i, uint64_t value);
