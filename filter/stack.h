/* SPDX-License-Identifier: MIT */
/*
 * Where a thread's stack is: from the red zone below SP to the stack's end. The end is known
 * - of the initial stack: it is a mapping of its own;
 * - of a thread's: its control block lies above SP in the same area, for the kernel merges neighbours
 *   and "to the end of the mapping" can be 16 MB of somebody else's heap;
 * - of an alternate signal stack: a signal frame on it tells (signal_frame.h);
 * - of a goroutine's: Go's runtime knows it (goroutine.h).
 * Of a fiber, a stack that malloc gave, nothing tells it: then what is next to SP counts as
 * stack, and what is farther may be.
 *
 * A handler on an alternate signal stack has several: SP is there, but the frames that it
 * interrupted are on the thread's own stack, or on a fiber's.
 */
#pragma once

#include "filter/rules.h"

/* SP's own, the interrupted one, and the thread's own that neither of these is on. */
#define STACK_PARTS 3

struct stack_part {
	struct span near; /* stack, innermost frames first */
	uint64_t
		far; /* what lies from near.end to here may be stack, too; near.end: nothing does */
};

/*
 * Parts of the stack of notes->threads[i], near ones each at most `cap` bytes, innermost first.
 * Return: how many, 0 if SP and thread pointer lead nowhere.
 */
size_t stack_parts(const struct view *view, size_t i, uint64_t cap,
		   struct stack_part ret[STACK_PARTS]);

/* Where a thread's stack pointer leads. */
enum stack_place {
	STACK_KNOWN, /* to memory of the core, or to the guard below it */
	STACK_NOT_OFFERED, /* to a mapping that the kernel left out: coredump_filter, MADV_DONTDUMP */
	STACK_NONE, /* the thread is the kernel's own (io_uring) and has no registers */
	STACK_NOWHERE, /* outside all memory: corrupted */
};

enum stack_place stack_place(const struct view *view, size_t i);

/*
 * For each area of the space the page of the lowest live byte of the stacks in it: below it memory is
 * nobody's any more. 0 where no stack is, or a stack that is a part of something larger. Return: a new
 * array, NULL without memory.
 */
uint64_t *stack_lowest(const struct view *view);
