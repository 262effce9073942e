/* SPDX-License-Identifier: MIT */
/*
 * What Go's runtime knows of a goroutine: its struct g (runtime/runtime2.go), of Go 1.5 to 1.24. A goroutine is
 * known by its g, which names itself.
 */
#pragma once

#include "filter/rules.h"

struct goroutine {
	uint64_t address;
	uint64_t lo, hi; /* of its stack; both 0: it has ended */
	uint64_t sp; /* where it waits */
	uint64_t m; /* who runs it; 0: nobody */
};

/* Return: whether there is one at this address that names itself; *ret is what is there, or zeros. */
bool goroutine_read(const struct view *view, uint64_t address, struct goroutine *ret);
bool goroutine_is(const struct view *view, uint64_t address);

/* The one that a thread is on: a handler has one of its own. Return: false in what is no thread of Go's. */
bool goroutine_of_thread(const struct view *view, const struct thread *t,
			 struct goroutine *ret);

/*
 * The stack that a stack pointer of this thread is on: its own, or that of the goroutine that a handler
 * interrupted. Go takes stacks out of its heap, so that nothing else tells where one ends.
 */
bool goroutine_stack(const struct view *view, const struct thread *t, uint64_t sp,
		     struct span *ret);
