/* SPDX-License-Identifier: MIT */
#include "filter/cost.h"
#include "filter/room.h"

/* So much is looked at in all, whatever there is: 10 ms or so. */
#define LOOK_MAX (16u << 20)

/* The estimate may be wrong by this part: what is cut after all is not cut by rank. */
#define MARGIN 5

/* Real memory comes to less than half. */
#define BLIND_RATIO 2

static uint64_t total(const struct ranges *ranges)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < ranges->count; i++) {
		if (ranges->ranges[i].fate == FATE_KEPT)
			sum += range_size(&ranges->ranges[i]);
	}
	return sum;
}

/* What [start, end) comes to, by every so many bytes a page of it. */
static uint64_t packed(const struct view *view, struct cost *cost, uint64_t start,
		       uint64_t end, uint64_t step)
{
	uint64_t before = cost_bytes(cost), pages = 0, size = end - start;

	for (uint64_t at = start;; at += step) {
		cost_memory(cost, view->memory, at, at + PAGE);
		pages++;
		if (end - at <= step)
			break;
	}
	return (cost_bytes(cost) - before) * (size / PAGE) / pages;
}

/* How much of a range of `size` bytes that comes to `cost` fits `left`. */
static uint64_t part(uint64_t size, uint64_t cost, uint64_t left)
{
	uint64_t product;

	if (__builtin_mul_overflow(size, left, &product))
		return size / cost * left; /* sizes of petabytes need no bytes */
	return product / cost;
}

uint64_t room_memory(const struct view *view, const struct ranges *ranges, uint64_t room)
{
	uint64_t all = total(ranges), left = room - room / MARGIN, fits = 0;
	uint64_t step = page_down(all / LOOK_MAX * PAGE) + PAGE;
	struct cost cost = { .bits = 0 };

	if (all <= left)
		return UINT64_MAX;
	if (!view->memory)
		return left * BLIND_RATIO;
	for (size_t i = 0; i < ranges->count; i++) {
		const struct range *r = &ranges->ranges[i];
		uint64_t bytes;

		if (r->fate != FATE_KEPT || range_size(r) < PAGE)
			continue;
		bytes = packed(view, &cost, r->start, r->end, step);
		if (bytes > left)
			return fits + part(range_size(r), bytes, left);
		left -= bytes;
		fits += range_size(r);
	}
	return UINT64_MAX;
}
