/* SPDX-License-Identifier: MIT */
/*
 * Counts as values of keys: a number, or "infinity", which is no limit. Pure.
 */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"

/* Return: NULL and *ret (UINT64_MAX: infinity), or "must ..." (static). */
const char *count_parse(const char *text, uint64_t *ret) _must_check_;

/* Return: a new string or NULL. */
char *count_print(uint64_t count) _must_check_;
