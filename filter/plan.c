/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "filter/budget.h"
#include "filter/data_files.h"
#include "filter/data_files_lost.h"
#include "filter/distant.h"
#include "filter/limit.h"
#include "filter/order.h"
#include "filter/pieces.h"
#include "filter/plan.h"
#include "filter/rewrite.h"
#include "filter/room.h"
#include "filter/rules.h"
#include "filter/scrub.h"
#include "filter/strings.h"
#include "filter/trust.h"
#include "filter/untouched.h"
#include "filter/withhold.h"

static const rule rules[] = {
	rule_crash,	 rule_loader,  rule_object,  rule_hint,	     rule_thread,
	rule_global,	 rule_runtime, rule_pointee, rule_far_stack, rule_private,
	rule_dead_stack, rule_shared,  rule_rest,
};

/* A plan in the making. */
struct draft {
	struct view view;
	struct space space;
	struct findings findings;
	struct ranges ranges; /* all, with their fates */
	struct ranges
		kept; /* each gets a program header, and one more where its mapping ends */
	struct spans secrets; /* joined */
	struct spans gaps; /* between windows; joined */
	struct spans blanks; /* secrets, and what is scrubbed; joined */
	uint8_t *notes; /* if they are not the core's */
	struct spans untouched; /* by address */
	size_t cut; /* mappings that lose their NT_FILE entry */
};

static void draft_done(struct draft *draft)
{
	space_done(&draft->space);
	spans_done(&draft->findings.names);
	spans_done(&draft->findings.data);
	ranges_done(&draft->ranges);
	ranges_done(&draft->kept);
	spans_done(&draft->secrets);
	spans_done(&draft->gaps);
	spans_done(&draft->findings.windows);
	spans_done(&draft->blanks);
	spans_done(&draft->untouched);
	free(draft->notes);
}

static void say(struct plan *plan, const char *reason)
{
	if (plan->reason_count < PLAN_REASONS_MAX)
		plan->reasons[plan->reason_count++] = reason;
}

/* Hints have a budget and may be dropped; these not, or a debugger shows stale values. */
#define OVER_HINTS (RANK_BIT(RANK_THREAD) | RANK_BIT(RANK_GLOBAL))

static uint64_t limit_of(const struct view *view, const struct ranges *ranges,
			 const struct plan_input *in)
{
	uint64_t fits = in->room ? room_memory(view, ranges, in->room) : UINT64_MAX;

	return fits < in->max_memory ? fits : in->max_memory;
}

/* Each address once, at its best rank, with what becomes of it. */
static int choose(struct draft *draft, const struct plan_input *in, struct plan *plan)
{
	const struct view *view = &draft->view;
	struct ranges *ranges = &draft->ranges;
	struct limit_result result;

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		rules[i](view, ranges);
	/* a stack is private memory, too: it counts once, and has its own beginning */
	ranges_split(ranges, view->type->ranks & OVER_HINTS);
	withhold_mark(view, &draft->secrets, ranges);
	if (ranges->failed)
		return -ENOMEM;
	ranges_sort_by_rank(ranges);
	budget_spend(view, ranges);
	plan->limit = limit_of(view, ranges, in);
	limit_spend(ranges, plan->limit, &result);
	plan->left_out = result.left_out;
	plan->stale = result.stale;
	return ranges->failed ? -ENOMEM : 0;
}

static int collect_kept(struct draft *draft, const struct plan_input *in,
			struct plan *plan)
{
	bool waits;

	for (size_t i = 0; i < draft->ranges.count; i++) {
		const struct range *r = &draft->ranges.ranges[i];

		if (r->fate == FATE_KEPT)
			ranges_add(&draft->kept, r->start, r->end, r->rank);
	}
	ranges_sort_by_address(&draft->kept);
	waits = in->by_rank && distant_mark(in->memory, in->distant, &draft->kept);
	plan->by_rank = in->by_rank && (waits || !plan->type->verbatim);
	if (plan->by_rank)
		order_ranges(&draft->space, draft->view.notes, &draft->kept);
	else
		ranges_join(&draft->kept);
	return draft->kept.failed ? -ENOMEM : 0;
}

/* Of pages that only pointees keep, what is not near one. */
static void collect_gaps(struct draft *draft)
{
	ranges_collect(&draft->ranges, RANK_BIT(RANK_POINTEE), &draft->gaps);
	spans_subtract(&draft->gaps, &draft->findings.windows);
}

static int collect_blanks(struct draft *draft)
{
	const struct view *view = &draft->view;

	if (draft->findings.has_windows)
		collect_gaps(draft);
	for (size_t i = 0; i < draft->gaps.count; i++)
		spans_add(&draft->blanks, draft->gaps.spans[i].start,
			  draft->gaps.spans[i].end);
	if (view->type->scrub)
		scrub_add(view, &draft->ranges, &draft->blanks);
	for (size_t i = 0; i < draft->secrets.count; i++)
		spans_add(&draft->blanks, draft->secrets.spans[i].start,
			  draft->secrets.spans[i].end);
	spans_join(&draft->blanks);
	draft->cut = data_files_cut(&draft->findings.data, &draft->kept, &draft->blanks,
				    &draft->space);
	return draft->blanks.failed || draft->secrets.failed || draft->gaps.failed
		       ? -ENOMEM
		       : 0;
}

static size_t scrubbed_notes(const struct view *view, const struct core *core,
			     bool hushed, uint8_t *to)
{
	if (view->type->scrub)
		return scrub_notes(core, to);
	if (hushed)
		return scrub_arguments(core, to);
	memcpy(to, core->notes.p, core->notes.n);
	return core->notes.n;
}

/* triage has notes of its own; arguments may be a secret; mappings may have been cut. */
static int choose_notes(struct draft *draft, const struct core *core, struct bytes *ret)
{
	const struct view *view = &draft->view;
	bool hushed = strings_are_secret(core, view->notes, view->hints);
	size_t size = core->notes.n;

	*ret = core->notes;
	if (!ret->n || (!view->type->scrub && !hushed && !draft->cut))
		return 0;
	draft->notes = malloc(2 * size);
	if (!draft->notes)
		return -ENOMEM;
	ret->p = draft->notes;
	ret->n = scrubbed_notes(view, core, hushed, draft->notes);
	if (draft->cut) {
		ret->n = data_files_notes(&draft->space, view->notes->word, *ret,
					  draft->notes + size);
		ret->p = draft->notes + size;
	}
	return 0;
}

static int rewrite(struct draft *draft, const struct core *core, struct plan *plan)
{
	struct bytes notes;
	int r = rewrite_segments(core, &draft->space, &draft->kept, &draft->untouched,
				 plan);

	if (r == 0)
		r = rewrite_blanks(&draft->blanks, plan);
	if (r == 0)
		r = choose_notes(draft, core, &notes);
	return r == 0 ? rewrite_header(core, notes, plan) : r;
}

/* The kernel's own core can be copied: nothing of it is left out. */
static bool is_whole(const struct draft *draft, const struct plan *plan)
{
	return plan->type->verbatim && !plan->by_rank && plan->left_out == 0 &&
	       draft->secrets.count == 0;
}

/* Secrets have no header, whatever is there. */
static int collect_untouched(struct draft *draft)
{
	untouched_find(&draft->view, &draft->kept, &draft->untouched);
	spans_subtract(&draft->untouched, &draft->secrets);
	return draft->untouched.failed ? -ENOMEM : 0;
}

static int draft_make(struct draft *draft, const struct plan_input *in, struct plan *plan)
{
	int r = space_build(in->core, in->notes, &draft->space);

	if (r == 0) {
		data_files_find(in->notes, in->memory, &draft->space);
		r = choose(draft, in, plan);
	}
	if (r == 0)
		r = collect_kept(draft, in, plan);
	if (r == 0)
		r = collect_blanks(draft);
	if (r == 0 && !is_whole(draft, plan))
		r = collect_untouched(draft);
	memory_forget(in->memory); /* headers take its place */
	if (r == 0)
		r = is_whole(draft, plan) ? rewrite_nothing(in->core, plan)
					  : rewrite(draft, in->core, plan);
	if (r == 0)
		r = pieces_make(&draft->space, &draft->ranges, &draft->secrets,
				&draft->gaps, &draft->blanks, &draft->untouched, plan);
	if (r == 0)
		r = data_files_remember(&draft->view, plan);
	return r;
}

/* Of what can be written. Nothing of it is there where coredump_filter says so. */
static bool offers_memory(const struct draft *draft)
{
	const struct space *space = &draft->space;

	for (size_t i = 0; i < space->count; i++) {
		const struct area *area = &space->areas[i];

		if ((area->segment->flags & PF_W) && area->content_end > area->start)
			return true;
	}
	return false;
}

/* What the rules found wrong, and what was done about it. */
static void say_findings(const struct draft *draft, struct plan *plan)
{
	const struct findings *f = &draft->findings;

	if (!offers_memory(draft))
		say(plan, "the kernel did not offer the private memory of the process "
			  "(coredump_filter of core(5))");
	else if (f->loader_unreadable)
		say(plan,
		    "the dynamic linker's list of objects cannot be read, so more memory "
		    "beside objects was kept");
	if (f->loader_endless)
		say(plan,
		    "the dynamic linker's list of objects has no end; its beginning was "
		    "kept");
	if (f->sp_nowhere)
		say(plan, "a thread's stack pointer is outside all memory; what its "
			  "thread pointer leads to was kept");
	if (f->sp_not_offered && offers_memory(draft))
		say(plan,
		    "the kernel did not offer the memory that a thread's stack pointer "
		    "leads to (MADV_DONTDUMP, or coredump_filter of core(5))");
	if (f->no_registers)
		say(plan,
		    "a thread is the kernel's own, as the workers of io_uring are: it has "
		    "no registers and no stack");
	if (f->pc_nowhere)
		say(plan, "the program counter is outside all memory: a jump to nowhere");
	if (f->pieces)
		say(plan,
		    "memory that was never touched is in more than 4096 pieces; the "
		    "rest of them cannot be accessed");
	if (f->no_files)
		say(plan, "the kernel left out its list of mapped files (sysctl "
			  "kernel.core_file_note_size_limit); memory that was never "
			  "touched cannot be accessed");
	if (f->hints_endless)
		say(plan,
		    "the program's hints name too many ranges to keep; the first of "
		    "them count");
	if (draft->view.hints && draft->view.hints->problem)
		say(plan, draft->view.hints->problem);
}

static int plan_chosen(const struct plan_input *in, struct plan *plan)
{
	struct draft draft = { 0 };
	int r;

	draft.view = (struct view){
		.core = in->core,
		.notes = in->notes,
		.space = &draft.space,
		.memory = in->memory,
		.hints = in->hints,
		.names = in->names,
		.type = plan->type,
		.findings = &draft.findings,
	};
	r = draft_make(&draft, in, plan);
	if (r == 0)
		say_findings(&draft, plan);
	draft_done(&draft);
	return r;
}

int plan_make(const struct plan_input *in, struct plan *ret)
{
	const char *reason;
	int r;

	memset(ret, 0, sizeof(*ret));
	ret->word = in->core->header.word;
	ret->type = trust_type(in, &reason);
	if (reason)
		say(ret, reason);
	r = plan_chosen(in, ret);
	if (r < 0)
		plan_done(ret);
	return r;
}

static int find_data_files(const struct core *core, const struct notes *notes,
			   struct plan *plan)
{
	struct space space;
	int r = space_build(core, notes, &space);

	if (r < 0)
		return r;
	data_files_find(notes, NULL, &space);
	data_files_guess(notes, &space);
	r = data_files_found(
		&(struct view){ .core = core, .notes = notes, .space = &space }, plan);
	space_done(&space);
	return r;
}

int plan_found(const struct core *core, const struct notes *notes, struct bytes header,
	       struct plan *ret)
{
	uint8_t *all = malloc(header.n);
	int r;

	memset(ret, 0, sizeof(*ret));
	if (!all)
		return -ENOMEM;
	memcpy(all, header.p, header.n);
	ret->word = core->header.word;
	r = rewrite_nothing(core, ret);
	free(ret->header);
	ret->header = all;
	ret->header_size = header.n;
	if (r == 0)
		r = find_data_files(core, notes, ret);
	if (r < 0)
		plan_done(ret);
	return r;
}

/* The first blank that ends above an offset. */
static size_t blank_above(const struct plan *plan, uint64_t offset)
{
	size_t low = 0, high = plan->blank_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct blank *b = &plan->blanks[middle];

		if (b->offset + b->size <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void plan_blank(const struct plan *plan, uint64_t offset, uint8_t *p, size_t n)
{
	for (size_t i = blank_above(plan, offset); i < plan->blank_count; i++) {
		uint64_t start = plan->blanks[i].offset,
			 end = start + plan->blanks[i].size;

		if (start >= offset + n)
			break;
		if (start < offset)
			start = offset;
		if (end > offset + n)
			end = offset + n;
		memset(p + (start - offset), 0, (size_t)(end - start));
	}
}

void plan_cut(struct plan *plan, uint64_t size)
{
	data_files_lost(plan, size);
	pieces_cut(plan, size);
	rewrite_cut(plan, size);
}

void plan_done(struct plan *plan)
{
	free(plan->header);
	free(plan->extents);
	free(plan->places);
	free(plan->new_places);
	free(plan->moved);
	free(plan->blanks);
	free(plan->pieces);
	free(plan->segments);
	space_done(&plan->data_files);
	free(plan->notes_room);
	memset(plan, 0, sizeof(*plan));
}
