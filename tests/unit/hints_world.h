/* SPDX-License-Identifier: MIT */
/*
 * A process as a reader of hints sees it: a table, some data, nothing else.
 */
#pragma once

#include "filter/hints.h"
#include "filter/hints_table.h"
#include "hints/dumpd-hints.h"

#define TABLE_AT   0x70000000u
#define TABLE_ROOM (8 * PAGE)
#define DATA_AT	   0x10000u
#define DATA_SIZE  (2 * PAGE)
#define PAGES	   (TABLE_ROOM / PAGE)

#define MEMFD "/memfd:dumpd-hints (deleted)"

#define SET(k, a, n) \
	.state = 0x700 | DUMPD_HINTS_SET, .kind = (k), .address = (a), .length = (n)

/* A process of one table and two pages of data, and what its reader did. */
struct world {
	uint8_t table[TABLE_ROOM];
	uint8_t data[DATA_SIZE];
	bool absent[PAGES]; /* of the table */
	unsigned int reads[PAGES];
	bool changing; /* after every read of the table, all of it is other bytes */
};

/* A table of no hints. */
struct world *world_new(uint32_t capacity);
void world_put(struct world *w, size_t offset, uint64_t value, size_t width);
void world_put_data(struct world *w, uint64_t address, uint64_t value, size_t width);
void world_set_entry(struct world *w, size_t i, const struct dumpd_hint *hint);

struct bytes world_text(const char *s);
/* w may be NULL: no memory. */
int world_read_files(struct world *w, unsigned int word, struct file_mapping *files,
		     size_t count, struct hints *ret);
/* Found by the lines of /proc/PID/maps, where the core's notes name no files. */
int world_read_names(struct world *w, const struct names *names, struct hints *ret);
/* The table, found and read. */
void world_read(struct world *w, unsigned int word, struct hints *ret);

void same_problem(const struct hints *hints, const char *want);
