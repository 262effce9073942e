/* SPDX-License-Identifier: MIT */
/*
 * Frames that are known to hold nothing but zeros. Memory that a process reserved and never
 * touched is thousands of equal frames: the first one is decompressed, the others are compared
 * with it. Learned from the dump itself, whichever level or program packed it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/seek.h"

/* 2 MiB of zeros, a frame's worth, take 85 to 87 bytes, as the level has it. */
#define DUMP_ZERO_MAX 256

struct dump_zero; /* opaque: frames that are known, what was read ahead */

/* fd is borrowed. NULL: no memory. */
struct dump_zero *dump_zero_new(int fd);
void dump_zero_free(struct dump_zero *zero);

/* The frame's compressed bytes are p, DUMP_ZERO_MAX at most, and zeros came out of it. */
void dump_zero_learn(struct dump_zero *zero, const struct seek_frame *frame,
		     const uint8_t *p);

/* Is it byte for byte a frame that was learned? false too where it cannot be read. */
bool dump_zero_known(struct dump_zero *zero, const struct seek_frame *frame);
