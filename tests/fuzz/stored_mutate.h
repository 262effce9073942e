/* SPDX-License-Identifier: MIT */
/*
 * One change of a stored dump that was taken apart: a member of its record, a number in its program headers,
 * its notes or its drop map, a frame, what the seek table says. libFuzzer's own changes are among them,
 * made to what is in a frame.
 */
#pragma once

#include "tests/fuzz/stored_parts.h"

/* random: any number, the same one makes the same change. */
void stored_mutate(struct parts *parts, uint32_t random);

/* One part of `from` in place of one of its kind, or besides. */
void stored_cross(struct parts *parts, const struct parts *from, uint32_t random);
