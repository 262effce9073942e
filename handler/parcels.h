/* SPDX-License-Identifier: MIT */
/*
 * Pieces of memory in the order in which they go out: what they hold, who has them, and how much room
 * they take. No locks, no threads: handler/pack_queue.h has those.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "handler/spool.h"

enum parcel_state {
	PARCEL_FILLING, /* a thread reads into it */
	PARCEL_LEFT, /* it does not any more, and n bytes are there */
	PARCEL_FULL,
	PARCEL_TAKEN, /* a thread makes its frame */
	PARCEL_PACKED, /* it can go out */
};

/* A piece of memory, first as it is, then as a frame. */
struct parcel {
	struct parcel *next;
	struct parcel *next_todo;
	enum parcel_state state;
	uint8_t *bytes; /* of the spool; NULL: there are none, or none any more */
	size_t n; /* bytes of memory */
	uint64_t zeros; /* or so many zeros, for which there are no bytes */
	uint8_t *frame;
	size_t frame_n;
	bool loose; /* bytes are not of the spool */
	bool cut; /* out of the order; who fills it or makes its frame gives it back */
};

struct parcels {
	struct spool spool;
	struct parcel *first, *last; /* in order; the first goes out next */
	struct parcel *todo, *last_todo; /* full ones, as they became full */
	size_t loose; /* bytes that wait outside of the spool */
	size_t framed; /* bytes of frames that wait to go out */
};

/* One more buffer may be filled. */
bool parcels_have_room(const struct parcels *parcels);

/* At the end; from's state is as it says. Return: it, or NULL without memory. */
struct parcel *parcels_append(struct parcels *parcels, const struct parcel *from);
/* A copy of n bytes, full, outside of the spool. Return: 0 or -ENOMEM. */
int parcels_append_copy(struct parcels *parcels, const uint8_t *p, size_t n) _must_check_;

/* It is full now. */
void parcels_full(struct parcels *parcels, struct parcel *parcel);
/* The full one that is to be packed next, which is then taken; NULL: there is none. */
struct parcel *parcels_take(struct parcels *parcels);
/* Its frame was made, or (frame is NULL) was not, and nobody will make it. */
void parcels_packed(struct parcels *parcels, struct parcel *parcel);

/* The first went out. */
void parcels_remove_first(struct parcels *parcels);
/* One that is cut: who had it is ready. */
void parcels_free(struct parcels *parcels, struct parcel *parcel);

/*
 * Keep what is in order up to the first byte that was not filled. Return: bytes that were there
 * behind it.
 */
uint64_t parcels_cut(struct parcels *parcels);
/* Nothing is in the order any more. */
void parcels_clear(struct parcels *parcels);
