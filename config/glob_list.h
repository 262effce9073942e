/* SPDX-License-Identifier: MIT */
/*
 * A few globs (fnmatch(3)) in a struct that can be copied: Keep= and Drop=. White space
 * separates them, "..." is around one that has white space in it. '[' at the beginning of one
 * stands for itself: names of mappings are [heap], [anon:Go: heap]. Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

/*
 * Each mapping of a crashed process, up to 70,000 of them, is compared with each glob. A line
 * of dumpd.conf has at most 198 bytes, so the bytes always suffice there.
 */
#define GLOB_LIST_MAX	32
#define GLOB_LIST_BYTES 256

struct glob_list {
	uint32_t count;
	/* count strings, each with its NUL; fit for fnmatch(3): "\[heap]" */
	char bytes[GLOB_LIST_BYTES];
};

/* Return: NULL and *ret, or what a list must be (static, "must ..."). No glob: an empty list. */
const char *glob_list_parse(const char *text, struct glob_list *ret) _must_check_;

/* As it is parsed. Return: a new string, NULL without memory. */
char *glob_list_print(const struct glob_list *list) _must_check_;

/*
 * The glob behind `previous` (NULL: the first), or NULL at the end:
 *
 *	for (const char *glob = NULL; (glob = glob_list_next(list, glob));)
 */
const char *glob_list_next(const struct glob_list *list, const char *previous);
