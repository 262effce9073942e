/* SPDX-License-Identifier: MIT */
/*
 * Rank 8: what registers and stack words point to, then what those point to, by distance:
 * the crashing thread first. Then what thread-local and global variables point to.
 */
#include "filter/budget.h"
#include "filter/cost.h"
#include "filter/rules.h"
#include "filter/search.h"
#include "filter/stack.h"

/* Innermost bytes of a stack whose words are followed. */
#define CRASH_DEPTH  (1u << 20)
#define THREAD_DEPTH (64u << 10)

/* Of all threads: 1,024 of them. More share it; to read a page takes 2 us, and each is read twice. */
#define THREADS_DEPTH (64u << 20)

/* Around the thread pointer. */
#define TLS_DEPTH PAGE

/* Global variables, of one object and of all. */
#define OBJECT_GLOBALS (256u << 10)
#define GLOBALS	       (4u << 20)

/* 16 times the default; beyond it pointers say little of what matters. */
#define BYTES_MAX (128u << 20)

/*
 * Windows around pointees, where whole pages are too many. A node of a list or a tree is smaller;
 * what the crashing thread's own frames point to is looked at as in pages.
 */
#define FINE_WINDOW 96
#define WIDE_WINDOW 256

/* Windows this near are one: a program header costs as much as what is between. */
#define FINE_GAP 64

/*
 * What is farther than two steps is looked for in so many pages: to touch one takes 4 µs,
 * and the process is held meanwhile.
 */
#define FAR_PAGES 2048

/* And so many pointers are followed to there, most of which lead where others did: 0.3 us each. */
#define FAR_POINTERS 16384

/* With PN_XNUM, elfutils 0.188 does not find a core's notes. */
#define WINDOWS_MAX 48000

static void seed_thread(struct search *search, size_t i)
{
	const struct view *view = search->view;
	struct stack_part parts[STACK_PARTS];
	uint64_t depth = THREADS_DEPTH / view->notes->thread_count;
	size_t n;

	if (depth > THREAD_DEPTH)
		depth = THREAD_DEPTH;
	n = stack_parts(view, i, i == 0 ? CRASH_DEPTH : depth, parts);

	search_seed_bytes(search, view->notes->threads[i].prstatus);
	for (size_t p = 0; p < n; p++)
		search_seed(search, parts[p].near.start, parts[p].near.end);
}

static void seed_tls(struct search *search, const struct thread *t)
{
	if (t->tls > TLS_DEPTH)
		search_seed(search, t->tls - TLS_DEPTH, t->tls + TLS_DEPTH);
}

/* Ranges of rank 6, which the rule before has added: the executable's come first. */
static void seed_globals(struct search *search, const struct spans *globals)
{
	uint64_t left = GLOBALS;

	for (size_t i = 0; i < globals->count && left; i++) {
		uint64_t start = globals->spans[i].start;
		uint64_t n = globals->spans[i].end - start;

		if (n > OBJECT_GLOBALS)
			n = OBJECT_GLOBALS;
		if (n > left)
			n = left;
		search_seed(search, start, start + n);
		left -= n;
	}
}

/* Where all private memory is kept there is only other memory to find. */
static bool keeps_private(const struct type *type)
{
	return type_has_all_private(type) && type->drop.count == 0;
}

/* Memory that is offered, is not private, and that no file has as it is. */
static bool has_elsewhere(const struct space *space)
{
	for (size_t i = 0; i < space->count; i++) {
		const struct area *area = &space->areas[i];

		if (area->content_end > area->start &&
		    (area->backing == BACKING_SHARED ||
		     (area->backing == BACKING_FILE &&
		      (area->is_data || !area->has_file))))
			return true;
	}
	return false;
}

/* Pointers of all stacks; the crashing thread's are the first *ret_crash of them. */
static void seed_stacks(struct search *search, size_t *ret_crash)
{
	*ret_crash = 0;
	for (size_t i = 0; i < search->view->notes->thread_count; i++) {
		seed_thread(search, i);
		if (i == 0)
			*ret_crash = search->count;
	}
}

static void seed_all_tls(struct search *search)
{
	const struct notes *notes = search->view->notes;

	for (size_t i = 0; i < notes->thread_count; i++)
		seed_tls(search, &notes->threads[i]);
}

struct known {
	struct spans kept; /* what better ranks have */
	struct spans globals; /* of these, global variables */
	uint64_t packed; /* what pointees may come to when compressed */
	uint64_t near; /* what those of two steps may: no less */
	uint64_t dense; /* what those in whole pages may before the rest gets less */
};

/*
 * Where pages of what is nearest come to more than half of what any file may, what is farther gets half of what
 * is left, and the rest of private memory nothing: of a heap so dense (V8's) three fifths of the estimate are
 * left when it is packed, of others a half.
 */
static uint64_t packed_with_far(const struct known *known, uint64_t near)
{
	return near > known->dense && near < known->packed
		       ? known->packed - (known->packed - near) / 2
		       : known->packed;
}

/*
 * Return: whether what frames point to, and what that points to, fits. What is farther comes
 * after it and may be cut.
 */
static bool search_pages(const struct view *view, const struct known *known,
			 struct ranges *ranges)
{
	uint64_t budget = view->type->budget < BYTES_MAX ? view->type->budget : BYTES_MAX;
	size_t crash, near;
	struct search search;
	bool fits;

	search_start(&search, view, &known->kept, budget, ranges, NULL);
	search.packed = known->packed;
	seed_stacks(&search, &crash);
	near = search.count;
	search_run(&search, near);
	near = search.count;
	search_run(&search, near);
	fits = search.head == near && cost_bytes(&search.cost) <= known->packed;
	if (fits) {
		search.packed = packed_with_far(known, cost_bytes(&search.cost));
		search_arrays(&search);
		search_run(&search, SEARCH_ALL);
		seed_all_tls(&search);
		search_run(&search, SEARCH_ALL);
		search_widen(&search);
		seed_globals(&search, &known->globals);
		search_run(&search, SEARCH_ALL);
	}
	view->findings->has_cost = fits && known->packed != UINT64_MAX;
	view->findings->cost = cost_bytes(&search.cost);
	if (fits && view->findings->cost > search.packed)
		view->findings->cost = known->packed;
	ranges->failed |= search.failed;
	search_done(&search);
	return fits;
}

/* What is farther than two steps has no share of its own. */
static void take_near(struct search *search, const struct known *known)
{
	uint64_t spent = known->near - search->left;

	search->left = known->packed > spent ? known->packed - spent : 0;
}

/*
 * First what all threads' frames point to and what that points to, then more of it, then what
 * is farther.
 */
static void search_windows(const struct view *view, const struct known *known,
			   struct ranges *ranges, struct spans *windows)
{
	struct search search;
	size_t crash, stacks, last;

	search_start(&search, view, &known->kept, known->near, ranges, windows);
	seed_stacks(&search, &crash);
	stacks = search.count;
	search.window = FINE_WINDOW;
	search_run(&search, stacks);
	search_run(&search, search.count);
	search.window = SEARCH_WINDOW;
	search_again(&search, 0, crash);
	search.window = WIDE_WINDOW;
	search_again(&search, crash, stacks);
	search.window = FINE_WINDOW;
	search_arrays(&search);
	take_near(&search, known);
	seed_all_tls(&search);
	last = search.head + FAR_POINTERS;
	while (search.head < search.count && search.head < last && search.left &&
	       !search.failed && search.visited.count < FAR_PAGES &&
	       windows->count < WINDOWS_MAX)
		search_run(&search, search.head + 64);
	ranges->failed |= search.failed;
	search_done(&search);
}

static void add_windows(const struct spans *windows, struct ranges *ranges)
{
	for (size_t i = 0; i < windows->count; i++)
		ranges_add(ranges, windows->spans[i].start, windows->spans[i].end,
			   RANK_POINTEE);
}

static void find_pointees(const struct view *view, const struct known *known,
			  struct ranges *ranges)
{
	struct spans *windows = &view->findings->windows;
	size_t before = ranges->count;

	if (search_pages(view, known, ranges) || known->packed == UINT64_MAX)
		return;
	ranges->count = before;
	search_windows(view, known, ranges, windows);
	spans_join(windows);
	spans_close_gaps(windows, FINE_GAP);
	add_windows(windows, ranges);
	view->findings->has_windows = true;
	ranges->failed |= windows->failed;
}

static void add_pointees(const struct view *view, struct ranges *ranges)
{
	struct known known = { .packed = 0 };

	ranges_collect(ranges, ~0u, &known.kept);
	ranges_collect(ranges, RANK_BIT(RANK_GLOBAL), &known.globals);
	known.packed = budget_packed(view, &known.kept);
	known.dense = budget_dense(view);
	known.near = budget_least(view);
	if (known.near < known.packed)
		known.near = known.packed;
	ranges->failed |= known.kept.failed || known.globals.failed;
	if (!ranges->failed)
		find_pointees(view, &known, ranges);
	spans_done(&known.kept);
	spans_done(&known.globals);
}

/*
 * The search that `mini` makes, which finds the same: whole pages of it are kept, and cost nothing where
 * there is no budget. In `full` all is kept.
 */
static void add_elsewhere(const struct view *view, struct ranges *ranges)
{
	struct type type = *view->type;
	struct view as_mini = *view;

	if (!type.elsewhere || !has_elsewhere(view->space))
		return;
	type.budget = type.elsewhere;
	as_mini.type = &type;
	add_pointees(&as_mini, ranges);
	view->findings->has_cost = view->findings->has_windows = false;
	view->findings->windows.count = 0;
}

void rule_pointee(const struct view *view, struct ranges *ranges)
{
	if (!view->memory || !(view->type->ranks & RANK_BIT(RANK_POINTEE)))
		return;
	if (keeps_private(view->type))
		add_elsewhere(view, ranges);
	else
		add_pointees(view, ranges);
}
