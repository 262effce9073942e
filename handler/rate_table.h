/* SPDX-License-Identifier: MIT */
/*
 * The counts of handler/rate.h: entries of a fixed size and number. Each has a checksum, and one that is
 * wrong is free. Pure.
 *
 * Who has many programs does not take entries from others: a user has RATE_SHARE at most, and
 * where all are taken, who has most of them gives up the one that crashed longest ago. An entry
 * that has crashes to tell of is never given up.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

#define RATE_PROGRAMS 256
#define RATE_USERS    64
#define RATE_SHARE    32
#define RATE_NAME     104

#define RATE_ROOT 0

struct rate_entry {
	uint64_t sum; /* of all that follows */
	uint64_t key; /* of rate_key(); 0: a user's entry */
	int64_t user; /* for whom it counts; -1 unknown */
	int64_t uid; /* of the program; a user's entry: as user */
	int64_t start; /* of the period, µs of CLOCK_BOOTTIME; 0: the entry is free */
	int64_t last; /* crash */
	int64_t told; /* of it, by a record over the limit; 0: not yet */
	uint64_t dumps, mini, over; /* crashes in this period, by what they got */
	uint64_t pending; /* crashes that no record is written of yet */
	char name[RATE_NAME]; /* for people: the executable's path, or its end */
};

/* The file "rates" of the runtime directory is this. */
struct rate_table {
	uint64_t magic; /* changes with the layout */
	struct rate_entry programs[RATE_PROGRAMS];
	struct rate_entry users[RATE_USERS];
};

/* Empty. */
void rate_table_init(struct rate_table *table);

/*
 * A table out of a file. Entries whose checksum is wrong become free. Return: is it a table at
 * all? If not, it is empty now.
 */
bool rate_table_check(struct rate_table *table);

/* Seal an entry that was changed. */
void rate_entry_seal(struct rate_entry *entry);

/* A program's key, never 0. group: of struct rate_who. NULL: as "". */
uint64_t rate_key(const char *exe, const char *group, int64_t uid) _must_check_;

/*
 * The entry of a program (key) or of a user (key 0), a new one where there is none; its period
 * is begun anew if it is over. Return: NULL: none can be had, for all have crashes to tell of.
 */
struct rate_entry *rate_entry_get(struct rate_table *table, uint64_t key, int64_t user,
				  int64_t now, int64_t period) _must_check_;

/* The same if it is there, as it is. */
struct rate_entry *rate_entry_find(struct rate_table *table, uint64_t key,
				   int64_t user) _must_check_;
