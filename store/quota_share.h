/* SPDX-License-Identifier: MIT */
/*
 * Who takes how much space: each owner, and each loop, which is one executable of one user in all containers, pods and
 * services that are owners themselves. For store/quota.c.
 */
#pragma once

#include "store/quota.h"

/* One owner's dumps, or one loop's, oldest first; those before `next` are dealt with. */
struct quota_share {
	struct quota_dump **dumps;
	size_t next, count;
	size_t left; /* how many stay */
	uint64_t bytes; /* of what stays */
};

struct quota_share_list {
	struct quota_dump **sorted;
	struct quota_share *shares;
	size_t *share_of; /* of the caller's dump of this index; SIZE_MAX: in none */
	size_t count;
};

struct quota_shares {
	const struct quota_dump *dumps; /* the caller's array */
	struct quota_share_list owners, loops;
};

/* Of n dumps, those with QUOTA_STAYS are counted. Return: 0, or -ENOMEM. */
int quota_shares_make(struct quota_dump *dumps, size_t n,
		      struct quota_shares *ret) _must_check_;
void quota_shares_done(struct quota_shares *shares);
#define _cleanup_quota_shares_ _cleanup_(quota_shares_done)

/*
 * Who takes most shall lose a dump: which one? keep_newest: of each owner the newest stays, of a loop QUOTA_LOOP of them.
 * NULL: none.
 */
struct quota_dump *quota_shares_choose(struct quota_shares *shares, bool keep_newest);

/* Before its reason is set: it is not counted any more. */
void quota_shares_remove(struct quota_shares *shares, const struct quota_dump *dump);
