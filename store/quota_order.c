/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "store/quota_order.h"

static const struct quota_dump *dump_at(const void *element)
{
	return *(const struct quota_dump *const *)element;
}

/* NULL first. */
static int compare_text(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

static int compare_uid(const struct quota_dump *a, const struct quota_dump *b)
{
	return (a->uid > b->uid) - (a->uid < b->uid);
}

static int compare_time(const struct quota_dump *a, const struct quota_dump *b)
{
	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	return (a > b) - (a < b);
}

/* A user makes up services of their own; root's are the machine's, and none of them shall pay for another. */
bool quota_owned_by_group(const struct quota_dump *dump)
{
	return dump->group && (dump->contained || dump->uid == 0);
}

/* Which ids a container has is its own root's choice: they are not asked. */
static int compare_owner(const struct quota_dump *a, const struct quota_dump *b)
{
	bool by_group = quota_owned_by_group(a);

	if (by_group != quota_owned_by_group(b))
		return by_group ? 1 : -1;
	if (!by_group)
		return compare_uid(a, b);
	if (a->contained != b->contained)
		return a->contained ? 1 : -1;
	return strcmp(a->group, b->group);
}

static int compare_program(const struct quota_dump *a, const struct quota_dump *b)
{
	int r = compare_owner(a, b);

	if (r == 0)
		r = compare_text(a->group, b->group);
	return r ? r : compare_text(a->exe, b->exe);
}

static int compare_loop(const struct quota_dump *a, const struct quota_dump *b)
{
	int r = compare_uid(a, b);

	return r ? r : compare_text(a->exe, b->exe);
}

int quota_by_time(const void *left, const void *right)
{
	return compare_time(dump_at(left), dump_at(right));
}

int quota_by_owner(const void *left, const void *right)
{
	int r = compare_owner(dump_at(left), dump_at(right));

	return r ? r : quota_by_time(left, right);
}

int quota_by_program(const void *left, const void *right)
{
	int r = compare_program(dump_at(left), dump_at(right));

	return r ? r : quota_by_time(left, right);
}

int quota_by_loop(const void *left, const void *right)
{
	int r = compare_loop(dump_at(left), dump_at(right));

	return r ? r : quota_by_time(left, right);
}

int quota_by_loop_part(const void *left, const void *right)
{
	int r = compare_loop(dump_at(left), dump_at(right));

	return r ? r : quota_by_program(left, right);
}

bool quota_same_owner(const struct quota_dump *a, const struct quota_dump *b)
{
	return compare_owner(a, b) == 0;
}

bool quota_same_program(const struct quota_dump *a, const struct quota_dump *b)
{
	return compare_program(a, b) == 0;
}

bool quota_same_loop(const struct quota_dump *a, const struct quota_dump *b)
{
	return compare_loop(a, b) == 0;
}
