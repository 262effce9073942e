/* SPDX-License-Identifier: MIT */
/*
 * Whether the type that was asked for can be made at all of what is known of the process.
 */
#pragma once

#include "filter/plan.h"

/*
 * The type to plan: richer where the rules could not tell a stack from a heap, poorer where it
 * cannot be known what must not be stored. *ret_reason: why, static text; NULL: as asked for.
 */
const struct type *trust_type(const struct plan_input *in, const char **ret_reason);
