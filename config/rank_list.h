/* SPDX-License-Identifier: MIT */
/*
 * The words of Ranks=, by which Type=custom says what is kept. Pure.
 */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"

/*
 * The bit of the filter's rank of that number (enum rank of filter/ranges.h, which this room
 * does not include; a test compares them). Rank 0, headers and notes, is always kept.
 */
#define RANK_LIST_BIT(number) (UINT32_C(1) << (number))

#define RANK_WORDS                                                                           \
	"crash, loader, object, hint, thread, global, runtime, pointee, farstack, private, " \
	"deadstack, shared, rest"

/* Return: NULL and *ret, or what a list must be (static, "must ..."). */
const char *rank_list_parse(const char *text, uint32_t *ret) _must_check_;

/* Return: a new string, NULL without memory. */
char *rank_list_print(uint32_t ranks) _must_check_;
