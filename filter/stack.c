/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "filter/goroutine.h"
#include "filter/signal_frame.h"
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

/* And of all threads, in pages and in what may be frames: half a microsecond each. */
#define LOOKS_MAX 16384

/*
 * What counts as stack above an SP where nothing tells the end: Boost's fibers have 128 KiB, Seastar's too,
 * Ruby's 256 of machine stack. Of the other threads less, and 4 MiB in all.
 */
#define NEAR_CRASH  (256u << 10)
#define NEAR_THREAD (64u << 10)
#define NEAR_ALL    (4u << 20)
#define NEAR_LEAST  (16u << 10)

/* The area with the bytes of a stack whose pointer is sp; NULL if there is none. */
static const struct area *stack_area(const struct space *space, uint64_t sp)
{
	const struct area *area = space_above(space, sp);
	const struct area *last = space->areas + space->count;

	/* A stack that the kernel left out: what is above it is somebody else's. */
	if (area && area->start <= sp && (area->segment->flags & PF_W) &&
	    area->content_end == area->start)
		return NULL;
	/* a guard is an area without content, or none at all */
	for (; area && area < last && area->start < sp + GUARD_MAX; area++) {
		if (area->content_end > area->start && area->content_end > sp)
			return area;
	}
	return NULL;
}

/*
 * create_io_thread() begins with zeroed registers (copy_thread()), and never comes to user space. Who crashed
 * was there.
 */
static bool is_kernels_own(const struct view *view, size_t i)
{
	const struct thread *t = &view->notes->threads[i];

	return i > 0 && t->sp == 0 && t->pc == 0;
}

enum stack_place stack_place(const struct view *view, size_t i)
{
	uint64_t sp = view->notes->threads[i].sp;
	const struct area *area = space_at(view->space, sp);

	if (stack_area(view->space, sp))
		return STACK_KNOWN;
	if (is_kernels_own(view, i))
		return STACK_NONE;
	/* a guard has no permissions */
	return area && (area->segment->flags & PF_W) ? STACK_NOT_OFFERED : STACK_NOWHERE;
}

/* A pointer that was set to some place between frames would cut them off. */
static bool is_control_block(const struct view *view, uint64_t tls)
{
	const struct machine *machine = view->notes->machine;
	uint64_t self;

	return !view->memory || !machine->tls_self ||
	       (memory_number(view->memory, tls, machine->word, &self) && self == tls);
}

/* Where a stack ends, and whether it does: or it is a part of something larger. */
struct bounds {
	uint64_t end;
	bool sure;
};

/* AT_RANDOM's 16 bytes lie on the initial stack (binfmt_elf.c, create_elf_tables). */
static uint64_t initial_stack(const struct view *view)
{
	uint64_t address = 0;

	(void)notes_auxv(view->notes, AT_RANDOM,
			 &address); /* 0: nothing is mapped there */
	return address;
}

static bool is_initial(const struct view *view, const struct thread *t)
{
	return t->tid == view->notes->pid;
}

/*
 * The initial thread's control block is not on its stack: what mmap(2) gave may have been merged with the
 * area that it is in, below it. But it also is the thread that called fork(2) in a parent with threads.
 */
static struct bounds bounds_of(const struct view *view, const struct thread *t,
			       uint64_t sp, const struct area *area)
{
	struct bounds bounds = { area->content_end,
				 space_at(view->space, initial_stack(view)) == area };
	uint64_t end;

	if (t->tls <= sp || t->tls < area->start || t->tls >= area->content_end ||
	    !is_control_block(view, t->tls))
		return bounds;
	if (!__builtin_add_overflow(t->tls, view->notes->machine->above_tls, &end) &&
	    page_up(end) < bounds.end)
		bounds.end = page_up(end);
	bounds.sure |= !is_initial(view, t);
	return bounds;
}

static uint64_t near_max(const struct view *view, const struct thread *t)
{
	uint64_t share = NEAR_ALL / view->notes->thread_count;

	if (t == view->notes->threads)
		return NEAR_CRASH;
	if (share > NEAR_THREAD)
		share = NEAR_THREAD;
	return share > NEAR_LEAST ? share : NEAR_LEAST;
}

/* From a stack pointer on, which is in the area or in the guard below it. */
static struct stack_part part_of(const struct view *view, const struct thread *t,
				 uint64_t sp, const struct area *area,
				 struct bounds bounds, uint64_t cap)
{
	uint64_t red_zone = view->notes->machine->red_zone;
	uint64_t near = near_max(view, t);
	struct stack_part part = { .far = bounds.end };

	part.near.start = sp > area->start + red_zone ? sp - red_zone : area->start;
	part.near.end = bounds.end;
	if (bounds.sure || near > cap)
		near = cap;
	if (bounds.end - part.near.start > near)
		part.near.end = part.near.start + near;
	if (bounds.sure)
		part.far = part.near.end;
	return part;
}

/* What memory above SP tells of a thread that may be in a signal handler. */
struct above {
	bool has_frame;
	struct signal_frame frame; /* the outermost */
	uint64_t lowest; /* of the words that point into the home stack; 0: none */
};

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

/* The place of ss_sp in a struct ucontext has an address at or below its own; the link before is 0. */
static void find_frames(const struct view *view, const struct area *area, uint64_t sp,
			uint64_t at, struct bytes words, struct above *ret)
{
	size_t word = view->notes->word;
	size_t *looks = &view->findings->stack_looks;
	struct signal_frame frame;

	for (size_t i = 0; i < words.n / word && *looks < LOOKS_MAX; i++) {
		uint64_t here = at + i * word, value = bytes_word(words, i, word);

		if (value > here || value < area->start ||
		    !signal_frame_may_be(words, i, word))
			continue;
		++*looks;
		if (!signal_frame_read(view, area, sp, here - 2 * word, &frame))
			continue;
		/* of signals in a signal the one that came first: its frame is above the others */
		if (!ret->has_frame || frame.sp < frame.stack.start ||
		    frame.sp >= frame.stack.end)
			ret->frame = frame;
		ret->has_frame = true;
	}
}

/* home may be empty. */
static void look_above(const struct view *view, const struct thread *t,
		       const struct span *home, struct above *ret)
{
	uint64_t sp = t->sp & ~(uint64_t)7;
	const struct area *area = space_at(view->space, sp);
	uint64_t most = t - view->notes->threads < ALTERNATE_THREADS ? ALTERNATE_MAX
								     : ALTERNATE_NEAR;

	*ret = (struct above){ .has_frame = false };
	for (uint64_t at = sp; area && at < area->content_end && at - sp < most &&
			       view->findings->stack_looks < LOOKS_MAX;
	     at += PAGE) {
		uint8_t page[PAGE];
		struct bytes got = { page, memory_read_some(view->memory, at, page,
							    sizeof(page)) };

		view->findings->stack_looks++;
		lower(view, got, home, &ret->lowest);
		find_frames(view, area, t->sp, at, got, ret);
	}
	if (view->memory && view->findings->stack_looks < LOOKS_MAX)
		lower(view, t->prstatus, home, &ret->lowest);
}

/* The thread's own stack, where it is not the one that SP is on. */
struct home {
	const struct area *area; /* NULL: there is none, or none is known */
	struct bounds bounds;
	struct span words; /* what a pointer into it points to; empty without */
};

static struct home find_home(const struct view *view, const struct thread *t)
{
	uint64_t address = is_initial(view, t) ? initial_stack(view) : t->tls;
	struct home home = { .area = space_at(view->space, address) };

	if (home.area && (home.area->backing != BACKING_ANONYMOUS ||
			  stack_area(view->space, t->sp) == home.area))
		home.area = NULL;
	if (!home.area)
		return home;
	home.bounds = bounds_of(view, t, home.area->start, home.area);
	/* a thread pointer into a heap, as Go's, is on no stack */
	if (!home.bounds.sure && home.bounds.end - home.area->start > near_max(view, t)) {
		home.area = NULL;
		return home;
	}
	/* the thread's own pointer is in its registers: what is above it is no frame */
	home.words = (struct span){ home.area->start,
				    t->tls > home.area->start && t->tls < home.bounds.end
					    ? t->tls
					    : home.bounds.end };
	return home;
}

/*
 * The interrupted SP is in the signal frame, which is on the alternate stack. Where none is found it is
 * the lowest word there that points into the home stack, or an older and lower one, which only keeps
 * more. Where SP is plainly wrong there is no such frame, but a frame pointer may be left in the
 * registers. Where memory does not tell, the upper end of the home stack is kept.
 */
static struct stack_part home_part(const struct view *view, const struct thread *t,
				   uint64_t cap, const struct home *home, uint64_t sp)
{
	struct bounds all = { home->bounds.end, true };
	struct stack_part part = { { home->area->start, all.end }, all.end };

	if (sp)
		return part_of(view, t, sp, home->area, all, cap);
	if (all.end - part.near.start > cap)
		part.near.start = all.end - cap;
	return part;
}

/*
 * Of a stack that is a part of something larger. A thread of Go's begins at the upper end of its stack, in
 * runtime.clone(), whose return address unwinders look for behind it.
 */
static struct bounds part_bounds(const struct view *view, const struct thread *t,
				 uint64_t sp, struct bounds bounds)
{
	struct span stack;
	uint64_t left;

	if (bounds.sure || !goroutine_stack(view, t, sp, &stack) ||
	    stack.end > bounds.end)
		return bounds;
	left = bounds.end - stack.end;
	stack.end += left < view->notes->word ? left : view->notes->word;
	return (struct bounds){ stack.end, true };
}

/* The alternate stack ends where its frame says. */
static struct bounds own_bounds(const struct view *view, const struct thread *t,
				struct bounds bounds, const struct above *above)
{
	if (above->has_frame && above->frame.stack.end < bounds.end)
		return (struct bounds){ above->frame.stack.end, true };
	return part_bounds(view, t, t->sp, bounds);
}

/* A fiber that a signal interrupted: on neither of the other stacks. */
static bool interrupted_part(const struct view *view, const struct thread *t,
			     uint64_t cap, const struct signal_frame *frame,
			     const struct home *home, struct stack_part *ret)
{
	const struct area *area = stack_area(view->space, frame->sp);
	struct bounds bounds;

	if (!area || area == home->area ||
	    (frame->sp >= frame->stack.start && frame->sp < frame->stack.end))
		return false;
	bounds = bounds_of(view, t, frame->sp, area);
	*ret = part_of(view, t, frame->sp, area, part_bounds(view, t, frame->sp, bounds),
		       cap);
	return true;
}

size_t stack_parts(const struct view *view, size_t i, uint64_t cap,
		   struct stack_part ret[STACK_PARTS])
{
	const struct thread *t = &view->notes->threads[i];
	const struct area *own = stack_area(view->space, t->sp);
	struct bounds bounds = { .sure = false };
	struct above above;
	struct home home;
	uint64_t sp;
	size_t n = 0;

	if (own)
		bounds = bounds_of(view, t, t->sp, own);
	if (bounds.sure) {
		ret[0] = part_of(view, t, t->sp, own, bounds, cap);
		return 1;
	}
	home = find_home(view, t);
	look_above(view, t, &home.words, &above);
	sp = above.lowest;
	if (own)
		ret[n++] = part_of(view, t, t->sp, own,
				   own_bounds(view, t, bounds, &above), cap);
	if (above.has_frame &&
	    interrupted_part(view, t, cap, &above.frame, &home, &ret[n]))
		n++;
	else if (above.has_frame && home.area &&
		 stack_area(view->space, above.frame.sp) == home.area)
		sp = above.frame.sp;
	if (home.area)
		ret[n++] = home_part(view, t, cap, &home, sp);
	return n;
}

/* A fiber's area has other memory below it. */
static bool has_area(const struct view *view, const struct thread *t,
		     const struct area *area)
{
	return area && bounds_of(view, t, t->sp, area).sure;
}

uint64_t *stack_lowest(const struct view *view)
{
	uint64_t *lowest = calloc(view->space->count + 1, sizeof(*lowest));

	for (size_t i = 0; lowest && i < view->notes->thread_count; i++) {
		const struct thread *t = &view->notes->threads[i];
		const struct area *area = space_at(view->space, t->sp);
		uint64_t live = page_down(t->sp - view->notes->machine->red_zone);
		uint64_t *at = area ? &lowest[area - view->space->areas] : NULL;

		if (has_area(view, t, area) && live > area->start &&
		    live <= area->content_end && (*at == 0 || live < *at))
			*at = live;
	}
	return lowest;
}
