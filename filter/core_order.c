/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "filter/core_order.h"

void core_order_done(struct core_order *order)
{
	free(order->runs);
	*order = (struct core_order){ 0 };
}

/* To the front of those that grew last. */
static void move_to_front(struct core_order *order, size_t i, size_t run)
{
	memmove(order->recent + 1, order->recent, i * sizeof(*order->recent));
	order->recent[0] = run;
}

static bool grow(struct core_order *order, uint64_t first, uint64_t last)
{
	for (size_t i = 0; i < order->recent_count; i++) {
		size_t run = order->recent[i];

		if (order->runs[run].last == UINT64_MAX ||
		    order->runs[run].last + 1 != first)
			continue;
		order->runs[run].last = last;
		move_to_front(order, i, run);
		return true;
	}
	return false;
}

static int add_run(struct core_order *order, uint64_t first, uint64_t last)
{
	if (order->count == order->capacity) {
		size_t capacity = order->capacity ? order->capacity * 2 : 64;
		struct core_run *bigger =
			realloc(order->runs, capacity * sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		order->runs = bigger;
		order->capacity = capacity;
	}
	order->runs[order->count] = (struct core_run){ first, last };
	if (order->recent_count < CORE_ORDER_RECENT)
		order->recent_count++;
	move_to_front(order, order->recent_count - 1, order->count++);
	return 0;
}

/* As long as all is in order, they may be as many as they like. */
static void give_up_runs(struct core_order *order)
{
	free(order->runs);
	order->runs = NULL;
	order->count = order->capacity = order->recent_count = 0;
	order->full = true;
}

int core_order_add(struct core_order *order, uint64_t start, uint64_t size)
{
	uint64_t last = start + (size - 1);

	order->disordered |= order->begun && start <= order->last;
	if (!order->begun || last > order->last)
		order->last = last;
	order->begun = true;
	if (order->full || grow(order, start, last))
		return 0;
	if (order->count < CORE_ORDER_RUNS)
		return add_run(order, start, last);
	give_up_runs(order);
	return 0;
}

static void swap(struct core_run *a, struct core_run *b)
{
	struct core_run c = *a;

	*a = *b;
	*b = c;
}

/* The run at i down to its place in a heap of n, the largest at the top. */
static void sift(struct core_run *runs, size_t i, size_t n)
{
	for (size_t child; (child = 2 * i + 1) < n; i = child) {
		if (child + 1 < n && runs[child].first < runs[child + 1].first)
			child++;
		if (runs[i].first >= runs[child].first)
			return;
		swap(&runs[i], &runs[child]);
	}
}

/* In place: qsort(3) would take as much memory again. */
static void sort(struct core_run *runs, size_t n)
{
	for (size_t i = n / 2; i-- > 0;)
		sift(runs, i, n);
	for (size_t end = n; end-- > 1;) {
		swap(&runs[0], &runs[end]);
		sift(runs, 0, end);
	}
}

int core_order_overlaps(struct core_order *order)
{
	if (!order->disordered)
		return 0;
	if (order->full)
		return -E2BIG;
	sort(order->runs, order->count);
	for (size_t i = 1; i < order->count; i++) {
		if (order->runs[i - 1].last >= order->runs[i].first)
			return 1;
	}
	return 0;
}
