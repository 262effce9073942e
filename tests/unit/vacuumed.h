/* SPDX-License-Identifier: MIT */
/*
 * A store with dumps of any age, of which some are removed by store/vacuum.h.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "store/record.h"
#include "store/vacuum.h"

#define DAY INT64_C(86400)
#define NOW (INT64_C(1700000000) * 1000000)

int vacuumed_open(const char *path);

/* It was written this many days before NOW. */
void vacuumed_age(int store, const char *name, int64_t days);

/* A dump of a crash, by its fixed part alone: the JSON of the record, which is another's, is not read. */
void vacuumed_put_crash(const char *path, const char *name, const struct record *record,
			int64_t days);

/* Of a user and an executable. */
void vacuumed_put(const char *path, const char *name, unsigned int uid, const char *exe,
		  int64_t days);

bool vacuumed_there(const char *path, const char *name);

/* What may stay, and what became of the rest. */
struct trial {
	struct settings settings;
	struct vacuum_result result;
	bool exact;
	char gone[512]; /* "name:reason ...", in the order of removal */
};

/* Nothing has to go. */
void vacuumed_limitless(struct trial *t);

/* most, dry_run: as a vacuum_job has them. */
void vacuumed_run(const char *path, struct trial *t, bool dry_run, size_t most);
