/* SPDX-License-Identifier: MIT */
/*
 * What standard output can show.
 */
#pragma once

#include <stdbool.h>

/* Columns of the terminal, 0 if there is none: then nothing is left out or cut. */
int terminal_width(void);

/* A terminal that is not asked to do without colours (NO_COLOR, TERM=dumb). */
bool terminal_colours(void);

/*
 * Whether the user's locale has UTF-8. From then on widths are those of UTF-8 in any case; no
 * other category changes.
 */
bool terminal_utf8(void);
