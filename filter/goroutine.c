/* SPDX-License-Identifier: MIT */
#include "filter/goroutine.h"

/*
 * The first words of a struct g (runtime/runtime2.go; unchanged from Go 1.5 to 1.24): stack {lo, hi},
 * stackguard0, stackguard1, _panic, _defer, m, sched {sp, pc, g}.
 */
enum g_word {
	G_STACK_LO = 0,
	G_STACK_HI = 1,
	G_M = 6,
	G_SCHED_SP = 7,
	G_SCHED_G = 9,
	G_WORDS,
};

/* Of a struct m as much as has its goroutines: g0, gsignal and curg are in the first 300 bytes. */
#define M_LOOK 512

/* Of all threads: 20 words of it are pointers, and a thread's stack is asked for by six rules. */
#define LOOKS_MAX 32768

bool goroutine_read(const struct view *view, uint64_t address, struct goroutine *ret)
{
	size_t word = view->notes->word;
	uint8_t raw[G_WORDS * sizeof(uint64_t)];
	struct bytes words = { raw, G_WORDS * word };

	*ret = (struct goroutine){ .address = 0 };
	if (!address || address % word ||
	    !memory_read(view->memory, address, raw, words.n))
		return false;
	*ret = (struct goroutine){
		.address = address,
		.lo = bytes_word(words, G_STACK_LO, word),
		.hi = bytes_word(words, G_STACK_HI, word),
		.sp = bytes_word(words, G_SCHED_SP, word),
		.m = bytes_word(words, G_M, word),
	};
	return bytes_word(words, G_SCHED_G, word) == address && ret->lo <= ret->hi;
}

bool goroutine_is(const struct view *view, uint64_t address)
{
	struct goroutine g;

	return goroutine_read(view, address, &g);
}

/*
 * Go keeps g in thread-local storage, on amd64 in the word below the thread pointer. A handler's g
 * never waited, so that it does not name itself: its m's g0 does.
 */
bool goroutine_of_thread(const struct view *view, const struct thread *t,
			 struct goroutine *ret)
{
	size_t word = view->notes->word;
	uint64_t address, g0;

	if (t->tls <= word || !memory_number(view->memory, t->tls - word, word, &address))
		return false;
	return goroutine_read(view, address, ret) ||
	       (ret->m && memory_number(view->memory, ret->m, word, &g0) &&
		goroutine_is(view, g0));
}

static bool is_on(const struct goroutine *g, uint64_t sp, struct span *ret)
{
	if (sp < g->lo || sp >= g->hi)
		return false;
	*ret = (struct span){ g->lo, g->hi };
	return true;
}

bool goroutine_stack(const struct view *view, const struct thread *t, uint64_t sp,
		     struct span *ret)
{
	size_t word = view->notes->word;
	uint8_t raw[M_LOOK];
	struct bytes m = { raw, 0 };
	struct goroutine g;

	if (!view->memory || !goroutine_of_thread(view, t, &g))
		return false;
	if (is_on(&g, sp, ret))
		return true;
	if (!g.m)
		return false;
	m.n = memory_read_some(view->memory, g.m, raw, sizeof(raw));
	for (size_t i = 0; i < m.n / word; i++) {
		uint64_t address = bytes_word(m, i, word);

		if (space_at(view->space, address) &&
		    view->findings->goroutine_looks++ < LOOKS_MAX &&
		    goroutine_read(view, address, &g) && is_on(&g, sp, ret))
			return true;
	}
	return false;
}
