/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "filter/stack.h"

/*
 * An overflown stack leaves SP in the guard below it: one page, or 1 MiB below a stack that
 * grows (stack_guard_gap, mm/mmap.c).
 */
#define GUARD_MAX ((1u << 20) + PAGE)

/*
 * What is looked through for the interrupted SP: four times what sigaltstack(2) is given. Of
 * thousands of threads few are in a handler; the signal frame is near SP where they are.
 */
#define ALTERNATE_MAX	  (256u << 10)
#define ALTERNATE_THREADS 64
#define ALTERNATE_NEAR	  (16u << 10)

/* And of all threads, in pages: twice that for 256 of them. */
#define LOOKS_MAX 32768

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

bool stack_is_known(const struct view *view, const struct thread *thread)
{
	return stack_area(view->space, thread->sp) != NULL;
}

/* A pointer that was set to some place between frames would cut them off. */
static bool is_control_block(const struct view *view, uint64_t tls)
{
	const struct machine *machine = view->notes->machine;
	uint64_t self;

	return !view->memory || !machine->tls_self ||
	       (memory_number(view->memory, tls, machine->word, &self) && self == tls);
}

static uint64_t stack_end(const struct view *view, uint64_t tls, uint64_t sp,
			  const struct area *area)
{
	uint64_t end = area->content_end, above = view->notes->machine->above_tls;

	if (tls > sp && tls >= area->start && tls < end && tls + above < end &&
	    is_control_block(view, tls))
		end = page_up(tls + above);
	return end < area->content_end ? end : area->content_end;
}

static bool own_part(const struct view *view, const struct thread *t, uint64_t cap,
		     struct span *ret)
{
	const struct area *area = stack_area(view->space, t->sp);
	uint64_t red_zone = view->notes->machine->red_zone;

	if (!area)
		return false;
	ret->end = stack_end(view, t->tls, t->sp, area);
	ret->start = t->sp > area->start + red_zone ? t->sp - red_zone : area->start;
	if (ret->end - ret->start > cap)
		ret->end = ret->start + cap;
	return true;
}

/* AT_RANDOM's 16 bytes lie on the initial stack (binfmt_elf.c, create_elf_tables). */
static uint64_t home_of(const struct view *view, const struct thread *t)
{
	uint64_t address = 0;

	if (t->tid != view->notes->pid)
		return t->tls;
	(void)notes_auxv(view->notes, AT_RANDOM,
			 &address); /* 0: nothing is mapped there */
	return address;
}

static void lower(const struct view *view, struct bytes words, const struct span *home,
		  uint64_t *lowest)
{
	size_t word = view->notes->word;

	for (size_t i = 0; i < words.n / word; i++) {
		uint64_t value = bytes_word(words, i, word);

		if (value >= home->start && value < home->end &&
		    (!*lowest || value < *lowest))
			*lowest = value;
	}
}

/*
 * The interrupted SP is in the signal frame (struct ucontext, uc_mcontext), which is on the
 * alternate stack: it is the lowest word there that points into the home stack, or an older
 * and lower one, which only keeps more. Where SP is plainly wrong there is no such frame, but a
 * frame pointer may be left in the registers. 0: memory does not tell.
 */
static uint64_t interrupted_sp(const struct view *view, const struct thread *t,
			       const struct span *home)
{
	uint64_t sp = t->sp & ~(uint64_t)7, lowest = 0;
	const struct area *area = space_at(view->space, sp);
	uint64_t most = t - view->notes->threads < ALTERNATE_THREADS ? ALTERNATE_MAX
								     : ALTERNATE_NEAR;

	for (uint64_t at = sp; area && at < area->content_end && at - sp < most &&
			       view->findings->stack_looks < LOOKS_MAX;
	     at += PAGE) {
		uint8_t page[PAGE];
		struct bytes got = { page, memory_read_some(view->memory, at, page,
							    sizeof(page)) };

		view->findings->stack_looks++;
		lower(view, got, home, &lowest);
	}
	if (view->memory && view->findings->stack_looks < LOOKS_MAX)
		lower(view, t->prstatus, home, &lowest);
	return lowest;
}

/* Where memory does not tell, the upper end of the home stack is kept. */
static bool interrupted_part(const struct view *view, const struct thread *t,
			     uint64_t cap, struct span *ret)
{
	const struct area *area = space_at(view->space, home_of(view, t));
	struct span home;
	uint64_t sp, start;

	if (!area || area->backing != BACKING_ANONYMOUS ||
	    stack_area(view->space, t->sp) == area)
		return false;
	start = area->start;
	ret->end = stack_end(view, t->tls, start, area);
	/* the thread's own pointer is in its registers: what is above it is no frame */
	home = (struct span){ start,
			      t->tls > start && t->tls < ret->end ? t->tls : ret->end };
	sp = interrupted_sp(view, t, &home);
	if (sp) {
		start = sp - start > view->notes->machine->red_zone
				? sp - view->notes->machine->red_zone
				: start;
		if (ret->end - start > cap)
			ret->end = start + cap;
	} else if (ret->end - start > cap) {
		start = ret->end - cap;
	}
	ret->start = start;
	return true;
}

size_t stack_parts(const struct view *view, size_t i, uint64_t cap,
		   struct span ret[STACK_PARTS])
{
	const struct thread *t = &view->notes->threads[i];
	size_t n = 0;

	if (own_part(view, t, cap, &ret[n]))
		n++;
	if (interrupted_part(view, t, cap, &ret[n]))
		n++;
	return n;
}

uint64_t *stack_lowest(const struct view *view)
{
	uint64_t *lowest = calloc(view->space->count + 1, sizeof(*lowest));

	for (size_t i = 0; lowest && i < view->notes->thread_count; i++) {
		uint64_t sp = view->notes->threads[i].sp;
		const struct area *area = space_at(view->space, sp);
		uint64_t live = page_down(sp - view->notes->machine->red_zone);
		uint64_t *at = area ? &lowest[area - view->space->areas] : NULL;

		if (at && live > area->start && live <= area->content_end &&
		    (*at == 0 || live < *at))
			*at = live;
	}
	return lowest;
}
