/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "handler/pack_zeros.h"

_Static_assert(PACK_ZEROS_MIN << (PACK_ZEROS_SIZES - 1) == FRAME_MEMORY_MAX,
	       "the largest frame of zeros is a frame");

static ssize_t make(struct pack_zeros *zeros, struct pack_frame *frame, size_t i,
		    size_t n)
{
	_cleanup_free_ uint8_t *bytes = calloc(1, n);
	const uint8_t *made;
	ssize_t size;

	if (!bytes)
		return -ENOMEM;
	/* a block of zeros is 4 bytes at any level, and the lowest is the fastest */
	size = pack_frame_make(frame, 1, bytes, n, &made);
	if (size < 0)
		return size;
	if ((size_t)size > sizeof(zeros->frames[i]))
		return -EFBIG;
	memcpy(zeros->frames[i], made, (size_t)size);
	zeros->sizes[i] = (size_t)size;
	return size;
}

ssize_t pack_zeros_frame(struct pack_zeros *zeros, struct pack_frame *frame, uint64_t n,
			 const uint8_t **ret, size_t *ret_zeros)
{
	size_t i = PACK_ZEROS_SIZES - 1;
	ssize_t size;

	while (i > 0 && (uint64_t)PACK_ZEROS_MIN << i > n)
		i--;
	*ret_zeros = (size_t)PACK_ZEROS_MIN << i;
	size = (ssize_t)zeros->sizes[i];
	if (size == 0)
		size = make(zeros, frame, i, *ret_zeros);
	*ret = zeros->frames[i];
	return size;
}
