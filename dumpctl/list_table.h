/* SPDX-License-Identifier: MIT */
/*
 * The table of `dumpctl list`: a line for each crash, and as many columns as the terminal has room for.
 */
#pragma once

#include "store/index.h"

/* To standard output. Return: 0; else there is no memory. */
int list_table(struct index_entry *const *entries, size_t count) _must_check_;
