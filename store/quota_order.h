/* SPDX-License-Identifier: MIT */
/*
 * Which dumps belong together for store/quota.c. Each is for qsort() of struct quota_dump *; those of one kind are in
 * the order of time, those of the same time in that of the caller's array, so that the result is always the same.
 */
#pragma once

#include "store/quota.h"

int quota_by_time(const void *left, const void *right);
int quota_by_owner(const void *left, const void *right);
int quota_by_program(const void *left, const void *right);
int quota_by_loop(const void *left, const void *right);
int quota_by_loop_part(const void *left, const void *right);

/* Whether the container, pod or service has the dump, and not the user. */
bool quota_owned_by_group(const struct quota_dump *dump);

/* The user; or the container, pod or service that is one. */
bool quota_same_owner(const struct quota_dump *a, const struct quota_dump *b);
/* Also of one executable, in one group. */
bool quota_same_program(const struct quota_dump *a, const struct quota_dump *b);
/* One executable of one user, whatever the group. */
bool quota_same_loop(const struct quota_dump *a, const struct quota_dump *b);
