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
 * struct ucontext of x86-64 (uapi/asm/ucontext.h, sigcontext.h): flags, link, the alternate stack (pointer, flags,
 * size), then registers.
 */
#define UC_LINK	      8
#define UC_STACK      16
#define UC_STACK_SIZE 32
#define UC_REGISTERS  40
#define UC_SP	      (UC_REGISTERS + 15 * 8)
#define UC_TRAP	      (UC_REGISTERS + 20 * 8)
#define UC_ADDRESS    (UC_REGISTERS + 22 * 8)
#define UC_SIZE	      (UC_REGISTERS + 23 * 8)

#define TRAP_PAGE_FAULT 14

static const struct segment *stack_of(const struct core *core, const struct notes *notes)
{
	const struct thread *t = &notes->threads[0];
	uint64_t address = t->tls;

	if (t->tid == notes->pid)
		(void)notes_auxv(notes, AT_RANDOM,
				 &address); /* else its thread pointer */
	return core_segment_at(core, address);
}

bool stack_overflow_at(const struct core *core, const struct notes *notes,
		       uint64_t address, uint64_t sp)
{
	const struct segment *stack = stack_of(core, notes);
	const struct segment *there = core_segment_at(core, address);

	if (!stack || !(stack->flags & PF_W) || (there && there->flags != 0))
		return false;
	/* A call writes just below SP; a page is for what looks ahead of it (-fstack-clash-protection). */
	return sp < stack->vaddr + PAGE && address < stack->vaddr &&
	       stack->vaddr - address <= REACH_MAX &&
	       address >= (sp > PAGE ? sp - PAGE : 0);
}

/* The struct ucontext at p, which lies at address `at`, is of a handler that a stack overflow made run. */
static bool is_overflow_frame(const struct core *core, const struct notes *notes,
			      struct bytes p, uint64_t at)
{
	uint64_t stack = bytes_number_or_0(p, UC_STACK, 8);
	uint64_t size = bytes_number_or_0(p, UC_STACK_SIZE, 8);

	return bytes_number_or_0(p, UC_TRAP, 8) == TRAP_PAGE_FAULT &&
	       bytes_number_or_0(p, UC_LINK, 8) == 0 && at >= stack &&
	       at - stack < size &&
	       stack_overflow_at(core, notes, bytes_number_or_0(p, UC_ADDRESS, 8),
				 bytes_number_or_0(p, UC_SP, 8));
}

bool stack_overflow_interrupted(const struct core *core, const struct notes *notes,
				const struct memory *memory)
{
	const struct segment *home = stack_of(core, notes);
	uint64_t sp = notes->threads[0].sp & ~(uint64_t)7;
	uint8_t bytes[PAGE + UC_SIZE];

	if (notes->machine->elf_machine != EM_X86_64 || !home ||
	    core_segment_at(core, sp) == home)
		return false;
	for (uint64_t at = sp; at - sp < LOOK_MAX; at += PAGE) {
		size_t got = memory_read_some(memory, at, bytes, sizeof(bytes));

		for (size_t i = 0; i < PAGE && i + UC_SIZE <= got; i += 8) {
			if (is_overflow_frame(core, notes,
					      (struct bytes){ bytes + i, UC_SIZE },
					      at + i))
				return true;
		}
		if (got < PAGE)
			return false;
	}
	return false;
}
