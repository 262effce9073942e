/* SPDX-License-Identifier: MIT */
#include <elf.h>
#include <string.h>

#include "filter/ranges.h"
#include "filter/stack_overflow.h"

/* One frame may be larger than any guard: arrays of so much on a stack are the largest seen. */
#define REACH_MAX (16u << 20)

/* Of the stack that a handler runs on; what sigaltstack(2) is given is a quarter at most. */
#define LOOK_MAX (256u << 10)

/*
 * Frames that are looked at, for what is mapped where they fault: 0.1 ms each where there are 65,000 mappings. Of one
 * thread there are a few, and the program can write as many as it likes.
 */
#define FRAMES_MAX 16

/*
 * struct ucontext of x86-64 (uapi/asm/ucontext.h, sigcontext.h): flags, link, the alternate stack (pointer, flags,
 * size), then registers.
 */
#define UC_LINK	      8
#define UC_STACK      16
#define UC_STACK_SIZE 32
#define UC_REGISTERS  40
#define UC_SP	      (UC_REGISTERS + 15 * 8)
#define UC_ERROR      (UC_REGISTERS + 19 * 8)
#define UC_TRAP	      (UC_REGISTERS + 20 * 8)
#define UC_ADDRESS    (UC_REGISTERS + 22 * 8)
#define UC_SIZE	      (UC_REGISTERS + 23 * 8)

#define TRAP_PAGE_FAULT 14

/* Of a page fault's error code: the page is there, and does not allow it. */
#define ERROR_PRESENT 1

static const struct segment *stack_of(const struct core *core, const struct notes *notes)
{
	const struct thread *t = &notes->threads[0];
	uint64_t address = t->tls;

	if (t->tid == notes->pid)
		(void)notes_auxv(notes, AT_RANDOM,
				 &address); /* else its thread pointer */
	return core_segment_at(core, address);
}

/* Whether an access at `address` with that SP is below the stack, as a frame of it may be. */
static bool is_below(const struct segment *stack, uint64_t address, uint64_t sp)
{
	/* A call writes just below SP; a page is for what looks ahead of it (-fstack-clash-protection). */
	return sp < stack->vaddr + PAGE && address < stack->vaddr &&
	       stack->vaddr - address <= REACH_MAX &&
	       address >= (sp > PAGE ? sp - PAGE : 0);
}

/*
 * Whether the stack's own mapping has a guard there: pages of MADV_GUARD_INSTALL, which glibc's threads have since
 * 2.42, are part of it, and to an access like no memory at all. Other pages of it the kernel would have given.
 */
static bool is_in_guard(const struct segment *stack, uint64_t address, uint64_t sp)
{
	return address >= stack->vaddr && address - stack->vaddr < stack->memsz &&
	       address >= (sp > PAGE ? sp - PAGE : 0) &&
	       (address <= sp || address - sp <= REACH_MAX);
}

/* absent: nothing is mapped at the address, the kernel says. */
static bool is_overflow(const struct core *core, const struct segment *stack,
			uint64_t address, uint64_t sp, bool absent)
{
	const struct segment *there;

	if (!(stack->flags & PF_W))
		return false;
	if (absent && is_in_guard(stack, address, sp))
		return true;
	there = core_segment_at(core, address);
	return is_below(stack, address, sp) && (!there || there->flags == 0);
}

bool stack_overflow_at(const struct core *core, const struct notes *notes,
		       uint64_t address, uint64_t sp, bool absent)
{
	const struct segment *stack = stack_of(core, notes);

	return stack && is_overflow(core, stack, address, sp, absent);
}

/* What is looked for: a struct ucontext of a handler that a stack overflow made run. */
struct look {
	const struct core *core;
	const struct segment *home;
	unsigned int frames; /* that were looked at */
};

/* p is at address `at`. */
static bool is_overflow_frame(struct look *look, struct bytes p, uint64_t at)
{
	uint64_t stack = bytes_number_or_0(p, UC_STACK, 8);
	uint64_t size = bytes_number_or_0(p, UC_STACK_SIZE, 8);
	uint64_t address = bytes_number_or_0(p, UC_ADDRESS, 8);
	uint64_t sp = bytes_number_or_0(p, UC_SP, 8);
	bool absent = !(bytes_number_or_0(p, UC_ERROR, 8) & ERROR_PRESENT);

	return bytes_number_or_0(p, UC_TRAP, 8) == TRAP_PAGE_FAULT &&
	       bytes_number_or_0(p, UC_LINK, 8) == 0 && at >= stack &&
	       at - stack < size &&
	       (is_below(look->home, address, sp) ||
		(absent && is_in_guard(look->home, address, sp))) &&
	       look->frames++ < FRAMES_MAX &&
	       is_overflow(look->core, look->home, address, sp, absent);
}

bool stack_overflow_interrupted(const struct core *core, const struct notes *notes,
				const struct memory *memory)
{
	struct look look = { .core = core, .home = stack_of(core, notes) };
	uint64_t sp = notes->threads[0].sp & ~(uint64_t)7;
	uint8_t bytes[PAGE + UC_SIZE];

	if (notes->machine->elf_machine != EM_X86_64 || !look.home ||
	    core_segment_at(core, sp) == look.home)
		return false;
	for (uint64_t at = sp; at - sp < LOOK_MAX; at += PAGE) {
		size_t got = memory_read_some(memory, at, bytes, sizeof(bytes));

		for (size_t i = 0; i < PAGE && i + UC_SIZE <= got; i += 8) {
			if (is_overflow_frame(&look, (struct bytes){ bytes + i, UC_SIZE },
					      at + i))
				return true;
		}
		if (got < PAGE)
			return false;
	}
	return false;
}
