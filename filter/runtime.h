/* SPDX-License-Identifier: MIT */
/*
 * What the own tools of a language's runtime read to list its threads, their frames and what these
 * work on. Each runtime_NAME.c looks whether the process has that runtime, by the memory of its
 * modules, and adds nothing if not. All that they follow is the program's own, so every step is
 * bounded.
 */
#pragma once

#include "filter/rules.h"

/*
 * In this order: without the first there is nothing to show, a piece of the second is of use without the
 * third.
 */
enum runtime_part {
	RUNTIME_LISTS, /* who there is */
	RUNTIME_FRAMES, /* where they are: innermost frames */
	RUNTIME_REST, /* what is behind */
	RUNTIME_PARTS,
};

/* What was found, in bytes; pages may be named often. */
struct runtime {
	const struct view *view;
	struct spans parts[RUNTIME_PARTS];
	uint64_t left; /* bytes that may still be added */
};

/* Add [start, start + size), as far as it is memory. Return: false once there is no room for it. */
bool runtime_add(struct runtime *runtime, enum runtime_part part, uint64_t start,
		 uint64_t size);

/*
 * Go 1.5 to 1.24: goroutines, as `dlv core` shows them. runtime.allgs is found by what it is: a slice of
 * pointers to structs g, each of which names itself.
 */
void runtime_go(struct runtime *runtime);

/*
 * HotSpot 17: Java threads and their frames, as `jhsdb jstack` shows them: from the thread-local pointer to
 * each JavaThread and from words of stacks to methods, classes and names, and the code that frames are in. An
 * object's fields are followed where the heap lies below 32 GiB and pointers in it have 32 bits.
 */
void runtime_jvm(struct runtime *runtime);
