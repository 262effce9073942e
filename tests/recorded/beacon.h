/* SPDX-License-Identifier: MIT */
/*
 * What a recorded process says of itself, in a global variable of its own: where things are, and
 * which types of dumps must have them. A test finds it by its mark in the core's bytes and needs
 * neither symbols nor the executable. It is little endian, as is the machine.
 */
#pragma once

#include <stdint.h>

/* Whoever looks for it has it in the source, not in memory: it is turned, too. */
#define BEACON_MARK 0x6b72616d20656874ull

/* Addresses are stored with this: a pointer here would be followed as any other is. */
#define BEACON_TURN 0xa5a5a5a5a5a5a5a5ull

#define BEACON_THREADS 3
#define BEACON_PLACES  128

/* The poorest type that has it. */
enum {
	PLACE_STACKS,
	PLACE_MINI,
	PLACE_HEAP, /* nothing points there */
};

struct beacon_place {
	char name[32];
	uint64_t address; /* turned */
	uint64_t size;
	uint64_t kind;
};

struct beacon_thread {
	char name[32];
	uint64_t tid;
	uint64_t tls; /* turned */
	uint64_t stack, stack_end; /* turned; of the stack that it was on at last */
};

struct beacon {
	uint64_t mark; /* turned */
	uint64_t size; /* of this struct */
	uint64_t thread_count, place_count;
	struct beacon_thread threads[BEACON_THREADS];
	struct beacon_place places[BEACON_PLACES];
};
