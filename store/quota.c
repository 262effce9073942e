/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>

#include "store/quota.h"
#include "store/quota_order.h"
#include "store/quota_share.h"

struct choice {
	const struct quota_limits *limits;
	struct quota_dump **gone;
	size_t gone_count;
	uint64_t use, free;
};

static const char *const reason_keys[QUOTA_REASONS] = {
	[QUOTA_STAYS] = "",	[QUOTA_AGE] = "MaxAge",	   [QUOTA_COUNT] = "MaxCount",
	[QUOTA_USE] = "MaxUse", [QUOTA_FREE] = "KeepFree",
};

const char *quota_reason_key(enum quota_reason reason)
{
	return reason_keys[reason];
}

static void let_go(struct choice *choice, struct quota_dump *dump,
		   enum quota_reason reason)
{
	dump->reason = reason;
	choice->gone[choice->gone_count++] = dump;
	choice->use -= dump->bytes;
	if (__builtin_add_overflow(choice->free, dump->bytes, &choice->free))
		choice->free = UINT64_MAX;
}

static void choose_by_age(struct choice *choice, struct quota_dump **sorted, size_t n)
{
	qsort(sorted, n, sizeof(*sorted), quota_by_time);
	for (size_t i = 0; i < n && sorted[i]->time < choice->limits->oldest; i++)
		let_go(choice, sorted[i], QUOTA_AGE);
}

/* Newest first within a program: those behind the first max_count go. */
static void choose_by_count(struct choice *choice, struct quota_dump **sorted, size_t n)
{
	uint64_t count = 0;

	qsort(sorted, n, sizeof(*sorted), quota_by_program);
	for (size_t i = n; i-- > 0;) {
		if (i + 1 == n || !quota_same_program(sorted[i], sorted[i + 1]))
			count = 0;
		if (sorted[i]->reason == QUOTA_STAYS &&
		    ++count > choice->limits->max_count)
			let_go(choice, sorted[i], QUOTA_COUNT);
	}
}

/* A dump that stays, and which one it is of its container's: 1 is the newest. */
struct ranked {
	struct quota_dump *dump;
	size_t rank;
};

/* Whoever has most loses the oldest, again and again: that is this order. */
static int by_rank(const void *left, const void *right)
{
	const struct ranked *a = left, *b = right;

	if (a->rank != b->rank)
		return a->rank > b->rank ? -1 : 1;
	return quota_by_time(&a->dump, &b->dump);
}

/* Of a loop's dumps, in the order of its parts. Return: how many stay. */
static size_t rank(struct quota_dump **dumps, size_t n, struct ranked *ret)
{
	size_t count = 0, newer = 0;

	for (size_t i = n; i-- > 0;) {
		if (i + 1 < n && !quota_same_program(dumps[i], dumps[i + 1]))
			newer = 0;
		if (dumps[i]->reason == QUOTA_STAYS)
			ret[count++] = (struct ranked){ dumps[i], ++newer };
	}
	return count;
}

/* Each of the loop's containers has its max_count: what all of them have beside that. */
static int choose_by_loop(struct choice *choice, struct quota_dump **sorted, size_t n)
{
	_cleanup_free_ struct ranked *ranked = NULL;
	uint64_t most;

	if (__builtin_mul_overflow(choice->limits->max_count, QUOTA_LOOP, &most) ||
	    n <= most)
		return 0;
	ranked = calloc(n, sizeof(*ranked));
	if (!ranked)
		return -ENOMEM;
	qsort(sorted, n, sizeof(*sorted), quota_by_loop_part);
	for (size_t i = 0, end; i < n; i = end) {
		size_t left;

		for (end = i + 1; end < n && quota_same_loop(sorted[i], sorted[end]);)
			end++;
		left = rank(sorted + i, end - i, ranked);
		qsort(ranked, left, sizeof(*ranked), by_rank);
		for (size_t j = 0; j + most < left; j++)
			let_go(choice, ranked[j].dump, QUOTA_COUNT);
	}
	return 0;
}

static void choose_by_use(struct choice *choice, struct quota_shares *shares)
{
	struct quota_dump *dump;

	while (choice->use > choice->limits->max_use &&
	       (dump = quota_shares_choose(shares, false))) {
		quota_shares_remove(shares, dump);
		let_go(choice, dump, QUOTA_USE);
	}
}

/* Whoever fills the disk with other files would cost all others their dumps, and nothing is won: then all stay. */
static void choose_by_free(struct choice *choice, struct quota_shares *shares)
{
	size_t before = choice->gone_count;
	struct quota_dump *dump;

	while (choice->free < choice->limits->keep_free &&
	       (dump = quota_shares_choose(shares, true))) {
		quota_shares_remove(shares, dump);
		let_go(choice, dump, QUOTA_FREE);
	}
	if (choice->free >= choice->limits->keep_free)
		return;
	while (choice->gone_count > before)
		choice->gone[--choice->gone_count]->reason = QUOTA_STAYS;
}

static int choose_by_space(struct choice *choice, struct quota_dump *dumps, size_t n)
{
	_cleanup_quota_shares_ struct quota_shares shares = { .dumps = NULL };
	int r;

	if (choice->use <= choice->limits->max_use &&
	    choice->free >= choice->limits->keep_free)
		return 0;
	r = quota_shares_make(dumps, n, &shares);
	if (r < 0)
		return r;
	choose_by_use(choice, &shares);
	choose_by_free(choice, &shares);
	return 0;
}

ssize_t quota_choose(struct quota_dump *dumps, size_t n,
		     const struct quota_limits *limits, struct quota_dump ***ret)
{
	/* one more: calloc(0) may be NULL */
	_cleanup_free_ struct quota_dump **sorted = calloc(n + 1, sizeof(*sorted)),
					 **gone = calloc(n + 1, sizeof(*gone));
	struct choice choice = { .limits = limits, .free = limits->free };
	int r;

	if (!sorted || !gone)
		return -ENOMEM;
	choice.gone = gone;
	for (size_t i = 0; i < n; i++) {
		sorted[i] = &dumps[i];
		dumps[i].reason = QUOTA_STAYS;
		/* sizes of files: their sum is no larger than a disk */
		choice.use += dumps[i].bytes;
	}
	choose_by_age(&choice, sorted, n);
	choose_by_count(&choice, sorted, n);
	r = choose_by_loop(&choice, sorted, n);
	if (r == 0)
		r = choose_by_space(&choice, dumps, n);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(gone);
	return (ssize_t)choice.gone_count;
}
