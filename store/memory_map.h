/* SPDX-License-Identifier: MIT */
/*
 * The drop map: what became of every range of the crashed process' memory, and why. This
 * file knows its bytes, not what the words in it mean, and reads them without believing them.
 *
 * Version 1, little endian, compressed in a frame of its own (store/frame.h):
 *
 *   u32 MEMORY_MAP_MAGIC, u32 version, u32 words, u32 names, u32 entries
 *   words, each:    u16 length, that many of a-z and '-', at most MEMORY_MAP_WORD_MAX
 *   names, each:    u16 length, that many bytes, not NUL: a path, [heap], [anon:...]
 *   entries, each:  u64 gap, u64 size, u32 name + 1 (0: none), u8 fate, u8 rank (words),
 *                   u8 flags, u8 0
 *
 * Entries are by address and do not overlap: a gap is from the end of the one before, for the
 * first one from 0, and so mappings in a row look alike to a compressor. What no entry names
 * was no memory.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

#define MEMORY_MAP_MAGIC   0x70614d64u /* "dMap" */
#define MEMORY_MAP_VERSION 1

/* Of the encoded map: two million ranges. */
#define MEMORY_MAP_MAX	    (64u << 20)
#define MEMORY_MAP_WORD_MAX 31
#define MEMORY_MAP_WORDS    64

#define MEMORY_MAP_HEADER 20
#define MEMORY_MAP_ENTRY  24

/* Flags: permissions as program headers have them (PF_X, PF_W, PF_R), and: */
#define MEMORY_MAP_EXECUTE 0x01
#define MEMORY_MAP_WRITE   0x02
#define MEMORY_MAP_READ	   0x04
#define MEMORY_MAP_FIRST   0x10 /* the first range of a mapping */

#define MEMORY_MAP_NO_NAME UINT32_MAX

struct memory_map_entry {
	uint64_t start, end; /* [start, end), bytes */
	uint32_t name; /* of names, or MEMORY_MAP_NO_NAME */
	uint8_t fate, rank; /* of words */
	uint8_t flags;
};

/* Texts without a NUL inside, each malloced. */
struct memory_map_texts {
	char **texts;
	size_t count, capacity;
};

struct memory_map {
	struct memory_map_entry *entries; /* by address */
	size_t count, capacity;
	struct memory_map_texts words, names;
	size_t size; /* bytes when encoded, without MEMORY_MAP_HEADER */
};

/* Where a range comes from and what it is called; name may hold any bytes but NUL. */
struct memory_map_range {
	uint64_t start, end;
	const char *fate, *rank;
	const void *name;
	size_t name_size; /* 0: none */
	uint8_t flags;
};

/*
 * Add a range behind all others; start with {0}. Return: 0; -EINVAL: it is not behind them, or
 * a text is not to be encoded; -E2BIG: above MEMORY_MAP_MAX; -ENOMEM.
 */
int memory_map_add(struct memory_map *map,
		   const struct memory_map_range *range) _must_check_;
void memory_map_done(struct memory_map *map);
#define _cleanup_memory_map_ _cleanup_(memory_map_done)

/* Return: 0 or -ENOMEM. */
int memory_map_encode(const struct memory_map *map, uint8_t **ret,
		      size_t *ret_n) _must_check_;
/* Hostile by assumption. Return: 0, -EBADMSG (or of a later version), -ENOMEM. */
int memory_map_decode(const uint8_t *p, size_t n, struct memory_map *ret) _must_check_;

static inline const char *memory_map_fate(const struct memory_map *map,
					  const struct memory_map_entry *entry)
{
	return map->words.texts[entry->fate];
}

static inline const char *memory_map_rank(const struct memory_map *map,
					  const struct memory_map_entry *entry)
{
	return map->words.texts[entry->rank];
}

/* NULL: none. */
static inline const char *memory_map_name(const struct memory_map *map,
					  const struct memory_map_entry *entry)
{
	return entry->name == MEMORY_MAP_NO_NAME ? NULL : map->names.texts[entry->name];
}
