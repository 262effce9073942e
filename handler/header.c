/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "handler/header.h"

static int feed(struct source *source, struct core *core)
{
	for (;;) {
		const uint8_t *p;
		size_t used;
		ssize_t n = source_peek(source, &p);
		int r;

		if (n <= 0)
			return n < 0 ? (int)n : -ENODATA;
		r = core_feed(core, p, (size_t)n, &used);
		source_take(source, used);
		if (r != 0)
			return r < 0 ? r : 0;
	}
}

/* Its last byte is there: memory is for what comes, not for what a header says. */
static bool is_there(const struct source *source, uint64_t offset, uint64_t size)
{
	uint8_t last;

	return size > 0 && source_read_at(source, &last, 1, offset + size - 1) == 1;
}

/* A core that is no pipe's, with its notes at the end: they can be read now. */
static void read_late_notes(struct source *source, struct core *core)
{
	_cleanup_free_ uint8_t *notes = NULL;
	uint64_t offset, size;
	ssize_t n;

	core_late_notes(core, &offset, &size);
	/* does not wrap: filter/core.c has looked */
	if (size > CORE_HEADER_MAX || !is_there(source, offset, size))
		return;
	notes = malloc((size_t)size + 1);
	if (!notes)
		return;
	n = source_read_at(source, notes, (size_t)size, offset);
	if (n == (ssize_t)size)
		(void)core_set_notes(core, notes, (size_t)n); /* else: as without */
}

int header_read(struct source *source, struct core *core)
{
	int r = feed(source, core);

	if (r == 0 && core->notes_late)
		read_late_notes(source, core);
	return r;
}

void header_say(struct report *report, const struct core *core,
		const struct source *source, int error)
{
	report->ended_early = error == -ENODATA;
	if (error == -EBADMSG && !core->problem)
		report_say(report, "the dump is damaged: `dumpctl verify' says where");
	else if (error == -EBADMSG)
		report_say(report, "the core is malformed: %s", core->problem);
	else if (error == -ENODATA && source->position == 0)
		report_say(report, "the stream is empty, or this is no core");
	else if (error == -ENODATA)
		report_say(report,
			   "the stream ended in the core's headers: %" PRIu64
			   " of at least %" PRIu64 " bytes came",
			   source->position, core->needed);
	else
		report_say(report, "the core cannot be read: %s", strerror(-error));
}
