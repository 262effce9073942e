/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "filter/fault.h"
#include "filter/strings.h"
#include "handler/isolate.h"
#include "handler/modules_report.h"
#include "handler/planning.h"
#include "handler/window.h"

/* A line each: "TAG: text". triage is for other eyes. */
static void say_texts(const struct hints *hints, const struct type *type,
		      struct report *report)
{
	report->texts[0] = '\0';
	for (size_t i = 0; i < hints->text_count && !type->scrub; i++) {
		const struct hint_text *text = &hints->texts[i];
		size_t n = strlen(report->texts);

		(void)snprintf(report->texts + n, sizeof(report->texts) - n, "%s%s%s%.*s",
			       n ? "\n" : "", text->tag, text->tag[0] ? ": " : "",
			       (int)text->n,
			       (const char *)text->bytes); /* cut is as good */
	}
}

/*
 * What the notes have of them was reported before it was known that they are secrets. hints: NULL
 * if they could not be read.
 */
static void hush(const struct plan_input *input, const struct hints *hints,
		 struct report *report)
{
	if (!hints || strings_are_secret(input->core, input->notes, hints))
		report_hush(report);
	else
		report->hushed = false;
}

static int drop_texts(const struct plan_input *input, struct hints *hints)
{
	struct space space;
	int r;

	if (!hints->text_count)
		return 0;
	r = space_build(input->core, input->notes, &space);
	if (r < 0)
		return r;
	hints_drop_texts(&space, hints);
	space_done(&space);
	return 0;
}

int planning_with(const struct plan_input *input, struct plan *ret, struct report *report)
{
	struct plan_input with_hints = *input;
	struct hints hints;
	int r = hints_read(input->notes, input->names, input->memory, &hints);

	if (r < 0) {
		hush(input, NULL, report);
		return r;
	}
	with_hints.hints = &hints;
	r = drop_texts(input, &hints);
	if (r == 0)
		r = plan_make(&with_hints, ret);
	report_fault(report,
		     fault_name(fault_of(input->core, input->notes, input->memory)));
	if (r == 0)
		say_texts(&hints, input->type, report);
	hush(input, &hints, report);
	hints_done(&hints);
	return r;
}

static int make(const struct planning *planning, const struct memory *memory,
		struct plan *ret, struct report *report)
{
	const struct plan_input input = {
		.core = planning->core,
		.notes = planning->notes,
		.type = planning->type,
		.memory = memory,
		.names = planning->names,
		.distant = planning->distant,
		.max_memory = planning->max_memory,
		.room = planning->room,
		.by_rank = planning->by_rank,
	};

	return planning_with(&input, ret, report);
}

/*
 * SIGKILL ends a dumping process, and a tiny one ends with its last byte in the pipe where
 * core_pipe_limit is 0. Then its memory looks empty: what was planned meanwhile would be
 * taken for what there was.
 */
static int make_certain(const struct planning *planning, struct window *window,
			struct plan *ret, struct report *report)
{
	int r = make(planning, window->memory, ret, report);

	if (r < 0 || !window_gone(window))
		return r;
	plan_done(ret);
	window->memory = NULL;
	window->reason = "the process has ended meanwhile";
	return make(planning, NULL, ret, report);
}

static void say_blind(const struct window *window, const struct plan *plan,
		      struct report *report)
{
	if (!window->memory && !plan->verbatim)
		report_say(report, "planned without a look at memory: %s",
			   window->reason);
}

static void open_window(const struct planning *planning, struct window *ret)
{
	static const struct window_fds fds = { ISOLATE_MEMORY, ISOLATE_PAGEMAP };

	window_open(planning->source, planning->job->process, &fds, planning->core,
		    planning->notes, ret);
}

/* Before the plan: the pages that it will look at are then at hand. */
static void report_modules(const struct planning *planning, const struct window *window,
			   struct report *report)
{
	const struct blob *maps = &planning->job->process->files[PROCESS_MAPS];
	const struct bytes text = { (const uint8_t *)maps->bytes,
				    maps->bytes ? maps->n : 0 };

	modules_report(planning->notes, planning->names, window->memory, text, report);
}

static int make_timed(const struct planning *planning, struct plan *ret,
		      struct report *report)
{
	struct window window;
	int r;

	open_window(planning, &window);
	report_modules(planning, &window, report);
	r = make_certain(planning, &window, ret, report);
	if (r == 0)
		say_blind(&window, ret, report);
	window_close(&window);
	return r;
}

/* What looks empty when the process has ended may have been a secret. */
static int hush_by(const struct plan_input *input, const struct window *window,
		   struct report *report)
{
	struct hints hints;
	int r = hints_read(input->notes, input->names, input->memory, &hints);

	if (r < 0) {
		hush(input, NULL, report);
		return r;
	}
	hints.unreadable |= hints.found && window_gone(window);
	hush(input, &hints, report);
	hints_done(&hints);
	return 0;
}

int planning_hush(const struct planning *planning, struct report *report)
{
	struct window window;
	int r;

	open_window(planning, &window);
	report_modules(planning, &window, report);
	r = hush_by(&(struct plan_input){ .core = planning->core,
					  .notes = planning->notes,
					  .names = planning->names,
					  .memory = window.memory },
		    &window, report);
	window_close(&window);
	return r;
}

int planning_make(const struct planning *planning, struct plan *ret,
		  struct report *report)
{
	int64_t start = clock_usec(CLOCK_MONOTONIC);
	int r = make_timed(planning, ret, report);

	report->planning = clock_usec(CLOCK_MONOTONIC) - start;
	return r;
}
