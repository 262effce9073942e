/* SPDX-License-Identifier: MIT */
/*
 * What `dumpctl info` prints of one crash.
 */
#pragma once

#include <stdbool.h>

#include "store/index.h"

/* modules: also a row for each mapped file. To standard output. Return: 0 or -ENOMEM. */
int info_print(const struct index_entry *entry, bool modules) _must_check_;
