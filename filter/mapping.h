/* SPDX-License-Identifier: MIT */
/*
 * Mappings: by name, as the configuration asks for them, which is the path of NT_FILE, else what
 * /proc/PID/maps has; and what there is of them.
 */
#pragma once

#include "filter/rules.h"

/* Whether one of the patterns matches the whole name. */
bool mapping_matches(const struct view *view, const struct area *area,
		     const struct globs *globs);

/* Add the pages that the core has of [start, start + size), as far as it is one mapping. */
void mapping_add(const struct view *view, uint64_t start, uint64_t size, enum rank rank,
		 struct ranges *ranges);
