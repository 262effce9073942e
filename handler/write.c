/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "handler/pack.h"
#include "handler/write.h"

/* Section headers and their names, which the announced size does not count (gdb's gcore). */
#define TAIL_MAX (1u << 20)

/* A plan on its way into a file. */
struct writing {
	struct plan *plan;
	const struct map_facts *facts;
	struct pack *pack;
	struct report *report;
	int map_error; /* why there is no drop map; -ENODATA: there is none to write */
};

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

/* Return: 0, or negative errno: the file is without a drop map. */
static int write_map(const struct writing *w)
{
	_cleanup_free_ uint8_t *map = NULL;
	size_t n;
	int r = map_encode(w->plan, w->facts, &map, &n);

	return r == 0 ? pack_map(w->pack, map, n) : r;
}

/*
 * What comes behind memory: the drop map, if there is room for it and the seek table. Memory
 * is not given up for it.
 */
static int finish_file(struct writing *w)
{
	int r = pack_flush(w->pack);

	if (r < 0)
		return r;
	w->map_error = write_map(w);
	if (w->map_error == 0)
		w->map_error = pack_finish(w->pack);
	if (w->map_error == 0)
		return 0;
	r = pack_drop(w->pack, 0);
	return r == 0 ? pack_finish(w->pack) : r;
}

/* A header that is true for the bytes that are there, and the file's end. */
static int finish_cut(struct writing *w)
{
	struct plan *plan = w->plan;
	int r;

	plan_cut(plan, pack_size(w->pack));
	r = pack_header_again(w->pack, plan->header, plan->header_size);
	if (r == 0)
		r = pack_memory(w->pack, plan->trailer, plan->trailer_size);
	return r == 0 ? finish_file(w) : r;
}

/*
 * A write failed. Give up frames from the end, twice as many each time, until the disk has
 * room for the rest and its seek table.
 */
static int give_up_frames(struct writing *w, int error)
{
	size_t frames = 0;
	int r = error;

	while (r == -ENOSPC || r == -EDQUOT || r == -EFBIG || r == -EIO || r == -ENOMEM) {
		int dropped = pack_drop(w->pack, frames);

		if (dropped < 0)
			return dropped == -ENODATA ? error : dropped;
		r = finish_cut(w);
		frames = frames ? frames * 2 : 1;
	}
	return r;
}

static int finish_complete(struct writing *w)
{
	int r = 0;

	if (!w->plan->verbatim)
		r = pack_memory(w->pack, w->plan->trailer, w->plan->trailer_size);
	return r == 0 ? finish_file(w) : r;
}

static int finish_early(struct writing *w, const struct source *source)
{
	int r = pack_flush(w->pack);

	report_say(w->report,
		   "the core ended early: %" PRIu64 " of %" PRIu64 " bytes came (%s)",
		   source->position, w->report->size_core,
		   source->error ? strerror(-source->error)
				 : "the process was killed while it dumped");
	w->report->outcome = REPORT_CUT;
	return r == 0 ? finish_cut(w) : r;
}

static int write_all(struct writing *w, struct source *source)
{
	int r = pack_header(w->pack, w->plan->header, w->plan->header_size);

	if (r < 0)
		return r;
	source_widen(source);
	r = copy_memory(w->plan, source, w->pack);
	w->report->size_received = source->position;
	source_close(source); /* the crashed process is released here */
	if (r == 1)
		r = finish_complete(w);
	else if (r == 0)
		r = finish_early(w, source);
	if (r < 0) {
		report_say(w->report, "the dump cannot be written whole: %s",
			   strerror(-r));
		w->report->outcome = REPORT_CUT;
		r = give_up_frames(w, r);
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

static void say_map(const struct writing *w)
{
	if (w->map_error == 0 || w->map_error == -ENODATA)
		return;
	report_say(w->report, "the drop map is not in the dump: %s",
		   w->map_error == -E2BIG ? "it is too large" : strerror(-w->map_error));
}

int write_plan(struct plan *plan, const struct map_facts *facts, struct source *source,
	       int file_fd, int level, struct report *report)
{
	_cleanup_pack_ struct pack *pack = NULL;
	struct writing writing = { .plan = plan, .facts = facts, .report = report };
	uint64_t planned = plan->memory;
	int r = pack_open(file_fd, level, &pack);

	if (r < 0)
		return r;
	writing.pack = pack;
	report->outcome = REPORT_COMPLETE;
	r = write_all(&writing, source);
	if (r == 0) {
		say_missing(plan, planned, report);
		say_map(&writing);
	}
	report->size_dump = pack_size(pack);
	report->size_header = plan->header_size;
	return r;
}
