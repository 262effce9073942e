/* SPDX-License-Identifier: MIT */
/*
 * Mappings by name, as the configuration asks for them: the path of NT_FILE, else the name
 * that /proc/PID/maps has.
 */
#pragma once

#include "filter/rules.h"

/* Whether one of the patterns matches the whole name. */
bool mapping_matches(const struct view *view, const struct area *area,
		     const struct globs *globs);
