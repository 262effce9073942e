/* SPDX-License-Identifier: MIT */
/*
 * When the crashed process is released, and whether its memory is pinned then: so that nothing in the dump is
 * of later, and nobody is harmed. Facts in, a decision out: no I/O.
 *
 * A pinned address space (handler/anchor.h) keeps what its mappings refer to, counts in its memory control
 * groups, and changes as its threads end.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "handler/process_sharing.h"

/* What may be copied before a larger process is released: 20 ms. */
#define RELEASE_OVERLAY_MAX (UINT64_C(64) << 20)

/* Runs of pages: with fewer of them it takes less than a millisecond to copy what is small. */
#define RELEASE_SCATTERED 256

/* µs in which what is small is copied many times. */
#define RELEASE_PATIENCE 200000

enum release_way {
	RELEASE_HELD, /* all that is kept is copied first; the process frees its memory itself */
	RELEASE_COPIED, /* all is copied first; memory is pinned until it is packed */
	RELEASE_EARLY, /* what changes is copied first, the rest is read out of pinned memory */
	RELEASE_WAYS,
};

/* Of the record. */
const char *release_way_name(enum release_way way);

struct release_facts {
	bool wanted; /* ReleaseEarly= */
	bool readable; /* all that is kept can be had of memory, and a page of it pinned */

	/* whom it harms to pin */
	const char *mapped; /* what a mapping refers to; NULL: nothing that harms */
	bool locks_known;
	const char *locks_reason;
	uint64_t resident; /* VmRSS; UINT64_MAX: unknown, or of huge pages */
	uint64_t pinnable; /* bytes of the machine's memory that may be */
	uint64_t present; /* VmRSS + VmSwap; UINT64_MAX: unknown */
	uint64_t group_room; /* process_memory_group.h */
	const char *group_reason;

	uint64_t kept; /* bytes that are kept and present, or an upper limit of them */
	uint64_t small; /* what of it is copied at once: PROCESS_SMALL, or the spool's */

	/* what changes as a larger process ends */
	enum process_sharing_answer sharing;
	const char *sharing_reason;
	bool is_32_bit, shadow_stacks;
	size_t unknown_threads;
	bool robust_known;
	bool unseen_rings; /* of io_uring, which are not mapped from it: where they are is unknown */
	uint64_t changing; /* bytes of the overlay; UINT64_MAX: it cannot be made */
	uint64_t room; /* bytes of it that may wait in memory */
};

struct release {
	enum release_way way;
	const char *reason; /* static, or of the facts */
};

/* Return: why memory may not be pinned; NULL: it may. */
const char *release_harm(const struct release_facts *facts);

/* All is copied first: it takes a few milliseconds. */
bool release_is_small(const struct release_facts *facts);

struct release release_decide(const struct release_facts *facts);
