/* SPDX-License-Identifier: MIT */
/*
 * What is not kept though its rank may be: secrets, hints to drop, and what the configuration
 * drops.
 */
#pragma once

#include "filter/rules.h"

/*
 * Split ranges, by address: what is withheld gets its fate. The secrets, widened to words of 8
 * bytes and joined, come out too: their edges share pages with what stays.
 */
void withhold_mark(const struct view *view, struct spans *ret_secrets,
		   struct ranges *ranges);
