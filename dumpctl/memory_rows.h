/* SPDX-License-Identifier: MIT */
/*
 * A drop map as rows of a picture: one for each mapping, or for a run of mappings that are
 * alike, with a bar of cells. And sums. Pure.
 */
#pragma once

#include <stdbool.h>

#include "store/memory_map.h"

#define MEMORY_CELLS 24

/* Mappings in a row that have the same name, or none, and the same permissions: a run. */
#define MEMORY_RUN 4

/* What a cell of the bar shows. */
enum memory_look {
	LOOK_KEPT,
	LOOK_PARTLY, /* kept, not all of it */
	LOOK_SCRUBBED,
	LOOK_DROPPED,
	LOOK_SECRET,
	LOOK_LOST,
	LOOK_FILE,
	LOOK_UNTOUCHED,
	LOOK_NOT_OFFERED,
	LOOK_OTHER, /* a word of a later version */
	LOOK_COUNT,
};

struct memory_row {
	uint64_t start; /* of the first mapping */
	uint64_t size; /* of all of them */
	uint64_t kept; /* of that */
	size_t mappings;
	const char *name; /* the map's, not escaped; NULL: none */
	uint8_t flags; /* permissions, of memory_map.h */
	uint8_t cells[MEMORY_CELLS]; /* enum memory_look */
};

struct memory_rows {
	struct memory_row *rows;
	size_t count;
	size_t mappings;
};

/* all: a row for each mapping, no runs. The map must outlive ret. Return: 0 or -ENOMEM. */
int memory_rows_make(const struct memory_map *map, bool all,
		     struct memory_rows *ret) _must_check_;
void memory_rows_done(struct memory_rows *rows);
#define _cleanup_memory_rows_ _cleanup_(memory_rows_done)

/* Bytes by word of the map: those with a fate, and by rank those kept and not. */
struct memory_sums {
	uint64_t fate[MEMORY_MAP_WORDS];
	uint64_t rank_kept[MEMORY_MAP_WORDS], rank_left[MEMORY_MAP_WORDS];
	uint64_t kept, all;
};

void memory_sums_make(const struct memory_map *map, struct memory_sums *ret);

/* What a fate's word looks like. */
enum memory_look memory_look_of(const char *fate);
