/* SPDX-License-Identifier: MIT */
/*
 * How far a mistyped word is from a known one.
 */
#pragma once

#include <stddef.h>

/*
 * Letters to insert, delete or replace to turn one word into the other (Levenshtein), upper
 * and lower case being the same. Words longer than 32 bytes are SIZE_MAX away from all.
 */
size_t edit_distance(const char *a, const char *b);
