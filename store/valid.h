/* SPDX-License-Identifier: MIT */
/*
 * What a record's members can be at all. Records come from files and journals that others
 * may have written: what dumpd cannot have written is not believed, and not shown. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "store/record.h"

/* 12 lower-case hexadecimal digits, the first a letter: safe in a shell and on a terminal. */
bool record_id_valid(const char *id);

/* Is a known value of this member within what it can be? RECORD_UNKNOWN is not. */
bool record_number_valid(const struct record_field *field, int64_t value);
