/* SPDX-License-Identifier: MIT */
/*
 * Where a thread's stack is: from the red zone below SP to the stack's end. The end is the
 * thread's control block where one lies above SP in the same area, for the kernel merges
 * neighbours and "to the end of the mapping" can be 16 MB of somebody else's heap. Without one
 * (the initial thread) it is the end of the area.
 *
 * A handler on an alternate signal stack has two: SP is there, but the frames that it
 * interrupted are on the thread's own stack.
 */
#pragma once

#include "filter/rules.h"

/* SP's own, and the interrupted one. */
#define STACK_PARTS 2

/*
 * Parts of the stack of notes->threads[i], each at most `cap` bytes, innermost frames first.
 * Return: how many, 0 if SP and thread pointer lead nowhere.
 */
size_t stack_parts(const struct view *view, size_t i, uint64_t cap,
		   struct span ret[STACK_PARTS]);

/* SP lies in a mapping, or in the guard below one. */
bool stack_is_known(const struct view *view, const struct thread *thread);

/*
 * For each area of the space the page of the lowest live byte of the stacks in it: below it memory is
 * nobody's any more. 0 where no stack is. Return: a new array, NULL without memory.
 */
uint64_t *stack_lowest(const struct view *view);
