/* SPDX-License-Identifier: MIT */
/*
 * The modules of a crash's record (store/modules.h) as dumpctl shows them.
 */
#pragma once

#include <jansson.h>

#include "store/record.h"

/* "5, 1 without a build-id". A new string; "": the record has none; NULL without memory. */
char *modules_summary(const struct record *record) _must_check_;

/* The executable's build-id, or why there is none. As above. */
char *modules_executable(const struct record *record) _must_check_;

/* A row for each, "BUILDID PATH", or "PATH: no build-id: REASON". Return: 0 or -ENOMEM. */
int modules_print(int width, const struct record *record) _must_check_;

/*
 * In place of the record's text, an array of objects with path, start ("0x...") and build_id, which
 * may be null, and then why; and modules_left_out, if the record had no room. Return: 0 or -ENOMEM.
 */
int modules_put(json_t *object, const struct record *record) _must_check_;
