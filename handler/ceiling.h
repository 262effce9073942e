/* SPDX-License-Identifier: MIT */
/*
 * How much one crash may get at most, where a machine has too many of them. Pure.
 */
#pragma once

#include <stdbool.h>

#include "config/settings.h"

enum ceiling {
	CEILING_NONE, /* as configured */
	CEILING_MINI, /* what mini keeps by default, or less */
	CEILING_RECORD, /* no memory */
};

/* Could what is configured be more than mini keeps by default? */
bool ceiling_is_above_mini(const struct settings *settings);

/*
 * Lower what is to be kept: a poorer type, for custom fewer ranks, a smaller budget. What the
 * administrator left out stays out. Return: was anything lowered.
 */
bool ceiling_lower(enum ceiling ceiling, struct settings *settings);
