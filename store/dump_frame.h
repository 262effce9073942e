/* SPDX-License-Identifier: MIT */
/*
 * One frame of a stored dump, whole, from memory into memory.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <zstd.h>

#include "base/cleanup.h"

/*
 * n bytes at p are exactly one frame of zstd's present format, and exactly `size` bytes come
 * out of it, into `to`. Return: 0; -EBADMSG: not so; -ENOMEM.
 */
int dump_frame_decompress(ZSTD_DCtx *context, const uint8_t *p, size_t n, uint8_t *to,
			  size_t size) _must_check_;

/*
 * The same into new memory, where the frame itself says how much: max bytes at most.
 */
int dump_frame_load(const uint8_t *p, size_t n, size_t max, uint8_t **ret,
		    size_t *ret_size) _must_check_;
