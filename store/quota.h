/* SPDX-License-Identifier: MIT */
/*
 * Which dumps go when there are too many: the rules of MaxAge, MaxCount, MaxUse and KeepFree. Pure.
 *
 * Nobody loses dumps to what another did: a count is of one executable of one user, and when space
 * is short, the user whose dumps take most loses the oldest, again and again. The newest dump goes
 * like any other where its user has no older one and still takes most. That a disk is full is mostly not
 * the dumps' doing: KeepFree leaves each user the newest dump, and all where it cannot be reached so.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

enum quota_reason {
	QUOTA_STAYS,
	QUOTA_AGE,
	QUOTA_COUNT,
	QUOTA_USE,
	QUOTA_FREE,
	QUOTA_REASONS,
};

struct quota_dump {
	uint64_t bytes; /* on the disk */
	int64_t time; /* µs */
	uint32_t uid; /* QUOTA_NOBODY: unknown, a user of its own */
	const char *exe; /* NULL: unknown, an executable of its own */
	enum quota_reason reason; /* out */
};

#define QUOTA_NOBODY UINT32_MAX

/* UINT64_MAX: no limit. */
struct quota_limits {
	uint64_t max_use; /* bytes of all dumps */
	uint64_t keep_free; /* bytes that are to be free; 0: whatever is */
	uint64_t free; /* bytes that are free now */
	uint64_t max_count; /* dumps of one executable of one user */
	int64_t oldest; /* µs: what is older goes; INT64_MIN: nothing */
};

/*
 * Fills reason of each dump. *ret: those that go, in the order in which they do; the caller frees
 * it. Return: how many, or -ENOMEM.
 */
ssize_t quota_choose(struct quota_dump *dumps, size_t n,
		     const struct quota_limits *limits,
		     struct quota_dump ***ret) _must_check_;

/* "MaxAge", ...: the key that a dump goes by. */
const char *quota_reason_key(enum quota_reason reason);
