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
 * n bytes at p are exactly one frame of zstd's present format that `zstd -d' reads too, and
 * exactly `size` bytes come out of it, into `to`. Return: 0; -EBADMSG: not so; -ENOMEM.
 * *ret_reason: static text.
 */
int dump_frame_decompress(ZSTD_DCtx *context, const uint8_t *p, size_t n, uint8_t *to,
			  size_t size, const char **ret_reason) _must_check_;

/* What zstd's error code is to us, and static text of it. */
int dump_frame_error(size_t code, const char **ret_reason) _must_check_;

/*
 * The same into new memory, where the frame itself says how much: max bytes at most.
 */
int dump_frame_load(const uint8_t *p, size_t n, size_t max, uint8_t **ret,
		    size_t *ret_size) _must_check_;
