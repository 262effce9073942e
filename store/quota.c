/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "store/quota.h"

/* One user's dumps, oldest first; those before `next` are dealt with. */
struct user {
	struct quota_dump **dumps;
	size_t next, count;
	size_t left; /* how many stay */
	uint64_t bytes; /* of what stays */
};

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

static int compare_exe(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

/* Of the same time in the order of the caller's array, so that the result is always the same. */
static int by_time(const void *left, const void *right)
{
	const struct quota_dump *a = *(struct quota_dump *const *)left,
				*b = *(struct quota_dump *const *)right;

	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	return a < b ? -1 : a > b;
}

static int by_user(const void *left, const void *right)
{
	const struct quota_dump *a = *(struct quota_dump *const *)left,
				*b = *(struct quota_dump *const *)right;

	if (a->uid != b->uid)
		return a->uid < b->uid ? -1 : 1;
	return by_time(left, right);
}

static int by_executable(const void *left, const void *right)
{
	const struct quota_dump *a = *(struct quota_dump *const *)left,
				*b = *(struct quota_dump *const *)right;
	int exe = compare_exe(a->exe, b->exe);

	if (a->uid != b->uid)
		return a->uid < b->uid ? -1 : 1;
	return exe ? exe : by_time(left, right);
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
	qsort(sorted, n, sizeof(*sorted), by_time);
	for (size_t i = 0; i < n && sorted[i]->time < choice->limits->oldest; i++)
		let_go(choice, sorted[i], QUOTA_AGE);
}

static bool same_executable(const struct quota_dump *a, const struct quota_dump *b)
{
	return a->uid == b->uid && compare_exe(a->exe, b->exe) == 0;
}

/* Newest first within an executable: those behind the first max_count go. */
static void choose_by_count(struct choice *choice, struct quota_dump **sorted, size_t n)
{
	uint64_t count = 0;

	qsort(sorted, n, sizeof(*sorted), by_executable);
	for (size_t i = n; i-- > 0;) {
		if (i + 1 == n || !same_executable(sorted[i], sorted[i + 1]))
			count = 0;
		if (sorted[i]->reason == QUOTA_STAYS &&
		    ++count > choice->limits->max_count)
			let_go(choice, sorted[i], QUOTA_COUNT);
	}
}

/* sorted by user; users has room for n. Return: how many there are. */
static size_t find_users(struct quota_dump **sorted, size_t n, struct user *users)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		if (i == 0 || sorted[i]->uid != sorted[i - 1]->uid)
			users[count++] = (struct user){ .dumps = sorted + i };
		users[count - 1].count++;
		if (sorted[i]->reason != QUOTA_STAYS)
			continue;
		users[count - 1].left++;
		users[count - 1].bytes += sorted[i]->bytes;
	}
	return count;
}

/* The oldest that stays, of a user of whom one does. */
static struct quota_dump *oldest_of(struct user *user)
{
	while (user->dumps[user->next]->reason != QUOTA_STAYS)
		user->next++;
	return user->dumps[user->next];
}

static const struct quota_dump *newest_of(const struct user *user)
{
	size_t i = user->count - 1;

	while (user->dumps[i]->reason != QUOTA_STAYS)
		i--;
	return user->dumps[i];
}

/* Who takes most, of those with more dumps than `kept`; of several the one with the oldest. NULL: nobody. */
static struct user *largest(struct user *users, size_t count, size_t kept)
{
	struct user *most = NULL;

	for (size_t i = 0; i < count; i++) {
		if (users[i].left <= kept)
			continue;
		if (!most || users[i].bytes > most->bytes ||
		    (users[i].bytes == most->bytes &&
		     oldest_of(&users[i])->time < oldest_of(most)->time))
			most = &users[i];
	}
	return most;
}

static void lose_oldest(struct choice *choice, struct user *user,
			enum quota_reason reason)
{
	struct quota_dump *dump = oldest_of(user);

	user->bytes -= dump->bytes;
	user->left--;
	let_go(choice, dump, reason);
}

static void choose_by_use(struct choice *choice, struct user *users, size_t count)
{
	struct user *user;

	while (choice->use > choice->limits->max_use && (user = largest(users, count, 0)))
		lose_oldest(choice, user, QUOTA_USE);
}

/* What is free without all dumps but the newest of each user. */
static uint64_t free_at_most(const struct choice *choice, const struct user *users,
			     size_t count)
{
	uint64_t free = choice->free;

	for (size_t i = 0; i < count; i++) {
		if (users[i].left > 0 &&
		    __builtin_add_overflow(
			    free, users[i].bytes - newest_of(&users[i])->bytes, &free))
			return UINT64_MAX;
	}
	return free;
}

/* Whoever fills the disk with other files would cost all others their dumps, and nothing is won. */
static void choose_by_free(struct choice *choice, struct user *users, size_t count)
{
	struct user *user;

	if (free_at_most(choice, users, count) < choice->limits->keep_free)
		return;
	while (choice->free < choice->limits->keep_free &&
	       (user = largest(users, count, 1)))
		lose_oldest(choice, user, QUOTA_FREE);
}

ssize_t quota_choose(struct quota_dump *dumps, size_t n,
		     const struct quota_limits *limits, struct quota_dump ***ret)
{
	/* one more: calloc(0) may be NULL */
	_cleanup_free_ struct quota_dump **sorted = calloc(n + 1, sizeof(*sorted)),
					 **gone = calloc(n + 1, sizeof(*gone));
	_cleanup_free_ struct user *users = calloc(n + 1, sizeof(*users));
	struct choice choice = { .limits = limits, .free = limits->free };
	size_t count;

	if (!sorted || !gone || !users)
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
	qsort(sorted, n, sizeof(*sorted), by_user);
	count = find_users(sorted, n, users);
	choose_by_use(&choice, users, count);
	choose_by_free(&choice, users, count);
	*ret = TAKE_PTR(gone);
	return (ssize_t)choice.gone_count;
}
