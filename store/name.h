/* SPDX-License-Identifier: MIT */
/*
 * Facts -> file name. Pure.
 */
#pragma once

#include <stdbool.h>

#include "base/cleanup.h"
#include "store/record.h"

#define NAME_SUFFIX ".zst"

/* NAME_MAX, less ".zst" and the "-999" of a name that is taken, and some room. */
#define NAME_MAX_STEM 200

/*
 * What core(5) knows and a record does not: ids as the process' own PID namespace counts.
 */
struct name_facts {
	const struct record *record;
	int64_t namespace_pid; /* %p; RECORD_UNKNOWN: as %P */
	int64_t namespace_tid; /* %i */
};

/*
 * Expand a template of core(5)'s specifiers plus %B (boot id) and %T (timestamp in µs).
 * Values are escaped by escape_name(); what is not known becomes "unknown". Whatever the
 * template, the result matches ^[A-Za-z0-9_.+%@:,=-]{1,200}$ and does not begin with '.'.
 * Return: a new string without ".zst", NULL without memory.
 */
char *name_expand(const char *template, const struct name_facts *facts) _must_check_;

/* What a file in the store may be by its name: a dump, which is never hidden. */
bool name_is_dump(const char *name);
