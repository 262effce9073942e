/* SPDX-License-Identifier: MIT */
/*
 * Spans of time as values of keys: "90", "90s", "2min", as systemd.time(7) writes the simple ones;
 * "infinity" is none. In seconds. Pure.
 */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"

/* Return: NULL and *ret (UINT64_MAX: infinity), or "must ..." (static). */
const char *duration_parse(const char *text, uint64_t *ret) _must_check_;

/* Return: a new string or NULL. */
char *duration_print(uint64_t seconds) _must_check_;

/* The same for what lasts longer: with days, "30d", and up to a hundred years. */
const char *duration_parse_long(const char *text, uint64_t *ret) _must_check_;
char *duration_print_long(uint64_t seconds) _must_check_;
