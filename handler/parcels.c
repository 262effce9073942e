/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "handler/parcels.h"

/*
 * Less memory than this does not keep a whole buffer from others: a process of which one page in
 * 256 exists comes in such pieces.
 */
#define LOOSE_MAX (128u << 10)

bool parcels_have_room(const struct parcels *parcels)
{
	size_t outside = parcels->loose + parcels->framed;

	return outside / SPOOL_BUFFER + parcels->spool.used < parcels->spool.max;
}

static void push_todo(struct parcels *parcels, struct parcel *parcel)
{
	parcel->next_todo = NULL;
	if (parcels->todo)
		parcels->last_todo->next_todo = parcel;
	else
		parcels->todo = parcel;
	parcels->last_todo = parcel;
}

static void link_last(struct parcels *parcels, struct parcel *parcel)
{
	parcel->next = NULL;
	if (parcels->last)
		parcels->last->next = parcel;
	else
		parcels->first = parcel;
	parcels->last = parcel;
}

struct parcel *parcels_append(struct parcels *parcels, const struct parcel *from)
{
	struct parcel *parcel = malloc(sizeof(*parcel));

	if (!parcel)
		return NULL;
	*parcel = *from;
	link_last(parcels, parcel);
	if (parcel->state == PARCEL_FULL)
		push_todo(parcels, parcel);
	return parcel;
}

int parcels_append_copy(struct parcels *parcels, const uint8_t *p, size_t n)
{
	struct parcel parcel = { .state = PARCEL_FULL, .n = n, .loose = true };

	parcel.bytes = malloc(n);
	if (!parcel.bytes)
		return -ENOMEM;
	memcpy(parcel.bytes, p, n);
	if (!parcels_append(parcels, &parcel)) {
		free(parcel.bytes);
		return -ENOMEM;
	}
	parcels->loose += n;
	return 0;
}

static void free_bytes(struct parcels *parcels, struct parcel *parcel)
{
	if (parcel->loose) {
		parcels->loose -= parcel->n;
		free(parcel->bytes);
	} else if (parcel->bytes) {
		spool_put(&parcels->spool, parcel->bytes);
	}
	parcel->bytes = NULL;
	parcel->loose = false;
}

/* Without memory it stays in its buffer. */
static void loosen(struct parcels *parcels, struct parcel *parcel)
{
	uint8_t *copy = malloc(parcel->n);

	if (!copy)
		return;
	memcpy(copy, parcel->bytes, parcel->n);
	free_bytes(parcels, parcel);
	parcel->bytes = copy;
	parcel->loose = true;
	parcels->loose += parcel->n;
}

void parcels_full(struct parcels *parcels, struct parcel *parcel)
{
	if (parcel->n <= LOOSE_MAX && !parcel->loose)
		loosen(parcels, parcel);
	parcel->state = PARCEL_FULL;
	push_todo(parcels, parcel);
}

struct parcel *parcels_take(struct parcels *parcels)
{
	struct parcel *parcel = parcels->todo;

	if (!parcel)
		return NULL;
	parcels->todo = parcel->next_todo;
	parcel->state = PARCEL_TAKEN;
	return parcel;
}

void parcels_packed(struct parcels *parcels, struct parcel *parcel)
{
	parcel->state = PARCEL_FULL;
	if (parcel->frame) {
		free_bytes(parcels, parcel);
		parcels->framed += parcel->frame_n;
		parcel->state = PARCEL_PACKED;
	}
	if (parcel->cut)
		parcels_free(parcels, parcel);
}

void parcels_free(struct parcels *parcels, struct parcel *parcel)
{
	free_bytes(parcels, parcel);
	parcels->framed -= parcel->frame_n;
	free(parcel->frame);
	free(parcel);
}

void parcels_remove_first(struct parcels *parcels)
{
	struct parcel *parcel = parcels->first;

	parcels->first = parcel->next;
	if (!parcels->first)
		parcels->last = NULL;
	parcels_free(parcels, parcel);
}

/* Out of the order. Who has it gives it back. */
static void drop(struct parcels *parcels, struct parcel *parcel)
{
	if (parcel->state == PARCEL_FILLING || parcel->state == PARCEL_TAKEN)
		parcel->cut = true;
	else
		parcels_free(parcels, parcel);
}

static bool is_open(const struct parcel *parcel)
{
	return parcel->state == PARCEL_FILLING || parcel->state == PARCEL_LEFT;
}

static void find_todo(struct parcels *parcels)
{
	parcels->todo = parcels->last_todo = NULL;
	for (struct parcel *p = parcels->first; p; p = p->next) {
		if (p->state == PARCEL_FULL)
			push_todo(parcels, p);
	}
}

/* Take the order's end off, from the first open one on. */
static struct parcel *detach(struct parcels *parcels)
{
	struct parcel *before = NULL, *at = parcels->first;

	while (at && !is_open(at)) {
		before = at;
		at = at->next;
	}
	if (!at)
		return NULL;
	if (before)
		before->next = NULL;
	else
		parcels->first = NULL;
	parcels->last = before;
	return at;
}

/*
 * What is in it stays. A copy, if somebody hangs, who may be writing into the buffer. Return: bytes that
 * are lost for want of memory.
 */
static uint64_t keep_begun(struct parcels *parcels, struct parcel *parcel)
{
	uint64_t lost = 0;

	if (parcel->n > 0 && parcels_append_copy(parcels, parcel->bytes, parcel->n) < 0)
		lost = parcel->n;
	drop(parcels, parcel);
	return lost;
}

uint64_t parcels_cut(struct parcels *parcels)
{
	struct parcel *at = detach(parcels), *next;
	uint64_t lost = 0;

	if (!at)
		return 0;
	next = at->next;
	lost = keep_begun(parcels, at);
	for (at = next; at; at = next) {
		next = at->next;
		lost += at->n + at->zeros;
		drop(parcels, at);
	}
	find_todo(parcels);
	return lost;
}

void parcels_clear(struct parcels *parcels)
{
	struct parcel *next;

	for (struct parcel *at = parcels->first; at; at = next) {
		next = at->next;
		drop(parcels, at);
	}
	parcels->first = parcels->last = NULL;
	parcels->todo = parcels->last_todo = NULL;
}
