/* SPDX-License-Identifier: MIT */
/*
 * Sizes as values of keys: number_size() of base/number.h, said and written for people. Pure.
 */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"

/* Return: NULL and *ret (UINT64_MAX: infinity), or "must ..." (static). */
const char *size_parse(const char *text, uint64_t *ret) _must_check_;

/* With the largest suffix that leaves a whole number. Return: a new string or NULL. */
char *size_print(uint64_t size) _must_check_;
