/* SPDX-License-Identifier: MIT */
#include <elf.h>

#include "filter/fault.h"
#include "filter/signal_code.h"
#include "filter/stack_overflow.h"

static bool is_x86(const struct notes *notes)
{
	uint16_t machine = notes->machine->elf_machine;

	return machine == EM_X86_64 || machine == EM_386;
}

static bool is_writable(const struct core *core, uint64_t address)
{
	const struct segment *s = core_segment_at(core, address);

	return s && (s->flags & PF_W);
}

/*
 * The kernel sends SIGSEGV with SI_KERNEL where it cannot write a signal frame (force_sigsegv()), and on x86 for
 * a general protection fault, whose address the processor does not tell (arch/x86/kernel/traps.c).
 */
static enum fault of_kernel(const struct core *core, const struct notes *notes)
{
	uint64_t sp = notes->threads[0].sp;

	if (stack_overflow_at(core, notes, sp, sp, false))
		return FAULT_STACK_OVERFLOW;
	if (!is_writable(core, sp))
		return FAULT_NO_SIGNAL_FRAME;
	return is_x86(notes) ? FAULT_NON_CANONICAL : FAULT_UNKNOWN;
}

enum fault fault_of(const struct core *core, const struct notes *notes,
		    const struct memory *memory)
{
	bool segv = notes->has_siginfo && notes->signal == SIGNAL_SEGV;

	if (!notes->machine || notes->thread_count == 0)
		return FAULT_UNKNOWN;
	if (segv && notes->signal_code == SIGNAL_CODE_KERNEL)
		return of_kernel(core, notes);
	if (segv && signal_code_has_address(notes->signal, notes->signal_code))
		return stack_overflow_at(core, notes, notes->fault_address,
					 notes->threads[0].sp,
					 notes->signal_code == SIGNAL_SEGV_MAPERR)
			       ? FAULT_STACK_OVERFLOW
			       : FAULT_UNKNOWN;
	return memory && stack_overflow_interrupted(core, notes, memory)
		       ? FAULT_STACK_OVERFLOW
		       : FAULT_UNKNOWN;
}

const char *fault_name(enum fault fault)
{
	static const char *const names[FAULT_COUNT] = {
		[FAULT_UNKNOWN] = "",
		[FAULT_STACK_OVERFLOW] = "stack-overflow",
		[FAULT_NO_SIGNAL_FRAME] = "no-signal-frame",
		[FAULT_NON_CANONICAL] = "non-canonical",
	};

	return names[fault];
}
