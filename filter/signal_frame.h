/* SPDX-License-Identifier: MIT */
/*
 * What the kernel leaves on an alternate signal stack: the struct ucontext of a signal frame says
 * where that stack begins and ends, and where the interrupted one was (arch/x86/include/asm/sigframe.h,
 * arch/arm64/kernel/signal.c; __save_altstack() in kernel/signal.c). The program can write the same words:
 * what they name is only as large as sigaltstack(2) is asked for, and lies in one mapping.
 */
#pragma once

#include "filter/rules.h"

struct signal_frame {
	struct span stack; /* the alternate stack, as far as its mapping has it */
	uint64_t sp; /* interrupted */
};

/*
 * Whether word i of a page may be ss_sp of one, by the words beside it as far as the page has them: before it is
 * read as a whole, for the program may have written thousands.
 */
bool signal_frame_may_be(struct bytes page, size_t i, size_t word);

/*
 * Whether a frame's struct ucontext is at an address, of a thread whose SP is on the alternate stack in
 * `area`.
 */
bool signal_frame_read(const struct view *view, const struct area *area, uint64_t sp,
		       uint64_t address, struct signal_frame *ret);
