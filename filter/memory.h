/* SPDX-License-Identifier: MIT */
/*
 * The one window of the rules on the memory of the crashed process: /proc/PID/mem, a recorded
 * core, or none. What is behind it is hostile and may change between two reads.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct memory {
	/*
	 * Copy up to n bytes at address. Return: how many could be had in one piece from
	 * address on. A page that is not there (never touched, or of a file and not loaded)
	 * ends it: it is never faulted in for a look.
	 */
	size_t (*read)(void *context, uint64_t address, void *to, size_t n);
	/*
	 * The first run of pages in [start, end) that the process has changed since its file
	 * was mapped. NULL: unknown, all may be. Return: false if there is none.
	 */
	bool (*next_changed)(void *context, uint64_t start, uint64_t end,
			     uint64_t *ret_start, uint64_t *ret_end);
	void *context;
	/*
	 * The rules have seen what they want to: what is remembered for further reads may go.
	 * NULL: nothing is.
	 */
	void (*forget)(void *context);
	/*
	 * The first run of pages in [start, end) that exist, or the first part of it. NULL: it is not known of a
	 * page that does not exist that it is zeros. Return: false if there is none.
	 */
	bool (*next_there)(void *context, uint64_t start, uint64_t end,
			   uint64_t *ret_start, uint64_t *ret_end);
};

/* All n bytes or false. memory may be NULL: there is no window. */
static inline bool memory_read(const struct memory *memory, uint64_t address, void *to,
			       size_t n)
{
	return memory && memory->read(memory->context, address, to, n) == n;
}

static inline void memory_forget(const struct memory *memory)
{
	if (memory && memory->forget)
		memory->forget(memory->context);
}

/* As many as there are. */
static inline size_t memory_read_some(const struct memory *memory, uint64_t address,
				      void *to, size_t n)
{
	return memory ? memory->read(memory->context, address, to, n) : 0;
}

/* A little-endian number of `width` bytes (1 to 8); false if it is not there. */
bool memory_number(const struct memory *memory, uint64_t address, size_t width,
		   uint64_t *ret);
