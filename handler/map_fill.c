/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "filter/fate.h"
#include "handler/map_fill.h"

/* The number of the first entry that ends above an address. */
static size_t entry_above(const struct memory_map *map, uint64_t address)
{
	size_t low = 0, high = map->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (address >= map->entries[middle].end)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const char *fate_now(const char *before)
{
	bool kept = strcmp(before, fate_name(FATE_KEPT)) == 0 ||
		    strcmp(before, fate_name(FATE_SCRUBBED)) == 0;

	return kept ? fate_name(FATE_LOST) : before;
}

/* [start, end) of an entry of `map`, with these flags. */
static int add(const struct memory_map *map, const struct memory_map_entry *entry,
	       uint64_t start, uint64_t end, const char *fate, uint8_t flags,
	       struct memory_map *ret)
{
	const char *name = memory_map_name(map, entry);
	const struct memory_map_range range = {
		.start = start,
		.end = end,
		.fate = fate,
		.rank = memory_map_rank(map, entry),
		.name = name,
		.name_size = name ? strlen(name) : 0,
		.flags = flags,
	};

	return memory_map_add(ret, &range);
}

/* What `before` has of [start, end). */
static int add_before(const struct memory_map *before, uint64_t start, uint64_t end,
		      struct memory_map *ret)
{
	int r = 0;

	for (size_t i = entry_above(before, start); i < before->count && r == 0; i++) {
		const struct memory_map_entry *entry = &before->entries[i];
		uint64_t from = entry->start > start ? entry->start : start;
		uint64_t to = entry->end < end ? entry->end : end;
		uint8_t flags = entry->flags;

		if (from >= end)
			break;
		if (entry->start < start)
			flags &= (uint8_t)~MEMORY_MAP_FIRST;
		r = add(before, entry, from, to, fate_now(memory_map_fate(before, entry)),
			flags, ret);
	}
	return r;
}

/* A hole where a secret was makes two segments of one mapping. */
static uint8_t flags_of(const struct memory_map *before,
			const struct memory_map_entry *entry)
{
	size_t i = entry_above(before, entry->start);
	const struct memory_map_entry *there = i < before->count ? &before->entries[i]
								 : NULL;
	uint8_t flags = entry->flags;

	if (!there || there->start > entry->start)
		return flags;
	flags &= (uint8_t)~MEMORY_MAP_FIRST;
	if (there->start == entry->start)
		flags |= there->flags & MEMORY_MAP_FIRST;
	return flags;
}

static int fill(const struct memory_map *map, const struct memory_map *before,
		struct memory_map *ret)
{
	uint64_t done = 0;
	int r = 0;

	for (size_t i = 0; i < map->count && r == 0; i++) {
		const struct memory_map_entry *entry = &map->entries[i];

		r = add_before(before, done, entry->start, ret);
		if (r == 0)
			r = add(map, entry, entry->start, entry->end,
				memory_map_fate(map, entry), flags_of(before, entry),
				ret);
		done = entry->end;
	}
	return r == 0 ? add_before(before, done, UINT64_MAX, ret) : r;
}

int map_fill(const struct memory_map *map, const struct memory_map *before,
	     struct memory_map *ret)
{
	struct memory_map filled = { 0 };
	int r = fill(map, before, &filled);

	if (r < 0)
		memory_map_done(&filled);
	else
		*ret = filled;
	return r;
}
