/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "filter/untouched.h"

/* Questions to the page map: 0.7 us each. */
#define ASKED_MAX 8192

/* Bytes of pages in a row that it walks over to where they end: 5 ns for each page. */
#define WALKED_MAX (UINT64_C(512) << 20)

struct hunt {
	const struct view *view;
	const struct ranges *kept;
	struct span *found;
	size_t count, asked;
	uint64_t walked;
	struct span kernels; /* the vdso, and what lies below it in a row */
	size_t at; /* in kept: the first range that may end above what is looked at */
};

static bool add(struct hunt *hunt, uint64_t start, uint64_t end)
{
	if (start >= end)
		return true;
	if (hunt->count == UNTOUCHED_MAX) {
		hunt->view->findings->pieces = true;
		return false;
	}
	hunt->found[hunt->count++] = (struct span){ start, end };
	return true;
}

/* Of [start, end), of which nothing is kept. Return: whether there may be more of the area. */
static bool look_between(struct hunt *hunt, uint64_t start, uint64_t end)
{
	const struct memory *memory = hunt->view->memory;
	uint64_t there, gone;

	while (start < end) {
		if (hunt->asked >= ASKED_MAX || hunt->walked >= WALKED_MAX)
			return false;
		hunt->asked++;
		if (!memory->next_there(memory->context, start, end, &there, &gone))
			return add(hunt, start, end);
		if (!add(hunt, start, there))
			return false;
		hunt->walked += gone - there;
		start = gone > start ? gone : end;
	}
	return true;
}

static void look_at(struct hunt *hunt, const struct area *area)
{
	const struct ranges *kept = hunt->kept;
	uint64_t start = area->start;

	while (hunt->at < kept->count && kept->ranges[hunt->at].end <= area->start)
		hunt->at++;
	for (size_t i = hunt->at; i < kept->count && kept->ranges[i].start < area->end;
	     i++) {
		if (!look_between(hunt, start, kept->ranges[i].start))
			return;
		if (kept->ranges[i].end > start)
			start = kept->ranges[i].end;
	}
	(void)look_between(hunt, start, area->end); /* no more in any case */
}

/*
 * The kernel's variables for the vdso ([vvar]; nobody writes them through their mapping) lie below it: the page
 * map knows of no page there, and the process reads the time.
 */
static struct span find_kernels(const struct space *space)
{
	size_t i = 0;
	struct span kernels;

	while (i < space->count && !space->areas[i].is_vdso)
		i++;
	if (i == space->count)
		return (struct span){ 0, 0 };
	kernels = (struct span){ space->areas[i].start, space->areas[i].end };
	for (; i > 0 && space->areas[i - 1].end == kernels.start &&
	       !(space->areas[i - 1].segment->flags & PF_W);
	     i--)
		kernels.start = space->areas[i - 1].start;
	return kernels;
}

/*
 * The program could not read what has no rights. Memory with a name in NT_FILE that counts as anonymous is of huge
 * pages, and may be shared: then another process may have written what is no page of this one.
 */
static bool is_ours(const struct hunt *hunt, const struct area *area)
{
	return area->backing == BACKING_ANONYMOUS && area->start <= INT64_MAX &&
	       (area->segment->flags & PF_R) &&
	       (area->start < hunt->kernels.start || area->start >= hunt->kernels.end) &&
	       !notes_file_at(hunt->view->notes, area->start);
}

static int by_start(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* What has no content for the kernel, too, first: a .bss is a question and a header. */
static void look_at_all(struct hunt *hunt, bool content)
{
	const struct space *space = hunt->view->space;

	hunt->at = 0;
	for (size_t i = 0; i < space->count; i++) {
		const struct area *area = &space->areas[i];

		if (is_ours(hunt, area) && (area->content_end > area->start) == content)
			look_at(hunt, area);
	}
}

void untouched_find(const struct view *view, const struct ranges *kept, struct spans *ret)
{
	struct hunt hunt = { .view = view,
			     .kept = kept,
			     .kernels = find_kernels(view->space) };

	if (!view->memory || !view->memory->next_there)
		return;
	/* without NT_FILE it is not known what is a file, or shared */
	if (!view->notes->has_files || view->notes->broken) {
		view->findings->no_files = true;
		return;
	}
	hunt.found = calloc(UNTOUCHED_MAX, sizeof(*hunt.found));
	if (!hunt.found) {
		ret->failed = true;
		return;
	}
	look_at_all(&hunt, false);
	look_at_all(&hunt, true);
	qsort(hunt.found, hunt.count, sizeof(*hunt.found), by_start);
	ret->spans = hunt.found;
	ret->count = hunt.count;
	ret->capacity = UNTOUCHED_MAX;
}
