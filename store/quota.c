/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "store/quota.h"

/* One user's dumps, oldest first; those before `next` are dealt with. */
struct user {
	struct quota_dump **dumps;
	size_t next, count;
	uint64_t bytes; /* of what stays */
};

struct choice {
	const struct quota_limits *limits;
	struct quota_dump **gone;
	size_t gone_count;
	uint64_t use, free;
	size_t left; /* dumps that stay */
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
	choice->left--;
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
		if (sorted[i]->reason == QUOTA_STAYS)
			users[count - 1].bytes += sorted[i]->bytes;
	}
	return count;
}

/* The oldest that stays; NULL: none does. */
static struct quota_dump *oldest_of(struct user *user)
{
	while (user->next < user->count && user->dumps[user->next]->reason != QUOTA_STAYS)
		user->next++;
	return user->next < user->count ? user->dumps[user->next] : NULL;
}

/* Who takes most; of several the one with the oldest dump. NULL: nobody has any. */
static struct user *largest(struct user *users, size_t count)
{
	struct user *most = NULL;

	for (size_t i = 0; i < count; i++) {
		struct quota_dump *oldest = oldest_of(&users[i]);

		if (!oldest)
			continue;
		if (!most || users[i].bytes > most->bytes ||
		    (users[i].bytes == most->bytes &&
		     oldest->time < oldest_of(most)->time))
			most = &users[i];
	}
	return most;
}

/* Why one more has to go. */
static enum quota_reason shortage(const struct choice *choice)
{
	if (choice->left > 0 && choice->use > choice->limits->max_use)
		return QUOTA_USE;
	if (choice->left > 1 && choice->free < choice->limits->keep_free)
		return QUOTA_FREE;
	return QUOTA_STAYS;
}

static void choose_by_space(struct choice *choice, struct user *users, size_t count)
{
	enum quota_reason reason;

	while ((reason = shortage(choice)) != QUOTA_STAYS) {
		struct user *user = largest(users, count);
		struct quota_dump *dump = user ? oldest_of(user) : NULL;

		if (!dump)
			return; /* none is left, so there is no shortage */
		user->bytes -= dump->bytes;
		let_go(choice, dump, reason);
	}
}

ssize_t quota_choose(struct quota_dump *dumps, size_t n,
		     const struct quota_limits *limits, struct quota_dump ***ret)
{
	/* one more: calloc(0) may be NULL */
	_cleanup_free_ struct quota_dump **sorted = calloc(n + 1, sizeof(*sorted)),
					 **gone = calloc(n + 1, sizeof(*gone));
	_cleanup_free_ struct user *users = calloc(n + 1, sizeof(*users));
	struct choice choice = { .limits = limits, .free = limits->free, .left = n };

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
	choose_by_space(&choice, users, find_users(sorted, n, users));
	*ret = TAKE_PTR(gone);
	return (ssize_t)choice.gone_count;
}
