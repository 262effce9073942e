/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "store/quota_order.h"
#include "store/quota_share.h"

static void list_done(struct quota_share_list *list)
{
	free(list->sorted);
	free(list->shares);
	free(list->share_of);
	*list = (struct quota_share_list){ .count = 0 };
}

void quota_shares_done(struct quota_shares *shares)
{
	list_done(&shares->owners);
	list_done(&shares->loops);
}

static int list_allocate(struct quota_share_list *list, size_t n)
{
	/* one more: calloc(0) may be NULL */
	list->sorted = calloc(n + 1, sizeof(struct quota_dump *));
	list->shares = calloc(n + 1, sizeof(*list->shares));
	list->share_of = calloc(n + 1, sizeof(*list->share_of));
	if (!list->sorted || !list->shares || !list->share_of)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		list->share_of[i] = SIZE_MAX;
	return 0;
}

static void count_in(struct quota_share *share, const struct quota_dump *dump)
{
	share->count++;
	if (dump->reason != QUOTA_STAYS)
		return;
	share->left++;
	share->bytes += dump->bytes;
}

/* The first n of list->sorted, which are in that order. */
static void find_shares(const struct quota_dump *dumps, size_t n,
			bool (*same)(const struct quota_dump *a,
				     const struct quota_dump *b),
			struct quota_share_list *list)
{
	for (size_t i = 0; i < n; i++) {
		struct quota_dump **at = list->sorted + i;

		if (i == 0 || !same(at[-1], at[0]))
			list->shares[list->count++] = (struct quota_share){ .dumps = at };
		count_in(&list->shares[list->count - 1], *at);
		list->share_of[*at - dumps] = list->count - 1;
	}
}

int quota_shares_make(struct quota_dump *dumps, size_t n, struct quota_shares *ret)
{
	struct quota_share_list *owners = &ret->owners, *loops = &ret->loops;
	size_t grouped = 0;

	*ret = (struct quota_shares){ .dumps = dumps };
	if (list_allocate(owners, n) < 0 || list_allocate(loops, n) < 0) {
		quota_shares_done(ret);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		owners->sorted[i] = &dumps[i];
		if (quota_owned_by_group(&dumps[i]))
			loops->sorted[grouped++] = &dumps[i];
	}
	qsort(owners->sorted, n, sizeof(*owners->sorted), quota_by_owner);
	find_shares(dumps, n, quota_same_owner, owners);
	qsort(loops->sorted, grouped, sizeof(*loops->sorted), quota_by_loop);
	find_shares(dumps, grouped, quota_same_loop, loops);
	return 0;
}

/* Each dump has an owner. */
static struct quota_share *owner_of(const struct quota_shares *shares,
				    const struct quota_dump *dump)
{
	const struct quota_share_list *list = &shares->owners;

	return &list->shares[list->share_of[dump - shares->dumps]];
}

/* The oldest that stays, of a share of which one does. */
static struct quota_dump *oldest_of(struct quota_share *share)
{
	while (share->dumps[share->next]->reason != QUOTA_STAYS)
		share->next++;
	return share->dumps[share->next];
}

/* Who takes most, of those with more dumps than `kept`; of several the one with the oldest. NULL: nobody. */
static struct quota_share *largest(struct quota_share_list *list, size_t kept)
{
	struct quota_share *most = NULL;

	for (size_t i = 0; i < list->count; i++) {
		struct quota_share *share = &list->shares[i];

		if (share->left <= kept)
			continue;
		if (!most || share->bytes > most->bytes ||
		    (share->bytes == most->bytes &&
		     oldest_of(share)->time < oldest_of(most)->time))
			most = share;
	}
	return most;
}

/* Of a loop, the oldest dump of the owner who takes most: a container that crashed once does not pay for the others. */
static struct quota_dump *choose_in_loop(const struct quota_shares *shares,
					 const struct quota_share *loop)
{
	struct quota_dump *chosen = NULL;
	uint64_t most = 0;

	for (size_t i = loop->next; i < loop->count; i++) {
		struct quota_dump *dump = loop->dumps[i];
		const struct quota_share *owner = owner_of(shares, dump);

		if (dump->reason != QUOTA_STAYS || (chosen && owner->bytes <= most))
			continue;
		chosen = dump;
		most = owner->bytes;
	}
	return chosen;
}

struct quota_dump *quota_shares_choose(struct quota_shares *shares, bool keep_newest)
{
	struct quota_share *owner = largest(&shares->owners, keep_newest ? 1 : 0);
	struct quota_share *loop = largest(&shares->loops, keep_newest ? QUOTA_LOOP : 0);

	if (loop && (!owner || loop->bytes / QUOTA_LOOP_USERS > owner->bytes))
		return choose_in_loop(shares, loop);
	return owner ? oldest_of(owner) : NULL;
}

static void remove_from(struct quota_share *share, const struct quota_dump *dump)
{
	share->left--;
	share->bytes -= dump->bytes;
}

void quota_shares_remove(struct quota_shares *shares, const struct quota_dump *dump)
{
	struct quota_share_list *loops = &shares->loops;
	size_t loop = loops->share_of[dump - shares->dumps];

	remove_from(owner_of(shares, dump), dump);
	if (loop != SIZE_MAX)
		remove_from(&loops->shares[loop], dump);
}
