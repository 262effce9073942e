/* SPDX-License-Identifier: MIT */
/*
 * What `triage` takes out of memory that no file has: every word that is neither a plausible pointer
 * nor a small number, in units of 4 bytes; and the strings of arguments and environment,
 * whatever they look like.
 */
#pragma once

#include "filter/rules.h"

/*
 * Spans of the ranges that are kept and are to be blanked, joined. What comes first in ranges is looked
 * at first; when it has become too much, pages are blanked whole.
 */
void scrub_add(const struct view *view, const struct ranges *ranges, struct spans *ret);

/*
 * The core's notes without what may be anybody's data: floating point and vector registers are
 * left out, the arguments in NT_PRPSINFO are blank. Writes at most notes.n bytes to `to`.
 * Return: how many.
 */
size_t scrub_notes(const struct core *core, uint8_t *to);

/* All of the core's notes, but the arguments are blank. As above. */
size_t scrub_arguments(const struct core *core, uint8_t *to);
