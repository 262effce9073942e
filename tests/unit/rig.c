/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "tests/unit/rig.h"
#include "tests/unit/table.h"

void rig_up(struct rig *rig)
{
	rig->b.headers_only = true;
	rig->file = builder_build(&rig->b);
	core_init(&rig->core);
	assert_int_equal(built_feed(&rig->file, rig->file.n, &rig->core), 1);
	notes_read(&rig->core.header, rig->core.notes, &rig->notes);
	assert_int_equal(space_build(&rig->core, &rig->notes, &rig->space), 0);
	core_memory_open(&rig->window, &rig->b);
	rig->ranges = (struct ranges){ 0 };
	rig->findings = (struct findings){ 0 };
	rig->view = (struct view){
		.core = &rig->core,
		.notes = &rig->notes,
		.space = &rig->space,
		.memory = &rig->window.memory,
		.type = type_find("mini"),
		.findings = &rig->findings,
	};
}

void rig_done(struct rig *rig)
{
	spans_done(&rig->findings.names);
	ranges_done(&rig->ranges);
	space_done(&rig->space);
	notes_done(&rig->notes);
	core_done(&rig->core);
	built_done(&rig->file);
	builder_done(&rig->b);
}

void rig_hint(struct rig *rig, struct hint *hints, size_t count)
{
	rig->hints = (struct hints){ .hints = hints, .count = count, .found = true };
	rig->view.hints = &rig->hints;
}

void rig_check(struct rig *rig, rule run, const char *expected)
{
	run(&rig->view, &rig->ranges);
	assert_false(rig->ranges.failed);
	ranges_sort_by_rank(&rig->ranges);
	assert_ranges(&rig->ranges, expected);
}

void assert_ranges(const struct ranges *ranges, const char *expected)
{
	char text[4096] = "";
	size_t n = 0;

	for (size_t i = 0; i < ranges->count && n < sizeof(text); i++) {
		const struct range *r = &ranges->ranges[i];

		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "%s%" PRIx64 "-%" PRIx64 ":%d", i ? " " : "",
				      r->start / PAGE, r->end / PAGE, (int)r->rank);
	}
	assert_string_equal(text, expected);
}

void assert_spans(const struct spans *spans, const char *expected)
{
	char text[4096] = "";
	size_t n = 0;

	for (size_t i = 0; i < spans->count && n < sizeof(text); i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "%s%" PRIx64 "-%" PRIx64, i ? " " : "",
				      spans->spans[i].start, spans->spans[i].end);
	assert_string_equal(text, expected);
}
