/* SPDX-License-Identifier: MIT */
/*
 * What a verb prints, kept instead of printed, and looked at: whatever a dump holds, it is lines of text,
 * and where it is JSON, it is JSON.
 */
#pragma once

#include <stdio.h>

struct told {
	char *text;
	size_t n;
	FILE *stream, *out, *err; /* the last two: what was there before */
};

/* Nothing may be asserted in between: nobody would see it. */
void told_begin(struct told *told);
void told_end(struct told *told);

/* Likewise, and it is one JSON text; or empty. */
void told_end_json(struct told *told);
