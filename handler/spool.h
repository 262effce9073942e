/* SPDX-License-Identifier: MIT */
/*
 * Room for memory that was read and is not packed yet: buffers of SPOOL_BUFFER bytes, as many as a
 * limit allows. In huge pages where the kernel has them: else to make room costs as much as to
 * read.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/frame.h"

/* A frame's worth, and a huge page of x86-64 and aarch64. */
#define SPOOL_BUFFER FRAME_MEMORY_MAX

struct spool {
	size_t max; /* buffers at the same time */
	size_t used; /* now */

	/* its own */
	uint8_t **spare; /* buffers that came back */
	size_t spare_count;

	/* lent by others, side by side: they stay mapped */
	uint8_t *adopted;
	size_t adopted_count;
};

/* bytes: of all buffers together; there are at least `least` of them. Return: 0 or -ENOMEM. */
int spool_open(uint64_t bytes, size_t least, struct spool *ret);
/*
 * Buffers side by side, the first of which is to be used first. Their memory goes back as that of the others, but
 * their addresses stay mapped: a thread that faults them in may be about to touch one. To be called once.
 */
void spool_adopt(struct spool *spool, uint8_t *buffers, size_t count);
/* All buffers must be back. */
void spool_close(struct spool *spool);

/* Return: NULL if there is none now, or no memory. */
uint8_t *spool_get(struct spool *spool);
/* Some are kept for the next spool_get(); the memory of the others goes back. */
void spool_put(struct spool *spool, uint8_t *buffer);
