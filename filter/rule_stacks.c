/* SPDX-License-Identifier: MIT */
/*
 * Stacks: from the red zone below SP to the stack's end. The end is the thread's control
 * block where one lies above SP in the same area, for the kernel merges neighbours and "to
 * the end of the mapping" can be 16 MB of somebody else's heap. Without one (the initial
 * thread) it is the end of the area.
 */
#include "filter/rules.h"

/*
 * The crashing thread's stack is why there is a dump: `ulimit -s` of 64 MiB, eight times
 * the default, overflown. Another thread's: deep for a thread that only waits.
 */
#define CRASH_CAP  (64u << 20)
#define THREAD_CAP (1u << 20)

/*
 * An overflown stack leaves SP in the guard below it: one page, or 1 MiB below a stack that
 * grows (stack_guard_gap, mm/mmap.c).
 */
#define GUARD_MAX ((1u << 20) + PAGE)

/* The area with the bytes of a stack whose pointer is sp; NULL if there is none. */
static const struct area *stack_area(const struct space *space, uint64_t sp)
{
	const struct area *area = space_above(space, sp);
	const struct area *last = space->areas + space->count;

	/* a guard is an area without content, or none at all */
	for (; area && area < last && area->start < sp + GUARD_MAX; area++) {
		if (area->content_end > area->start && area->content_end > sp)
			return area;
	}
	return NULL;
}

static uint64_t stack_end(const struct view *view, const struct thread *t,
			  const struct area *area)
{
	uint64_t end = area->content_end;

	if (t->tls > t->sp && t->tls >= area->start && t->tls < end &&
	    t->tls + view->notes->machine->above_tls < end)
		end = page_up(t->tls + view->notes->machine->above_tls);
	return end < area->content_end ? end : area->content_end;
}

static void add_stack(const struct view *view, const struct thread *t, enum rank rank,
		      uint64_t cap, struct ranges *ranges)
{
	const struct area *area = stack_area(view->space, t->sp);
	uint64_t start, end, red_zone = view->notes->machine->red_zone;

	if (!area)
		return;
	end = stack_end(view, t, area);
	start = t->sp > area->start + red_zone ? t->sp - red_zone : area->start;
	if (end - start > cap)
		end = start + cap;
	ranges_add(ranges, start, end, rank);
}

/*
 * A handler on an alternate signal stack: SP is there, but the frames it interrupted are on
 * the thread's own stack, at an SP that only memory tells. That stack is the area of the
 * thread pointer, or the initial stack; keep its upper end.
 */
static void add_interrupted(const struct view *view, const struct thread *t,
			    uint64_t home, enum rank rank, uint64_t cap,
			    struct ranges *ranges)
{
	const struct area *area = space_at(view->space, home);
	struct thread on_home = *t;
	uint64_t end;

	if (!area || area->backing != BACKING_ANONYMOUS ||
	    stack_area(view->space, t->sp) == area)
		return;
	on_home.sp = area->start;
	end = stack_end(view, &on_home, area);
	ranges_add(ranges, end - area->start > cap ? end - cap : area->start, end, rank);
}

static void add_page(const struct view *view, uint64_t address, struct ranges *ranges)
{
	const struct area *area = space_at(view->space, address);

	if (area && address < area->content_end)
		ranges_add(ranges, page_down(address), page_down(address) + PAGE,
			   RANK_CRASH);
}

/* AT_RANDOM's 16 bytes lie on the initial stack (binfmt_elf.c, create_elf_tables). */
static uint64_t initial_stack(const struct notes *notes)
{
	uint64_t address = 0;

	(void)notes_auxv(notes, AT_RANDOM, &address); /* 0: nothing is mapped there */
	return address;
}

void rule_stacks(const struct view *view, struct ranges *ranges)
{
	const struct notes *notes = view->notes;

	for (size_t i = 0; i < notes->thread_count; i++) {
		const struct thread *t = &notes->threads[i];
		enum rank rank = i == 0 ? RANK_CRASH : RANK_THREAD;
		uint64_t cap = i == 0 ? CRASH_CAP : THREAD_CAP;
		bool initial = t->tid == notes->pid;

		add_stack(view, t, rank, cap, ranges);
		add_interrupted(view, t, initial ? initial_stack(notes) : t->tls, rank,
				cap, ranges);
	}
	if (notes->thread_count)
		add_page(view, notes->threads[0].pc, ranges);
	if (notes->has_siginfo)
		add_page(view, notes->fault_address, ranges);
}
