/* SPDX-License-Identifier: MIT */
/*
 * What `dumpctl info` tells of a crash, row by row.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "store/index.h"

/* Either a member of the record, as it is, or made from several. */
struct info_row {
	const char *label;
	const char *key;
	/* A new string; "" leaves the row out, NULL is for lack of memory. */
	char *(*make)(const struct index_entry *entry);
	bool lines; /* dumpd's own lines; elsewhere a line break is the program's choice */
	const char *more; /* an option of `dumpctl info` that tells more; NULL */
};

extern const struct info_row info_rows[];
extern const size_t info_row_count;
