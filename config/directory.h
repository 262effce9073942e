/* SPDX-License-Identifier: MIT */
/*
 * Directories as values of keys: absolute paths in one spelling. Pure.
 */
#pragma once

#include <limits.h>

#include "base/cleanup.h"

/* Return: NULL and ret, without slashes at its end, or "must ..." (static). */
const char *directory_parse(const char *text, char ret[PATH_MAX]) _must_check_;
