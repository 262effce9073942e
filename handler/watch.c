/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "handler/watch.h"

/* A longer time in which nobody looked was one in which nobody ran: it counts as two. */
#define STEPS_MAX (INT64_C(2) * WATCH_STEP)

int64_t watch_packing(uint64_t present, int level)
{
	uint64_t part = level > 9 ? WATCH_PACKING_SLOW : WATCH_PACKING_PART;

	return clock_span(WATCH_PACKING + present / part);
}

void watch_open(uint64_t deadline, int64_t packing, int64_t start, int64_t now,
		struct watch *ret)
{
	*ret = (struct watch){
		.packing = packing,
		.deadline = clock_span(deadline),
		.limit = clock_after(WATCH_MARGIN, clock_span(deadline)),
		.looked = now,
		.stood = now > start ? now - start : 0,
	};
}

void watch_let_go(struct watch *watch)
{
	if (watch->fixed)
		return;
	watch->let_go = true;
	watch->stood = 0;
}

static bool is_held_by_idle(const struct watch *watch)
{
	return !watch->let_go && watch->deadline != INT64_MAX &&
	       watch->stood > watch->deadline && watch->idle > WATCH_IDLE;
}

bool watch_packed_too_long(const struct watch *watch)
{
	return watch->let_go && watch->packed > watch->packing;
}

bool watch_hangs(struct watch *watch, int64_t now, int64_t cpu, bool ready)
{
	int64_t passed = now - watch->looked;

	passed = passed < STEPS_MAX ? passed : STEPS_MAX;
	watch->looked = now;
	watch->stood += passed;
	watch->packed += watch->let_go ? passed : 0;
	watch->idle = ready ? 0 : watch->idle + passed;
	if (watch->let_go && cpu != watch->cpu)
		watch->stood = 0;
	watch->cpu = cpu;
	return is_held_by_idle(watch) || watch_packed_too_long(watch) ||
	       (watch->limit != INT64_MAX && watch->stood > watch->limit);
}
