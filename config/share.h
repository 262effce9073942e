/* SPDX-License-Identifier: MIT */
/*
 * A share of a file system as the value of a key: "10%", "4G", or both, of which the smaller
 * holds; "infinity" is all of it and more. Pure.
 */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"

struct share {
	uint64_t bytes; /* UINT64_MAX: no limit */
	uint32_t percent; /* SHARE_WHOLE: no limit */
};

/* More than all of it. */
#define SHARE_WHOLE UINT32_MAX

/* Return: NULL and *ret, or "must ..." (static). */
const char *share_parse(const char *text, struct share *ret) _must_check_;

/* Return: a new string or NULL. */
char *share_print(const struct share *share) _must_check_;

/* Bytes of a file system of `total`; UINT64_MAX: no limit. */
uint64_t share_of(const struct share *share, uint64_t total);
