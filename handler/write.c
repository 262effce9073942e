/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "handler/pack.h"
#include "handler/write.h"

/* Section headers and their names, which the announced size does not count (gdb's gcore). */
#define TAIL_MAX (1u << 20)

/*
 * Copy n bytes from source to pack, which gets zeros for what is to be blanked: no secret
 * reaches a compressor or a file. Return: bytes copied, fewer where the source ended (or
 * failed, see source->error); negative errno: the pack failed.
 */
static int64_t copy(const struct plan *plan, struct source *source, struct pack *pack,
		    uint64_t n)
{
	uint64_t done = 0;

	while (done < n) {
		size_t room;
		uint8_t *space = pack_space(pack, &room);
		uint64_t offset = source->position;
		ssize_t got;
		int r;

		if (room > n - done)
			room = (size_t)(n - done);
		got = source_read(source, space, room);
		if (got < 0)
			got = 0;
		plan_blank(plan, offset, space, (size_t)got);
		r = pack_commit(pack, (size_t)got);
		if (r < 0)
			return r;
		done += (uint64_t)got;
		if ((size_t)got < room)
			break;
	}
	return (int64_t)done;
}

/* Return: 1 all is there, 0 the source ended early, negative errno: the pack failed. */
static int copy_extents(const struct plan *plan, struct source *source, struct pack *pack)
{
	for (size_t i = 0; i < plan->extent_count; i++) {
		const struct extent *extent = &plan->extents[i];
		int64_t n;

		if (source_skip(source, extent->offset) <= 0)
			return 0;
		n = copy(plan, source, pack, extent->size);
		if (n < 0)
			return (int)n;
		if ((uint64_t)n < extent->size)
			return 0;
	}
	return 1;
}

/* All of it to the end of the stream, which is as long as announced, or little longer. */
static int copy_rest(const struct plan *plan, struct source *source, struct pack *pack)
{
	int64_t n = copy(plan, source, pack, plan->size - plan->header_size + TAIL_MAX);

	if (n < 0)
		return (int)n;
	return pack_size(pack) >= plan->size;
}

static int copy_memory(const struct plan *plan, struct source *source, struct pack *pack)
{
	return plan->verbatim ? copy_rest(plan, source, pack)
			      : copy_extents(plan, source, pack);
}

/* A header that is true for the bytes that are there, and the file's end. */
static int finish_cut(struct plan *plan, struct pack *pack)
{
	int r;

	plan_cut(plan, pack_size(pack));
	r = pack_header_again(pack, plan->header, plan->header_size);
	if (r == 0)
		r = pack_memory(pack, plan->trailer, plan->trailer_size);
	if (r == 0)
		r = pack_flush(pack);
	return r == 0 ? pack_finish(pack) : r;
}

/*
 * A write failed. Give up frames from the end, twice as many each time, until the disk has
 * room for the rest and its seek table.
 */
static int give_up_frames(struct plan *plan, struct pack *pack, int error)
{
	size_t frames = 0;
	int r = error;

	while (r == -ENOSPC || r == -EDQUOT || r == -EFBIG || r == -EIO || r == -ENOMEM) {
		int dropped = pack_drop(pack, frames);

		if (dropped < 0)
			return dropped == -ENODATA ? error : dropped;
		r = finish_cut(plan, pack);
		frames = frames ? frames * 2 : 1;
	}
	return r;
}

static int finish_complete(const struct plan *plan, struct pack *pack)
{
	int r = 0;

	if (!plan->verbatim)
		r = pack_memory(pack, plan->trailer, plan->trailer_size);
	if (r == 0)
		r = pack_flush(pack);
	return r == 0 ? pack_finish(pack) : r;
}

static int finish_early(struct plan *plan, struct source *source, struct pack *pack,
			struct report *report)
{
	int r = pack_flush(pack);

	report_say(report,
		   "the core ended early: %" PRIu64 " of %" PRIu64 " bytes came (%s)",
		   source->position, report->size_core,
		   source->error ? strerror(-source->error)
				 : "the process was killed while it dumped");
	report->outcome = REPORT_CUT;
	return r == 0 ? finish_cut(plan, pack) : r;
}

static int write_all(struct plan *plan, struct source *source, struct pack *pack,
		     struct report *report)
{
	int r = pack_header(pack, plan->header, plan->header_size);

	if (r < 0)
		return r;
	source_widen(source);
	r = copy_memory(plan, source, pack);
	report->size_received = source->position;
	source_close(source); /* the crashed process is released here */
	if (r == 1)
		r = finish_complete(plan, pack);
	else if (r == 0)
		r = finish_early(plan, source, pack, report);
	if (r < 0) {
		report_say(report, "the dump cannot be written whole: %s", strerror(-r));
		report->outcome = REPORT_CUT;
		r = give_up_frames(plan, pack, r);
	}
	return r;
}

/*
 * Memory goes out as it comes in, so what is missing is the end of the address space, often
 * stacks. Of changed pages of files a debugger shows what the files hold.
 */
static void say_missing(const struct plan *plan, uint64_t planned, struct report *report)
{
	if (plan->memory < planned)
		report_say(report,
			   "%" PRIu64 " of %" PRIu64
			   " bytes of memory are missing; global "
			   "variables there read as the executable has them",
			   planned - plan->memory, planned);
}

int write_plan(struct plan *plan, struct source *source, int file_fd, int level,
	       struct report *report)
{
	_cleanup_pack_ struct pack *pack = NULL;
	uint64_t planned = plan->memory;
	int r = pack_open(file_fd, level, &pack);

	if (r < 0)
		return r;
	report->outcome = REPORT_COMPLETE;
	r = write_all(plan, source, pack, report);
	if (r == 0)
		say_missing(plan, planned, report);
	report->size_dump = pack_size(pack);
	report->size_header = plan->header_size;
	return r;
}
