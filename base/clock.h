/* SPDX-License-Identifier: MIT */
/*
 * A clock in microseconds, the unit of all times in a record.
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
