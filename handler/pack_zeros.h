/* SPDX-License-Identifier: MIT */
/*
 * Frames of zeros. The same sizes come again and again, so each is made once: a hole of gigabytes
 * costs a few bytes for every FRAME_MEMORY_MAX of it, and no time.
 */
#pragma once

#include "handler/pack_frame.h"
#include "store/frame.h"

/* Frames have this size or its doubles, up to FRAME_MEMORY_MAX. */
#define PACK_ZEROS_MIN	 (64u << 10)
#define PACK_ZEROS_SIZES 6

struct pack_zeros {
	uint8_t frames[PACK_ZEROS_SIZES][128];
	size_t sizes[PACK_ZEROS_SIZES]; /* of these; 0: not made yet */
};

/*
 * The largest frame of at most n zeros, n at least PACK_ZEROS_MIN. *ret_zeros: how many it
 * holds. Return: its size, or negative errno.
 */
ssize_t pack_zeros_frame(struct pack_zeros *zeros, struct pack_frame *frame, uint64_t n,
			 const uint8_t **ret, size_t *ret_zeros) _must_check_;
