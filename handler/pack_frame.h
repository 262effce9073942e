/* SPDX-License-Identifier: MIT */
/*
 * One frame of zstd at a time: a compressor with its tables and a place for what comes out.
 * One thread each.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"

struct pack_frame; /* opaque */

struct pack_frame *pack_frame_open(void);
void pack_frame_close(struct pack_frame *frame);

/* zstd's levels; the lowest stores what does not compress, in no time. */
#define PACK_LEVEL_STORE INT_MIN
#define PACK_LEVEL_BEST	 INT_MAX

/*
 * One whole frame of n bytes, *ret valid until the next call. Return: its size or negative
 * errno.
 */
ssize_t pack_frame_make(struct pack_frame *frame, int level, const uint8_t *p, size_t n,
			const uint8_t **ret) _must_check_;

/* Compressing it would only cost time: noise, or what is compressed already. */
bool pack_frame_is_noise(const uint8_t *p, size_t n);

static inline void pack_frame_closep(struct pack_frame **frame)
{
	pack_frame_close(*frame);
}
#define _cleanup_pack_frame_ _cleanup_(pack_frame_closep)
