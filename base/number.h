/* SPDX-License-Identifier: MIT */
/*
 * Numbers from text, the whole text: no sign, no white space, no trailing rest.
 */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"

/* Decimal, 0 to max. Return: 0, -EINVAL (not a number), -ERANGE (above max). */
int number_u64(const char *text, uint64_t max, uint64_t *ret) _must_check_;

/*
 * A size in bytes: decimal with an optional suffix K, M, G or T (powers of 1024), or
 * "infinity", which is UINT64_MAX. Return: 0, -EINVAL, -ERANGE.
 */
int number_size(const char *text, uint64_t *ret) _must_check_;
