/* SPDX-License-Identifier: MIT */
#include "filter/budget.h"
#include "filter/cost.h"

/* What a core of C, C++ or Python comes to with zstd -3 is less than a fifth. */
#define PACKED_SHARE 5

/*
 * A small process gets a small file: of each 80 bytes that it has, one, but not less
 * than this part of the budget's fifth.
 */
#define SMALL_SHARE 80
#define SMALL_PART  5

/*
 * Ranks up to RANK_GLOBAL are kept whatever they cost; so much of them is looked at. And so
 * much of what then proves too dear: a look at 2 GiB in small mappings takes 3 s.
 */
#define LOOK_MAX (16u << 20)

/* Of the budget's fifth what pointees may cost in any case: 400 KiB by default. */
#define LEAST_PART 4

/* And more than this part of it is a dense heap. */
#define DENSE_PART 2

/* And what the lists of a runtime may: its tools show nothing without them. */
#define RUNTIME_PART 2

struct purse {
	uint64_t bytes; /* of what is budgeted */
	uint64_t packed; /* of all that is kept, once compressed */
	uint64_t runtime; /* of RANK_RUNTIME, once compressed */
	uint64_t pointees; /* what they cost, if it is known */
	bool weighs; /* memory can be looked at */
	uint64_t look; /* bytes of it that still may be */
};

static bool is_of_file(const struct view *view, uint64_t address)
{
	const struct area *area = space_at(view->space, address);

	return area && area->backing == BACKING_FILE;
}

/*
 * Changed pages of files are never cut. What is scrubbed may cost more in program headers than it
 * is: 95 MiB of .bss were 720 MiB of them.
 */
static bool is_budgeted(const struct view *view, const struct range *r)
{
	if (!view->type->scrub)
		return r->rank == RANK_HINT || r->rank > RANK_GLOBAL;
	return r->rank != RANK_OBJECT &&
	       !(r->rank == RANK_GLOBAL && is_of_file(view, r->start));
}

static uint64_t packed(const struct view *view, struct purse *purse, uint64_t start,
		       uint64_t end)
{
	struct cost cost = { .bits = 0 };

	if (!purse->weighs)
		return 0;
	if (end - start > purse->look)
		end = start + page_down(purse->look);
	purse->look -= end - start;
	cost_memory(&cost, view->memory, start, end);
	return cost_bytes(&cost);
}

static void pay(uint64_t *left, uint64_t cost)
{
	*left -= cost < *left ? cost : *left;
}

/* All that the process has, as far as the kernel offers it. */
static uint64_t offered(const struct space *space)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < space->count; i++)
		sum += space->areas[i].content_end - space->areas[i].start;
	return sum;
}

static void open_purse(const struct view *view, struct purse *ret)
{
	uint64_t budget = view->type->budget;
	uint64_t most = budget / PACKED_SHARE, small = offered(view->space) / SMALL_SHARE;

	if (small < most / SMALL_PART)
		small = most / SMALL_PART;
	*ret = (struct purse){
		.bytes = budget,
		.packed = small < most ? small : most,
		.runtime = most / RUNTIME_PART,
		.weighs = view->memory && budget != UINT64_MAX && !view->type->scrub,
		.look = LOOK_MAX,
	};
}

uint64_t budget_least(const struct view *view)
{
	return view->type->budget / PACKED_SHARE / LEAST_PART;
}

uint64_t budget_dense(const struct view *view)
{
	return view->type->budget / PACKED_SHARE / DENSE_PART;
}

uint64_t budget_packed(const struct view *view, const struct spans *kept)
{
	struct purse purse;

	open_purse(view, &purse);
	if (!purse.weighs)
		return UINT64_MAX;
	for (size_t i = 0; i < kept->count && purse.look; i++)
		pay(&purse.packed,
		    packed(view, &purse, kept->spans[i].start, kept->spans[i].end));
	return purse.packed;
}

/* Whatever better ranks cost: a runtime with many modules has lists like any other. */
static enum fate afford_runtime(const struct view *view, struct purse *purse,
				const struct range *r)
{
	uint64_t cost;

	if (range_size(r) > purse->bytes)
		return FATE_BUDGET;
	cost = packed(view, purse, r->start, r->end);
	if (purse->weighs && cost > purse->runtime)
		return FATE_PACKED;
	pay(&purse->runtime, cost);
	pay(&purse->packed, cost);
	purse->bytes -= range_size(r);
	return FATE_KEPT;
}

/* Pages of pointees were weighed one by one when they were chosen. */
static enum fate afford_pointee(struct purse *purse, const struct range *r)
{
	pay(&purse->packed, purse->pointees); /* of all, with the first */
	purse->pointees = 0;
	if (range_size(r) > purse->bytes)
		return FATE_BUDGET;
	purse->bytes -= range_size(r);
	return FATE_KEPT;
}

static enum fate afford(const struct view *view, struct purse *purse,
			const struct range *r)
{
	uint64_t cost;

	if (range_size(r) > purse->bytes)
		return FATE_BUDGET;
	if (purse->weighs && (purse->packed == 0 || range_size(r) > purse->look))
		return FATE_PACKED;
	cost = packed(view, purse, r->start, r->end);
	if (purse->weighs && cost > purse->packed && r->rank > RANK_POINTEE)
		return FATE_PACKED;
	pay(&purse->bytes, range_size(r));
	pay(&purse->packed, cost);
	return FATE_KEPT;
}

/* A hint, a stack or a .bss may be larger than the budget: then its beginning is kept. */
static void spend(const struct view *view, struct ranges *ranges, size_t i,
		  struct purse *purse)
{
	const struct findings *findings = view->findings;
	const struct range *r = &ranges->ranges[i];
	enum fate fate;

	if (r->rank <= RANK_GLOBAL && page_down(purse->bytes) > 0)
		ranges_cut(ranges, i, page_down(purse->bytes), FATE_BUDGET);
	r = &ranges->ranges[i]; /* cutting may have moved it */
	if (findings->has_windows && r->rank >= RANK_POINTEE)
		/* windows were paid for when they were chosen; they leave nothing */
		fate = r->rank == RANK_POINTEE ? FATE_KEPT : FATE_PACKED;
	else if (r->rank == RANK_RUNTIME)
		fate = afford_runtime(view, purse, r);
	else if (findings->has_cost && r->rank == RANK_POINTEE)
		fate = afford_pointee(purse, r);
	else
		fate = afford(view, purse, r);
	ranges->ranges[i].fate = fate;
}

/* What is kept in any case goes first: it uses up the file, not the budget. */
static void pay_fixed(const struct view *view, const struct ranges *ranges,
		      struct purse *purse)
{
	for (size_t i = 0; i < ranges->count && purse->weighs && purse->look; i++) {
		const struct range *r = &ranges->ranges[i];

		if (r->fate == FATE_KEPT && !is_budgeted(view, r))
			pay(&purse->packed, packed(view, purse, r->start, r->end));
	}
}

void budget_spend(const struct view *view, struct ranges *ranges)
{
	size_t count = ranges->count;
	struct purse purse;

	open_purse(view, &purse);
	for (size_t i = 0; i < count; i++) {
		struct range *r = &ranges->ranges[i];

		if (r->fate == FATE_KEPT && !(view->type->ranks & RANK_BIT(r->rank)))
			r->fate = FATE_TYPE;
	}
	pay_fixed(view, ranges, &purse);
	purse.pointees = view->findings->cost;
	purse.look = purse.weighs ? purse.bytes + LOOK_MAX : 0;
	for (size_t i = 0; i < count; i++) {
		struct range *r = &ranges->ranges[i];

		if (r->fate == FATE_KEPT && is_budgeted(view, r))
			spend(view, ranges, i, &purse);
	}
}
