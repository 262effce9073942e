/* SPDX-License-Identifier: MIT */
/*
 * Pieces of the core that were copied before the crashed process is released, since its end or others
 * change them: they are laid over whatever is read of its memory afterwards.
 *
 * Filled and sealed by one thread; copied by one; laid over by any.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "filter/plan.h"
#include "filter/spans.h"
#include "handler/source_memory.h"

struct overlay_piece {
	uint64_t offset, size; /* in the core */
	size_t at; /* of its bytes */
	bool copied; /* they are there */
};

struct overlay {
	struct overlay_piece *pieces; /* sealed: by offset, not overlapping */
	size_t count, capacity;
	uint8_t *bytes;
	size_t n, bytes_capacity;
	bool lent; /* bytes are somebody else's */
	bool failed; /* without memory; or a piece could not be copied */
	atomic_bool
		ready; /* all is copied: before that nothing is laid over, as nobody was released */
};

void overlay_init(struct overlay *overlay);
void overlay_done(struct overlay *overlay);

/*
 * Memory of n bytes that is used before any other, if nothing was added yet: it stays the caller's, and where it is.
 * NULL: nothing.
 */
void overlay_lend(struct overlay *overlay, uint8_t *bytes, size_t n);

/* n bytes that were read. */
void overlay_add_bytes(struct overlay *overlay, uint64_t offset, const uint8_t *p,
		       size_t n);
/* What is to be copied: the parts of these spans of the core, joined, that a plan keeps. */
void overlay_add_kept(struct overlay *overlay, const struct plan *plan,
		      const struct spans *spans);

void overlay_add_spans(struct overlay *overlay, const struct spans *spans);

/* Nothing more comes. Return: bytes in all; UINT64_MAX: there is no memory for them. */
uint64_t overlay_seal(struct overlay *overlay);

/* After overlay_seal(). Return: 0 or negative errno; then it is never ready. */
int overlay_copy(struct overlay *overlay,
		 const struct source_memory *memory) _must_check_;

bool overlay_is_ready(const struct overlay *overlay);

/* Over n bytes at `to` that came from an offset of the core. NULL: there is none. */
void overlay_apply(const struct overlay *overlay, uint64_t offset, uint8_t *to, size_t n);
