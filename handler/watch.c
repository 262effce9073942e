/* SPDX-License-Identifier: MIT */
#include "handler/watch.h"

/* A longer time in which nobody looked was one in which nobody ran: it counts as two. */
#define STEPS_MAX (INT64_C(2) * WATCH_STEP)

static int64_t limit_of(uint64_t deadline)
{
	int64_t usec;

	if (__builtin_mul_overflow(deadline, UINT64_C(1000000), &usec) ||
	    __builtin_add_overflow(usec, WATCH_MARGIN, &usec))
		return INT64_MAX;
	return usec;
}

void watch_open(uint64_t deadline, int64_t start, int64_t now, struct watch *ret)
{
	*ret = (struct watch){
		.limit = limit_of(deadline),
		.looked = now,
		.stood = now > start ? now - start : 0,
	};
}

void watch_let_go(struct watch *watch)
{
	watch->let_go = true;
	watch->stood = 0;
}

bool watch_hangs(struct watch *watch, int64_t now, int64_t cpu)
{
	int64_t passed = now - watch->looked;

	watch->looked = now;
	watch->stood += passed < STEPS_MAX ? passed : STEPS_MAX;
	if (watch->let_go && cpu != watch->cpu)
		watch->stood = 0;
	watch->cpu = cpu;
	return watch->limit != INT64_MAX && watch->stood > watch->limit;
}
