/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "filter/plan.h"
#include "filter/rewrite.h"
#include "filter/rules.h"

static const rule rules[] = {
	rule_stacks, rule_tls, rule_loader, rule_objects, rule_rest,
};

static uint64_t size_of(const struct range *range)
{
	return range->end - range->start;
}

static uint64_t total(const struct ranges *ranges)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < ranges->count; i++)
		sum += size_of(&ranges->ranges[i]);
	return sum;
}

/* What the type keeps: up to its rank, and of what is above globals only its budget. */
static void take_type(struct ranges *ranges, const struct type *type)
{
	uint64_t left = type->budget;
	size_t kept = 0;

	for (size_t i = 0; i < ranges->count; i++) {
		struct range r = ranges->ranges[i];

		if (r.rank > type->rank_max)
			break;
		if (r.rank > RANK_GLOBAL) {
			if (size_of(&r) > left)
				continue;
			left -= size_of(&r);
		}
		ranges->ranges[kept++] = r;
	}
	ranges->count = kept;
}

/*
 * No more than the limit: in rank order, and of the last range its beginning, which for a
 * stack is the innermost frames.
 */
static void take_limit(struct ranges *ranges, uint64_t limit)
{
	size_t kept = 0;

	for (size_t i = 0; i < ranges->count; i++) {
		struct range r = ranges->ranges[i];

		if (size_of(&r) > limit && r.rank <= RANK_GLOBAL)
			r.end = r.start + page_down(limit);
		if (size_of(&r) > limit || size_of(&r) == 0)
			continue;
		limit -= size_of(&r);
		ranges->ranges[kept++] = r;
	}
	ranges->count = kept;
}

static bool is_changed_file(const struct range *range)
{
	return range->rank == RANK_OBJECT || range->rank == RANK_GLOBAL ||
	       range->rank == RANK_MUST;
}

static uint64_t changed_files(const struct ranges *ranges)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < ranges->count; i++) {
		if (is_changed_file(&ranges->ranges[i]))
			sum += size_of(&ranges->ranges[i]);
	}
	return sum;
}

static uint64_t crash(const struct ranges *ranges)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < ranges->count; i++) {
		if (ranges->ranges[i].rank == RANK_CRASH)
			sum += size_of(&ranges->ranges[i]);
	}
	return sum;
}

/*
 * A debugger reads from the executable what it misses of a changed file page, whatever the
 * core says: left out, globals would show link-time values as live ones. So a limit
 * takes these pages first, if the crashing thread's stack fits beside them, or is too large
 * to be whole anyway and they leave it half.
 */
static void favour_changed_files(struct ranges *ranges, uint64_t limit)
{
	uint64_t files = changed_files(ranges), stack = crash(ranges);

	if (files > limit ||
	    (stack > limit - files && (stack <= limit || files > limit / 2)))
		return;
	for (size_t i = 0; i < ranges->count; i++) {
		if (is_changed_file(&ranges->ranges[i]))
			ranges->ranges[i].rank = RANK_MUST;
	}
	ranges_sort_by_rank(ranges);
}

static void limit_to(struct ranges *ranges, uint64_t limit, struct plan *plan)
{
	uint64_t wanted = total(ranges), files = changed_files(ranges);

	if (wanted > limit) {
		favour_changed_files(ranges, limit);
		take_limit(ranges, limit);
	}
	plan->left_out = wanted - total(ranges);
	plan->stale = changed_files(ranges) < files;
}

static int choose(const struct view *view, const struct type *type, uint64_t limit,
		  struct ranges *ranges, struct plan *plan)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		rules[i](view, ranges);
	/* a stack is private memory, too: it counts once, and has its own beginning */
	ranges_split(ranges);
	if (ranges->failed)
		return -ENOMEM;
	ranges_sort_by_rank(ranges);
	take_type(ranges, type);
	limit_to(ranges, limit, plan);
	ranges_join(ranges);
	return 0;
}

/* Bytes of memory in the core as the kernel offers it. */
static uint64_t offered(const struct core *core)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < core->count; i++) {
		if (core->segments[i].type == PT_LOAD)
			sum += core->segments[i].filesz;
	}
	return sum;
}

/*
 * Without threads or mappings the rules cannot tell a stack from a heap; then the next
 * types up keep both.
 */
static const struct type *trusted(const struct core *core, const struct notes *notes,
				  const struct type *type, const char **ret_reason)
{
	const struct type *heap = type_find("heap");

	*ret_reason = NULL;
	if (type->rank_max >= heap->rank_max && type->budget == heap->budget)
		return type;
	if (core->notes_late && core->notes.n == 0) {
		*ret_reason = "the core's notes come after its memory, so all was kept";
		return type_find("full");
	}
	if (!notes->machine)
		*ret_reason = "an unknown machine, so all private memory was kept";
	else if (notes->thread_count == 0)
		*ret_reason = "the core names no thread, so all private memory was kept";
	else if (notes->broken)
		*ret_reason =
			"the core's notes are broken, so all private memory was kept";
	return *ret_reason ? heap : type;
}

static int plan_chosen(const struct plan_input *in, struct plan *ret)
{
	struct space space = { NULL, 0 };
	struct ranges ranges = { 0 };
	struct view view = { in->core, in->notes, &space };
	int r = space_build(in->core, in->notes, &space);

	if (r == 0)
		r = choose(&view, ret->type, in->max_memory, &ranges, ret);
	if (r == 0)
		r = rewrite_segments(in->core, &space, &ranges, ret);
	if (r == 0)
		r = rewrite_header(in->core, ret);
	ranges_done(&ranges);
	space_done(&space);
	return r;
}

int plan_make(const struct plan_input *in, struct plan *ret)
{
	int r;

	memset(ret, 0, sizeof(*ret));
	ret->word = in->core->header.word;
	ret->type = trusted(in->core, in->notes, in->type, &ret->reason);
	if (ret->type->verbatim && offered(in->core) <= in->max_memory)
		r = rewrite_nothing(in->core, ret);
	else
		r = plan_chosen(in, ret);
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
	rewrite_cut(plan, size);
}

void plan_done(struct plan *plan)
{
	free(plan->header);
	free(plan->extents);
	free(plan->blanks);
	free(plan->pieces);
	free(plan->segments);
	memset(plan, 0, sizeof(*plan));
}
