/* SPDX-License-Identifier: MIT */
/*
 * A clock in microseconds, the unit of all times in a record; spans and times that are for ever are
 * INT64_MAX.
 */
#pragma once

#include <stdint.h>
#include <time.h>

/* clock: CLOCK_REALTIME or CLOCK_MONOTONIC, which cannot fail. */
static inline int64_t clock_usec(clockid_t clock)
{
	struct timespec t = { 0, 0 };

	(void)clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static inline int64_t clock_span(uint64_t seconds)
{
	int64_t usec;

	return __builtin_mul_overflow(seconds, UINT64_C(1000000), &usec) ? INT64_MAX
									 : usec;
}

static inline int64_t clock_after(int64_t start, int64_t span)
{
	int64_t until;

	return __builtin_add_overflow(start, span, &until) ? INT64_MAX : until;
}
