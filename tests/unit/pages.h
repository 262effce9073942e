/* SPDX-License-Identifier: MIT */
/*
 * Ranges as text, in pages, decimal: "start-end:rank start-end:rank ...", or with a fate.
 */
#pragma once

#include "filter/ranges.h"

/* "start-end:rank ..." */
void pages_add(struct ranges *ranges, const char *text);

void assert_page_ranks(const struct ranges *ranges, const char *expected);
void assert_page_fates(const struct ranges *ranges, const char *expected);
