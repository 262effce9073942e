/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "filter/plan.h"
#include "handler/isolate.h"
#include "handler/mend.h"
#include "handler/pack_walk.h"
#include "handler/plan_report.h"

/* zstd's usual one. A header that does not fit its place is compressed at the best. */
#define LEVEL 3

struct mending {
	struct pack_file file;
	struct core core;
	struct plan plan;
	uint8_t *header; /* of the whole frame, as it was */
	size_t header_n;
};

static int read_header(struct mending *mending)
{
	const struct bytes header = { mending->header, mending->header_n };
	struct core *core = &mending->core;
	struct notes notes;
	size_t used;
	int r = core_feed(core, header.p, header.n, &used);

	if (r <= 0)
		return r == -ENOMEM ? r : -ENODATA;
	notes_read(&core->header, core->notes, &notes);
	r = plan_found(core, &notes, header, &mending->plan);
	notes_done(&notes);
	return r;
}

static int write_header(struct mending *mending)
{
	const struct plan *plan = &mending->plan;
	struct pack_file *file = &mending->file;
	int r = pack_file_header_again(file, plan->header, plan->header_size);
	if (r == 0 && plan->trailer_size > 0)
		r = pack_file_memory(file, file->frame, plan->trailer,
				     plan->trailer_size);
	return r == 0 ? pack_file_finish(file) : r;
}

static void say(const struct mending *mending, int number, uint64_t size,
		uint64_t planned, uint64_t memory, struct report *report)
{
	report_say(report,
		   "the worker was killed by signal %d; of %" PRIu64
		   " bytes that were to be written %" PRIu64
		   " are kept, without the drop map",
		   number, planned, size);
	plan_report_missing(&mending->plan, memory, report);
	report->outcome = REPORT_CUT;
	report->size_dump = mending->file.size;
	report->size_header = mending->header_n;
	/* what was meant to be done, and nobody knows whether it was */
	report->release = RELEASE_WAYS;
	memset(report->release_reason, 0, sizeof(report->release_reason));
}

static int cut(struct mending *mending, int number, struct report *report)
{
	struct plan *plan = &mending->plan;
	uint64_t planned = plan->size, memory = plan->memory, size = mending->file.size;
	int r;

	plan_cut(plan, size);
	if (plan->memory == 0)
		return -ENODATA;
	r = pack_file_drop(&mending->file, 0);
	if (r == 0)
		r = write_header(mending);
	if (r == 0)
		say(mending, number, size, planned, memory, report);
	return r;
}

static int mend(struct mending *mending, struct pack_walk *walk, int number,
		int64_t until, struct report *report)
{
	struct pack_file *file = &mending->file;
	int r = pack_walk_header(walk, file, &mending->header, &mending->header_n);

	if (r == 0)
		r = read_header(mending);
	if (r == 0)
		r = pack_walk_memory(walk, file, until);
	return r == 0 ? cut(mending, number, report) : r;
}

int mend_file(int fd, int number, int64_t until, struct report *report)
{
	_cleanup_pack_walk_ struct pack_walk *walk = NULL;
	struct mending mending = { .header = NULL };
	int r = pack_walk_open(fd, &walk);

	if (r < 0)
		return r;
	core_init(&mending.core);
	r = pack_file_open(fd, LEVEL, &mending.file);
	if (r == 0)
		r = mend(&mending, walk, number, until, report);
	pack_file_close(&mending.file);
	plan_done(&mending.plan);
	core_done(&mending.core);
	free(mending.header);
	return r;
}

int mend_run(const struct report *begun, int number)
{
	struct report report = *begun;
	int64_t until =
		clock_after(clock_usec(CLOCK_MONOTONIC), clock_span(MEND_SECONDS));
	int r = mend_file(ISOLATE_FILE, number, until, &report);

	return r < 0 || report_send(ISOLATE_REPORT, &report) < 0;
}
