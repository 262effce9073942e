/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "filter/spans.h"

void spans_done(struct spans *spans)
{
	free(spans->spans);
	memset(spans, 0, sizeof(*spans));
}

static bool make_room(struct spans *spans)
{
	size_t capacity = spans->capacity ? spans->capacity * 2 : 64;
	struct span *bigger;

	if (spans->count < spans->capacity)
		return true;
	bigger = reallocarray(spans->spans, capacity, sizeof(*bigger));
	if (!bigger) {
		spans->failed = true;
		return false;
	}
	spans->spans = bigger;
	spans->capacity = capacity;
	return true;
}

void spans_add(struct spans *spans, uint64_t start, uint64_t end)
{
	struct span *last = spans->count ? &spans->spans[spans->count - 1] : NULL;

	if (start >= end)
		return;
	if (last && start == last->end)
		last->end = end;
	else if (make_room(spans))
		spans->spans[spans->count++] = (struct span){ start, end };
}

static int by_start(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

void spans_join(struct spans *spans)
{
	size_t joined = 0;

	if (!spans->count)
		return;
	qsort(spans->spans, spans->count, sizeof(*spans->spans), by_start);
	for (size_t i = 1; i < spans->count; i++) {
		struct span *last = &spans->spans[joined];
		const struct span *next = &spans->spans[i];

		if (next->start > last->end)
			spans->spans[++joined] = *next;
		else if (next->end > last->end)
			last->end = next->end;
	}
	spans->count = joined + 1;
}

void spans_close_gaps(struct spans *spans, uint64_t gap)
{
	size_t joined = 0;

	for (size_t i = 1; i < spans->count; i++) {
		struct span *last = &spans->spans[joined];
		const struct span *next = &spans->spans[i];

		if (next->start - last->end <= gap &&
		    page_down(next->start) == page_down(last->end - 1))
			last->end = next->end;
		else
			spans->spans[++joined] = *next;
	}
	if (spans->count)
		spans->count = joined + 1;
}

size_t spans_above(const struct spans *spans, uint64_t address)
{
	size_t low = 0, high = spans->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (spans->spans[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void spans_subtract(struct spans *spans, const struct spans *minus)
{
	struct spans left = { 0 };

	if (!minus->count)
		return;
	for (size_t i = 0; i < spans->count; i++) {
		uint64_t at = spans->spans[i].start, end = spans->spans[i].end;

		for (size_t m = spans_above(minus, at);
		     m < minus->count && minus->spans[m].start < end; m++) {
			spans_add(&left, at, minus->spans[m].start);
			at = minus->spans[m].end;
		}
		spans_add(&left, at, end);
	}
	left.failed |= spans->failed || minus->failed;
	spans_done(spans);
	*spans = left;
}
