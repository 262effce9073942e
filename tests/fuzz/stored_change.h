/* SPDX-License-Identifier: MIT */
/*
 * A change of what is in one frame of a stored dump, by what it is: a member of the record, a number of the
 * program headers, of the notes or of the drop map, or any bytes.
 */
#pragma once

#include "tests/fuzz/stored_parts.h"

struct mutation {
	struct parts *parts;
	uint32_t random; /* not 0 */
};

/* Any number below n; 0 if n is. */
uint32_t stored_below(struct mutation *m, size_t n);

/* What sums, products and comparisons stumble over; or near the old one. */
uint64_t stored_number(struct mutation *m, uint64_t old);

void stored_change(struct mutation *m, struct part *part);

/* As libFuzzer does it, whatever it is. */
void stored_change_bytes(struct mutation *m, struct part *part);
