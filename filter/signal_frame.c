/* SPDX-License-Identifier: MIT */
#include "filter/signal_frame.h"

/* MINSIGSTKSZ of x86; more than any program gives, Go 32 KiB, the JVM 64, sanitizers 512. */
#define STACK_MIN 2048
#define STACK_MAX (1u << 20)

/* SS_AUTODISARM (include/uapi/linux/signal.h); SS_DISABLE is never set in a frame on the stack. */
#define FLAGS_OTHER ((UINT64_C(1) << 31) - 1)

/* UC_FP_XSTATE, UC_SIGCONTEXT_SS, UC_STRICT_RESTORE_SS (asm/ucontext.h). */
#define CONTEXT_FLAGS_MAX 7

/* struct ucontext: flags (a long), link, and uc_stack {ss_sp, ss_flags (an int), ss_size}, in words. */
enum {
	CONTEXT_FLAGS = 0,
	CONTEXT_LINK = 1,
	CONTEXT_STACK = 2,
	CONTEXT_STACK_FLAGS = 3,
	CONTEXT_STACK_SIZE = 4,
	CONTEXT_WORDS = 5
};

static bool is_context(const uint64_t *words)
{
	return words[CONTEXT_FLAGS] <= CONTEXT_FLAGS_MAX && words[CONTEXT_LINK] == 0 &&
	       (words[CONTEXT_STACK_FLAGS] & FLAGS_OTHER & UINT32_MAX) == 0 &&
	       words[CONTEXT_STACK_SIZE] >= STACK_MIN &&
	       words[CONTEXT_STACK_SIZE] <= STACK_MAX;
}

/* Those before it, and behind it, that are there: 0 is right for a link and for flags. */
bool signal_frame_may_be(struct bytes page, size_t i, size_t word)
{
	const size_t count = page.n / word;
	uint64_t words[CONTEXT_WORDS] = { [CONTEXT_STACK_SIZE] = STACK_MIN };

	for (size_t k = 0; k < CONTEXT_WORDS; k++) {
		size_t at = i + k;

		if (at >= CONTEXT_STACK && at - CONTEXT_STACK < count)
			words[k] = bytes_word(page, at - CONTEXT_STACK, word);
	}
	return is_context(words);
}

static bool is_on(const struct span *stack, uint64_t address)
{
	return address >= stack->start && address < stack->end;
}

bool signal_frame_read(const struct view *view, const struct area *area, uint64_t sp,
		       uint64_t address, struct signal_frame *ret)
{
	const struct machine *machine = view->notes->machine;
	uint8_t raw[CONTEXT_WORDS * sizeof(uint64_t)];
	uint64_t words[CONTEXT_WORDS], interrupted;
	struct span stack;

	if (!machine->context_sp || !memory_read(view->memory, address, raw,
						 (size_t)machine->word * CONTEXT_WORDS))
		return false;
	for (size_t i = 0; i < CONTEXT_WORDS; i++)
		words[i] =
			bytes_word((struct bytes){ raw, sizeof(raw) }, i, machine->word);
	if (!is_context(words))
		return false;
	stack.start = words[CONTEXT_STACK];
	if (__builtin_add_overflow(stack.start, words[CONTEXT_STACK_SIZE], &stack.end) ||
	    stack.start < area->start)
		return false;
	if (stack.end > area->content_end)
		stack.end = area->content_end;
	if (!is_on(&stack, sp) || !is_on(&stack, address) ||
	    !memory_number(view->memory, address + machine->context_sp, machine->word,
			   &interrupted))
		return false;
	*ret = (struct signal_frame){ stack, interrupted };
	return true;
}
