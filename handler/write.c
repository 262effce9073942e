/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "handler/held.h"
#include "handler/pack.h"
#include "handler/plan_report.h"
#include "handler/write.h"

/* A plan on its way into a file. */
struct writing {
	struct plan *plan;
	const struct map_facts *facts;
	struct pack *pack;
	const struct write_means *means;
	struct report *report;
	int map_error; /* why there is no drop map; -ENODATA: there is none to write */
	struct held held;
	bool hangs; /* a thread is in the source, and has all of this still */
	bool turned; /* the plan is no more as its header has it that was written */
};

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

static bool is_full(int error)
{
	return error == -PACK_NO_ROOM || error == -ENOSPC || error == -EDQUOT ||
	       error == -EFBIG || error == -EIO || error == -ENOMEM;
}

/*
 * A write failed. Give up frames from the end, twice as many each time, until the disk has
 * room for the rest and its seek table. Headers alone are tried once: a trailer is a frame too,
 * which comes again each time, so there would always be one to give up.
 */
static int give_up_frames(struct writing *w, int error)
{
	size_t frames = 0;
	bool last = false;
	int r = error;

	while (is_full(r) && !last) {
		int dropped = pack_drop(w->pack, frames);

		if (dropped < 0)
			return dropped == -ENODATA ? error : dropped;
		last = pack_size(w->pack) <= w->plan->header_size;
		r = finish_cut(w);
		frames = frames ? frames * 2 : 1;
	}
	return is_full(r) ? error : r;
}

/* Of a plan that memory and the stream have carried out, one after the other. */
static int finish_turned(struct writing *w)
{
	int r = pack_flush(w->pack);

	if (r < 0)
		return r;
	plan_header_again(w->plan);
	return pack_header_again(w->pack, w->plan->header, w->plan->header_size);
}

static int finish_complete(struct writing *w)
{
	int r = w->turned ? finish_turned(w) : 0;

	if (r == 0 && !w->plan->verbatim)
		r = pack_memory(w->pack, w->plan->trailer, w->plan->trailer_size);
	return r == 0 ? finish_file(w) : r;
}

static void say_early(const struct writing *w, const struct source *source, int error)
{
	if (error == -ETIMEDOUT)
		report_say(w->report,
			   "Deadline: %" PRIu64 " of %" PRIu64
			   " bytes were read in time; memory hangs, or the disk",
			   pack_size(w->pack), w->plan->size);
	else
		report_say(w->report,
			   "the core ended early: %" PRIu64 " of %" PRIu64
			   " bytes came%s%s%s",
			   source->position, w->report->size_core,
			   source->error ? " (" : "",
			   source->error ? strerror(-source->error) : "",
			   source->error ? ")" : "");
	w->report->ended_early = error == 0 && source->error == 0;
}

/* error: -ETIMEDOUT or 0, the source ended. */
static int finish_early(struct writing *w, const struct source *source, int error)
{
	int r = pack_flush(w->pack);

	say_early(w, source, error);
	w->report->outcome = REPORT_CUT;
	return r == 0 ? finish_cut(w) : r;
}

/* What became of what was meant. copied: as held_copy(). */
static void say_release(const struct writing *w, int copied)
{
	enum release_way meant = w->means->release;

	if (w->held.released && w->held.early && meant == RELEASE_COPIED &&
	    !w->means->copied)
		report_release(
			w->report, RELEASE_EARLY,
			"not all of it was copied in 0.2 s, as where a file does not "
			"answer; the pages that it has were copied first");
	else if (w->held.released && !w->held.early && meant == RELEASE_EARLY)
		report_release(w->report, RELEASE_COPIED,
			       "what is kept of it was copied meanwhile");
	else if (!w->held.released && meant != RELEASE_HELD)
		report_release(w->report, RELEASE_HELD,
			       copied == 1 ? "its memory could not be pinned"
					   : "not all that is kept could be copied");
}

/* Until the last byte that is kept has been read. Return: as held_copy(). */
static int hold(struct writing *w, struct source *source)
{
	int r;

	w->held = (struct held){
		.plan = w->plan,
		.source = source,
		.pack = w->pack,
		.pool = w->means->pool,
		.anchor = w->means->anchor,
		.copy_first = w->means->release != RELEASE_EARLY && !w->means->copied,
		.overlay = w->means->overlay,
		.hurry = w->means->hurry,
		.context = w->means->context,
		.let_go = w->means->let_go,
		.turn = { .tell = w->means->turned },
		.deadline = clock_after(w->means->start, clock_span(w->means->deadline)),
		.patience = clock_span(w->means->deadline),
	};
	if (!source->memory)
		source_widen(source);
	source->jumps = w->plan->by_rank;
	source->overlay = w->means->overlay;
	r = held_copy(&w->held);
	say_release(w, r);
	source_release(source); /* the crashed process is released here, if not before */
	if (w->means->let_go && !w->held.released)
		w->means->let_go();
	w->report->held =
		(w->held.released ? w->held.released : clock_usec(CLOCK_MONOTONIC)) -
		w->means->start;
	w->report->size_received = source_received(source);
	w->report->size_memory = source->from_memory;
	pack_release(w->pack);
	return r;
}

static int finish(struct writing *w, const struct source *source, int copied)
{
	if (copied == 1)
		return finish_complete(w);
	if (copied == 0 || copied == -ETIMEDOUT)
		return finish_early(w, source, copied);
	return copied;
}

static void say_full(const struct writing *w, int error)
{
	if (error == -PACK_NO_ROOM)
		report_say(w->report,
			   "the dump cannot be written whole: MaxUse and KeepFree allow "
			   "%" PRIu64 " bytes, or the disk has become full",
			   w->means->room.most);
	else
		report_say(w->report, "the dump cannot be written whole: %s",
			   strerror(-error));
}

static int write_all(struct writing *w, struct source *source)
{
	int r = pack_header(w->pack, w->plan->header, w->plan->header_size), copied;

	if (r < 0)
		return r;
	copied = hold(w, source);
	w->turned = w->held.turn.at > 0;
	if (w->turned)
		plan_follow(w->plan, w->held.turn.at);
	r = finish(w, source, copied);
	if (r < 0) {
		say_full(w, r);
		w->report->outcome = REPORT_CUT;
		r = give_up_frames(w, r);
	}
	w->hangs = copied == -ETIMEDOUT;
	if (!w->hangs)
		held_end(&w->held);
	return r;
}

static void say_map(const struct writing *w)
{
	if (w->map_error == 0 || w->map_error == -ENODATA)
		return;
	report_say(w->report, "the drop map is not in the dump: %s",
		   w->map_error == -E2BIG	   ? "it is too large"
		   : w->map_error == -PACK_NO_ROOM ? "MaxUse and KeepFree allow no more"
						   : strerror(-w->map_error));
}

static void free_writing(struct writing *w)
{
	if (w->hangs)
		return; /* the process ends soon, and with it the thread */
	pack_close(w->pack);
	free(w);
}

static void use_stock(struct writing *w)
{
	struct stock *stock = w->means->stock;

	if (!stock)
		return;
	stock_end(stock);
	if (stock->bytes && !stock->lent)
		pack_adopt(w->pack, stock->bytes, stock->count);
}

/* No kernel writes a core without notes; of a forged one nothing may be left that a debugger could open. */
static bool is_empty(const struct plan *plan, struct report *report)
{
	if (plan->verbatim || plan->segment_count > 0)
		return false;
	report_say(report, "the core has no notes, and nothing of it is kept");
	return true;
}

int write_plan(struct plan *plan, const struct map_facts *facts, struct source *source,
	       int file_fd, const struct write_means *means, struct report *report)
{
	struct writing *w;
	uint64_t planned = plan->memory;
	int r;

	if (is_empty(plan, report))
		return -ENODATA;
	w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	*w = (struct writing){
		.plan = plan, .facts = facts, .means = means, .report = report
	};
	r = pack_open(file_fd, means->level, means->spool, &w->pack);
	if (r == 0) {
		pack_limit(w->pack, &means->room);
		use_stock(w);
		report->outcome = REPORT_COMPLETE;
		r = write_all(w, source);
	}
	if (r == 0) {
		plan_report_missing(plan, planned, report);
		say_map(w);
	}
	report->size_dump = w->pack ? pack_size(w->pack) : 0;
	report->size_header = plan->header_size;
	free_writing(w);
	return r == -PACK_NO_ROOM ? -ENOSPC : r;
}
