/* SPDX-License-Identifier: MIT */
/*
 * Rank 6: global variables: the pages of files that the process changed (.data, RELRO, private
 * maps of modules), and the .bss behind them. gdb reads the file on disk for what a core lacks, so
 * dropping changed pages would show link-time values as live ones.
 */
#include "filter/rules.h"

/* Smaller mappings are kept as they come; it is not worth asking which pages changed. */
#define SMALL_FILE (256u << 10)

/*
 * Runs of changed pages; what is changed beyond them is kept in pieces of COARSE with what is
 * unchanged between. A run costs 200 bytes of plan, and a process may make one of every other page.
 */
#define RUNS_MAX 32768
#define COARSE	 (64u << 20)

/* What of a .bss is kept whatever the budget. The rest is private memory like any other. */
#define BSS_MAX (1u << 20)

static void add_changed(const struct view *view, const struct area *area, size_t *runs,
			struct ranges *ranges)
{
	const struct memory *memory = view->memory;
	uint64_t at = area->start, start, end;

	if (!memory || !memory->next_changed ||
	    area->content_end - area->start <= SMALL_FILE) {
		ranges_add(ranges, area->start, area->content_end, RANK_GLOBAL);
		return;
	}
	while (at < area->content_end &&
	       memory->next_changed(memory->context, at, area->content_end, &start,
				    &end)) {
		if ((*runs)++ >= RUNS_MAX && end - start < COARSE)
			end = area->content_end - start < COARSE ? area->content_end
								 : start + COARSE;
		ranges_add(ranges, start, end, RANK_GLOBAL);
		at = end > at ? end : area->content_end;
	}
}

/* Directly behind a changed mapping of a file: where the file's segment ends and .bss goes on. */
static bool is_bss(const struct area *before, const struct area *area)
{
	return area->backing == BACKING_ANONYMOUS && before->backing == BACKING_FILE &&
	       before->content_end > before->start && before->end == area->start;
}

void rule_global(const struct view *view, struct ranges *ranges)
{
	size_t runs = 0;

	for (size_t i = 0; i < view->space->count; i++) {
		const struct area *area = &view->space->areas[i];
		uint64_t end = area->content_end;

		if (area->backing == BACKING_FILE && !area->is_vdso && !area->is_data)
			add_changed(view, area, &runs, ranges);
		if (i == 0 || !is_bss(area - 1, area))
			continue;
		if (end - area->start > BSS_MAX)
			end = area->start + BSS_MAX;
		ranges_add(ranges, area->start, end, RANK_GLOBAL);
	}
}
