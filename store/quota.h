/* SPDX-License-Identifier: MIT */
/*
 * Which dumps go when there are too many: the rules of MaxAge, MaxCount, MaxUse and KeepFree. Pure.
 *
 * Nobody loses dumps to what another did. A count is of one executable of one user, in one pod, container or service.
 * When space is short, whoever takes most loses the oldest, again and again: a user, a pod or container, whose root is
 * not the machine's, or one of root's own services. As `--rm` in a loop makes a new container for each crash, one
 * executable of one user has a limit in all of them together, too: QUOTA_LOOP times the count, and QUOTA_LOOP_USERS
 * times the space of a user. Of these again whoever has most loses the oldest.
 *
 * The newest dump goes like any other where its user has no older one and still takes most. That a disk is full is
 * mostly not the dumps' doing: KeepFree leaves each of them the newest dump, but of one executable QUOTA_LOOP of these
 * at most, and all where it cannot be reached so.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

/* Of the count: as the rate limit has it (handler/rate.h). */
#define QUOTA_LOOP 10

/* Of the space: then others have a third of it beside one loop, however many containers that makes. */
#define QUOTA_LOOP_USERS 2

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
	const char *
		group; /* the pod, container or service (store/record_group.h); NULL: none */
	bool contained; /* group is a pod or container */
	enum quota_reason reason; /* out */
};

#define QUOTA_NOBODY UINT32_MAX

/* UINT64_MAX: no limit. */
struct quota_limits {
	uint64_t max_use; /* bytes of all dumps */
	uint64_t keep_free; /* bytes that are to be free; 0: whatever is */
	uint64_t free; /* bytes that are free now */
	uint64_t max_count; /* dumps of one executable of one user, in one group */
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
