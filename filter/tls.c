/* SPDX-License-Identifier: MIT */
#include "filter/mapping.h"
#include "filter/object.h"
#include "filter/tls.h"

/* The initial thread's block is an area of its own with the loader's first allocations. */
#define SMALL_AREA (256u << 10)

/* Below the pointer: static TLS of a program with much of it (x86 puts it there). */
#define BELOW (64u << 10)

/* A block of a dlopen'ed object; what is larger is a buffer, not a variable. */
#define BLOCK_MAX (64u << 10)

/* dtv entries: four times the objects with TLS that a large program has. */
#define MODULES_MAX 256ul

/* Blocks of all threads: two each of 4,000 threads. What lies could name all memory. */
#define BLOCKS_MAX (32u << 20)

/* Objects that are asked for their PT_TLS. */
#define OBJECTS_MAX 1024

/* On the thread's own stack, TLS lies between its frames and the pointer. */
static bool on_own_stack(const struct area *area, const struct thread *t)
{
	return t->sp >= area->start && t->sp < t->tls;
}

/* musl's first control block is a variable of the libc. */
static bool may_change(const struct area *area)
{
	return area->backing != BACKING_FILE || (area->segment->flags & PF_W);
}

static void add_control_block(const struct view *view, const struct thread *t,
			      struct ranges *ranges)
{
	const struct area *area = space_at(view->space, t->tls);
	uint64_t start, end;

	if (!area || t->tls >= area->content_end || !may_change(area))
		return;
	start = area->start;
	end = area->content_end;
	if (end - start > SMALL_AREA || on_own_stack(area, t)) {
		if (t->tls - start > BELOW)
			start = t->tls - BELOW;
		if (on_own_stack(area, t) && t->sp > start)
			start = t->sp;
		if (end - t->tls > view->notes->machine->above_tls)
			end = t->tls + view->notes->machine->above_tls;
	}
	ranges_add(ranges, start, end, RANK_THREAD);
}

/* Static TLS and the control block are there already. */
static bool is_static(const struct view *view, const struct thread *t, uint64_t entry)
{
	return t->tls - entry <= BELOW ||
	       entry - t->tls < view->notes->machine->above_tls;
}

/* malloc's, or the linker's own; a library's text is no variable of anybody. */
static bool is_block(const struct view *view, uint64_t entry)
{
	const struct area *area = space_at(view->space, entry);

	return area && area->backing == BACKING_ANONYMOUS;
}

static void add_blocks(const struct view *view, struct tls *tls, const struct thread *t,
		       struct bytes words, size_t stride, struct ranges *ranges)
{
	size_t word = view->notes->word;

	for (size_t i = 0; i < words.n / word && tls->left >= tls->block_size;
	     i += stride) {
		uint64_t entry = notes_address(view->notes, bytes_word(words, i, word));

		if (!entry || entry % word || !is_block(view, entry) ||
		    is_static(view, t, entry))
			continue;
		mapping_add(view, entry, tls->block_size, RANK_THREAD, ranges);
		tls->left -= tls->block_size;
	}
}

/* Where a dtv's entries are, in words. */
struct dtv {
	uint64_t address; /* of what the thread pointer names */
	size_t first; /* from there */
	size_t words, stride;
};

/*
 * glibc counts in dtv[-1], and its entries are {pointer, to free}, from dtv[1] on (dtv_t, dl-dtv.h). musl
 * counts in dtv[0], and pointers follow; before it is the end of its struct pthread, which is no small number.
 */
static bool find_dtv(const struct view *view, const struct thread *t, struct dtv *ret)
{
	size_t word = view->notes->word;
	bool variant_1 = view->notes->machine->tls_kind == TLS_NOTE;
	uint64_t address, count;

	if (!memory_number(view->memory, t->tls + (variant_1 ? 0 : word), word, &address))
		return false;
	address = notes_address(view->notes, address); /* malloc's, as its entries are */
	if (address < 2 * word || !is_block(view, address))
		return false;
	*ret = (struct dtv){ .address = address };
	if (memory_number(view->memory, address - 2 * word, word, &count) && count > 0 &&
	    count <= MODULES_MAX) {
		ret->first = ret->stride = 2;
	} else if (memory_number(view->memory, address, word, &count) &&
		   count <= MODULES_MAX) {
		ret->first = ret->stride = 1;
	} else {
		return false;
	}
	ret->words = (size_t)count * ret->stride;
	return true;
}

/*
 * tcbhead_t begins with {tcb, dtv} on x86 and with {dtv} on aarch64; musl's struct pthread has the
 * same second word on x86.
 */
static void add_dtv(const struct view *view, struct tls *tls, const struct thread *t,
		    struct ranges *ranges)
{
	size_t word = view->notes->word;
	uint8_t raw[2 * MODULES_MAX * sizeof(uint64_t)];
	struct bytes words = { raw, 0 };
	struct dtv dtv;

	if (!find_dtv(view, t, &dtv))
		return;
	mapping_add(view, dtv.address - 2 * word, (2 + dtv.first + dtv.words) * word,
		    RANK_THREAD, ranges);
	words.n = memory_read_some(view->memory, dtv.address + dtv.first * word, raw,
				   dtv.words * word);
	add_blocks(view, tls, t, words, dtv.stride, ranges);
}

void tls_start(const struct view *view, struct tls *ret)
{
	size_t objects = 0;

	*ret = (struct tls){ .block_size = PAGE, .left = BLOCKS_MAX };
	for (size_t i = 0; i < view->space->count && objects < OBJECTS_MAX; i++) {
		const struct area *area = &view->space->areas[i];
		struct object object;

		if (!object_begins(view, area))
			continue;
		objects++;
		if (object_read(view, area->start, &object) &&
		    object.tls_size > ret->block_size)
			ret->block_size = object.tls_size;
	}
	if (ret->block_size > BLOCK_MAX)
		ret->block_size = BLOCK_MAX;
}

void tls_add(const struct view *view, struct tls *tls, size_t i, struct ranges *ranges)
{
	const struct thread *t = &view->notes->threads[i];

	if (!t->tls)
		return;
	add_control_block(view, t, ranges);
	add_dtv(view, tls, t, ranges);
}
