/* SPDX-License-Identifier: MIT */
/*
 * The table that a program maps to say what its memory is worth, as the head of
 * hints/dumpd-hints.h describes it: where it is, and its entries, whatever they mean.
 */
#pragma once

#include "filter/memory.h"
#include "filter/notes.h"

/* What hints/dumpd-hints.h writes; test_filter_hints compares them. */
#define TABLE_MAGIC	  0x544e4844u /* "DHNT" */
#define TABLE_VERSION	  1
#define TABLE_HEADER_SIZE 64
#define TABLE_ENTRY_SIZE  64

#define ENTRY_FREE 0
#define ENTRY_BUSY 1
#define ENTRY_SET  2

#define ENTRY_KEEP	   1
#define ENTRY_KEEP_POINTEE 2
#define ENTRY_DROP	   3
#define ENTRY_SECRET	   4
#define ENTRY_TEXT	   5
/* A kind with this bit hides nothing: who does not know it may ignore it. */
#define ENTRY_MAY_IGNORE 0x80

struct table_entry {
	uint8_t state, kind, priority, length_width;
	uint64_t address, length, length_at;
	char tag[24];
};

struct table {
	uint64_t start, end; /* its mapping */
	uint64_t offset; /* of its mapping in the memfd */
	uint64_t first, entry_size, capacity;
	bool clamped; /* the mapping has no room for as many entries as the table claims */
	/* the page that entries are copied from, once */
	uint64_t page;
	uint8_t bytes[PAGE];
};

/* The name of a mapping that is a table. */
bool table_is_named(struct bytes path);

/*
 * The next table at or behind the file mapping *at, which moves behind it. One that was split
 * by mprotect() is one. Return: false if there is none.
 */
bool table_next(const struct notes *notes, size_t *at, struct table *ret);

enum table_kind {
	TABLE_NONE, /* the program has not written it to its end: nothing was promised */
	TABLE_READ,
	TABLE_UNREADABLE,
};

/* Read the header. */
enum table_kind table_open(const struct memory *memory, struct table *table);

/* An entry below capacity. What was never touched is zeros: free. */
void table_entry(const struct memory *memory, struct table *table, uint64_t index,
		 struct table_entry *ret);
