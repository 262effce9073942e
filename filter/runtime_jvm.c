/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "filter/runtime.h"
#include "filter/stack.h"
#include "filter/visited.h"

/* What of a thread is looked at: thread-local variables, of which one is its JavaThread; its frames. */
#define TLS_BELOW PAGE
#define TLS_ABOVE 1024
#define DEPTH	  (64u << 10)

/*
 * From there so many bytes, step by step: a JavaThread, then what it has: its OSThread, handles, objects,
 * then methods, constant pools, classes; and names, which all of a class' metaspace leads to.
 */
static const uint64_t widths[] = { 2048, 256, 256, 256, 64 };

#define STEPS (sizeof(widths) / sizeof(widths[0]))

/* An object: its header and first fields, which are 32 bits wide where the heap lies below 32 GiB. */
#define OBJECT	   64
#define COMPRESSED (UINT64_C(1) << 35)
#define SHIFT	   3

/* All threads' stacks: 256 of them. More share it. */
#define STACKS_MAX (16u << 20)

/*
 * Words that are looked up: 40 ns each. Those that were found lately are not, as most are; and a program of that
 * name may have anything on its stacks.
 */
#define LOOKUPS_MAX (1u << 18)
#define SEEN_BITS   13

/* Pointers that are followed, nearest first: half a microsecond each. */
#define POINTERS_MAX 16384

/*
 * Classes are in chunks of metaspace, which is committed in pieces of 64 KiB (metaspace/settings.hpp). What is
 * small is kept whole once a pointer leads there, for a class is larger than what is looked at of it; but not
 * the arenas of glibc's malloc, which begin at multiples of their 64 MiB and grow by pages.
 */
#define SMALL	  (320u << 10)
#define SMALL_MAX 32
#define ARENA	  (64u << 20)
#define COMMITTED (64u << 10)

/*
 * A block of the code cache begins with {length in segments, used} (memory/heap.hpp), and in it a CodeBlob
 * with its vtable, which is in libjvm. The interpreter is one of 256 KiB; a segment has 64 bytes or 128.
 */
#define SEGMENT	    128u
#define BLOB_ALIGN  64u
#define BLOB_BEHIND 16u
#define BLOB_LOOK   (512u << 10)
#define BLOB_MAX    (64u << 10)
#define BLOBS	    16u
#define LOOKS_MAX   2048u

struct jvm {
	struct runtime *runtime;
	struct span library;
	struct spans
		stacks; /* mappings with a thread's control block in them: nothing of a class is there */
	struct visited visited;
	uint64_t low, high; /* no memory is outside [low, high) */
	uint64_t *seen; /* words that were looked up lately, by a hash */
	size_t lookups; /* that may still be made */
	uint64_t *queue;
	size_t count;
	const struct area *small[SMALL_MAX];
	size_t small_count;
	size_t looks; /* pages of code that may still be looked through */
	struct span blobs[BLOBS]; /* found last */
	size_t blob_count;
};

static bool ends_with(struct bytes text, const char *end)
{
	size_t n = strlen(end);

	return text.n >= n && memcmp(text.p + text.n - n, end, n) == 0;
}

static bool find_library(const struct notes *notes, struct span *ret)
{
	*ret = (struct span){ 0, 0 };
	for (size_t i = 0; i < notes->file_count; i++) {
		const struct file_mapping *file = &notes->files[i];

		if (!ends_with(file->path, "/libjvm.so"))
			continue;
		if (!ret->end)
			ret->start = file->start;
		ret->end = file->end;
	}
	return ret->end > 0;
}

static bool is_data(const struct area *area)
{
	return area->backing == BACKING_ANONYMOUS && (area->segment->flags & PF_W) &&
	       !(area->segment->flags & PF_X);
}

static bool is_stack(const struct jvm *jvm, uint64_t address)
{
	size_t i = spans_above(&jvm->stacks, address);

	return i < jvm->stacks.count && jvm->stacks.spans[i].start <= address;
}

static void add_small(struct jvm *jvm, const struct area *area)
{
	uint64_t size = area->content_end - area->start;

	if (size > SMALL || jvm->small_count == SMALL_MAX ||
	    (area->start % ARENA == 0 && size % COMMITTED))
		return;
	for (size_t i = 0; i < jvm->small_count; i++) {
		if (jvm->small[i] == area)
			return;
	}
	jvm->small[jvm->small_count++] = area;
	runtime_add(jvm->runtime, RUNTIME_REST, area->start, size);
}

/* The area of a word that may be a pointer. Each is looked up once, as far as that is remembered. */
static const struct area *look_up(struct jvm *jvm, uint64_t address)
{
	uint64_t *seen =
		&jvm->seen[address * UINT64_C(0x9e3779b97f4a7c15) >> (64 - SEEN_BITS)];

	if (address < jvm->low || address >= jvm->high || *seen == address ||
	    !jvm->lookups)
		return NULL;
	jvm->lookups--;
	*seen = address;
	return space_at(jvm->runtime->view->space, address);
}

static void push(struct jvm *jvm, const struct area *area, uint64_t address)
{
	struct visited_page *page;
	bool new;

	if (!area || address < PAGE || address >= area->content_end || !is_data(area) ||
	    is_stack(jvm, address) || jvm->count >= POINTERS_MAX)
		return;
	add_small(jvm, area);
	page = visited_page(&jvm->visited, page_down(address), &new);
	if (!page) {
		jvm->runtime->parts[0].failed = true;
		return;
	}
	address &= ~(uint64_t)(VISITED_WORD - 1);
	if (visited_mark(page, address, address + VISITED_WORD) == address)
		jvm->queue[jvm->count++] = address; /* it was not found before */
}

static void push_object(struct jvm *jvm, struct bytes object)
{
	for (size_t i = 0; i < object.n / sizeof(uint32_t); i++) {
		uint64_t value = bytes_word(object, i, sizeof(uint32_t));

		push(jvm, look_up(jvm, value << SHIFT), value << SHIFT);
	}
}

static void push_words(struct jvm *jvm, struct bytes words)
{
	size_t word = jvm->runtime->view->notes->word;

	for (size_t i = 0; i < words.n / word; i++) {
		uint64_t value = bytes_word(words, i, word);

		push(jvm, look_up(jvm, value), value);
	}
}

/* The words of [start, end), which may be a stack. */
static void seed(struct jvm *jvm, uint64_t start, uint64_t end)
{
	uint8_t raw[PAGE];

	for (uint64_t at = start & ~(uint64_t)7; at < end; at += PAGE) {
		size_t n = end - at < PAGE ? (size_t)(end - at) : PAGE;

		n = memory_read_some(jvm->runtime->view->memory, at, raw, n);
		push_words(jvm, (struct bytes){ raw, n });
	}
}

static bool follow(struct jvm *jvm, uint64_t address, size_t step)
{
	const struct memory *memory = jvm->runtime->view->memory;
	bool is_object = address < COMPRESSED;
	uint64_t width = is_object ? OBJECT : widths[step];
	uint8_t raw[2048];
	struct bytes got = { raw, 0 };

	if (!runtime_add(jvm->runtime,
			 step == 0   ? RUNTIME_LISTS
			 : step == 1 ? RUNTIME_FRAMES
				     : RUNTIME_REST,
			 address, width))
		return false;
	got.n = memory_read_some(memory, address, raw, (size_t)width);
	if (is_object)
		push_object(jvm, got);
	else
		push_words(jvm, got);
	return true;
}

static bool is_code(const struct area *area)
{
	return area->backing == BACKING_ANONYMOUS && (area->segment->flags & PF_X);
}

/* Whether a block of the code cache begins at p, and goes on to behind an address. */
static bool is_blob(struct jvm *jvm, struct bytes p, uint64_t start, uint64_t address,
		    struct span *ret)
{
	uint64_t length = bytes_word(p, 0, 8), used = bytes_word(p, 1, 8) & 0xff;
	uint64_t vtable = bytes_word(p, BLOB_BEHIND / 8, 8);

	if (used != 1 || !length || length > UINT32_MAX || vtable % 8 ||
	    vtable < jvm->library.start || vtable >= jvm->library.end)
		return false;
	*ret = (struct span){ start, start + length * SEGMENT };
	return address < ret->end;
}

/* The last one that begins in n bytes of a page. */
static bool last_blob(struct jvm *jvm, struct bytes page, uint64_t start,
		      uint64_t address, struct span *ret)
{
	for (size_t at = page.n & ~(size_t)(BLOB_ALIGN - 1); at >= BLOB_ALIGN;
	     at -= BLOB_ALIGN) {
		size_t from = at - BLOB_ALIGN;
		struct bytes p = { page.p + from, page.n - from };

		if (is_blob(jvm, p, start + from, address, ret))
			return true;
	}
	return false;
}

static bool find_blob(struct jvm *jvm, const struct area *area, uint64_t address,
		      struct span *ret)
{
	uint64_t page = page_down(address), low = area->start;
	uint8_t raw[PAGE];

	if (page - low > BLOB_LOOK)
		low = page - BLOB_LOOK;
	for (;; page -= PAGE) {
		struct bytes got = { raw, PAGE };

		if (!jvm->looks)
			return false;
		jvm->looks--;
		got.n = memory_read_some(jvm->runtime->view->memory, page, raw, PAGE);
		if (page + got.n > address)
			got.n = (size_t)(address - page);
		if (last_blob(jvm, got, page, address, ret))
			return true;
		if (page <= low)
			return false;
	}
}

static bool is_known(const struct jvm *jvm, uint64_t address)
{
	for (size_t i = 0; i < BLOBS; i++) {
		if (address >= jvm->blobs[i].start && address < jvm->blobs[i].end)
			return true;
	}
	return false;
}

/* What frames of compiled and interpreted code are in; of what is large its beginning. */
static void add_code(struct jvm *jvm, const struct area *area, uint64_t address)
{
	struct span blob;
	uint64_t size;

	if (!area || !is_code(area) || is_known(jvm, address) ||
	    !find_blob(jvm, area, address, &blob))
		return;
	jvm->blobs[jvm->blob_count++ % BLOBS] = blob;
	size = blob.end - blob.start;
	runtime_add(jvm->runtime, RUNTIME_LISTS, blob.start,
		    size <= BLOB_MAX ? size : PAGE);
}

/* Part of a stack: what its words lead to, data and code. */
static void seed_stack(struct jvm *jvm, uint64_t start, uint64_t end)
{
	const struct view *view = jvm->runtime->view;
	uint8_t raw[PAGE];

	for (uint64_t at = start & ~(uint64_t)7; at < end; at += PAGE) {
		size_t n = end - at < PAGE ? (size_t)(end - at) : PAGE;

		n = memory_read_some(view->memory, at, raw, n);
		for (size_t i = 0; i < n / 8; i++) {
			uint64_t value = bytes_word((struct bytes){ raw, n }, i, 8);
			const struct area *area = look_up(jvm, value);

			push(jvm, area, value);
			add_code(jvm, area, value);
		}
	}
}

/* First all threads' own, then what their frames name. */
static void seed_threads(struct jvm *jvm)
{
	const struct notes *notes = jvm->runtime->view->notes;

	for (size_t i = 0; i < notes->thread_count; i++) {
		uint64_t tls = notes->threads[i].tls;

		if (tls > TLS_BELOW)
			seed(jvm, tls - TLS_BELOW, tls + TLS_ABOVE);
	}
}

static void seed_stacks(struct jvm *jvm)
{
	const struct view *view = jvm->runtime->view;
	uint64_t depth = STACKS_MAX / view->notes->thread_count; /* there is one */

	if (depth > DEPTH)
		depth = DEPTH;
	/* what was no data before may be code, which only stacks lead to */
	memset(jvm->seen, 0, sizeof(*jvm->seen) << SEEN_BITS);
	for (size_t i = 0; i < view->notes->thread_count; i++) {
		struct stack_part parts[STACK_PARTS];
		size_t n = stack_parts(view, i, depth, parts);

		for (size_t p = 0; p < n; p++)
			seed_stack(jvm, parts[p].near.start, parts[p].near.end);
	}
}

static void seed_small(struct jvm *jvm)
{
	for (size_t i = 0; i < jvm->small_count; i++)
		seed(jvm, jvm->small[i]->start, jvm->small[i]->content_end);
}

static void follow_all(struct jvm *jvm)
{
	size_t at = 0;

	seed_threads(jvm);
	for (size_t step = 0; step < STEPS; step++) {
		size_t end = jvm->count;

		for (; at < end; at++) {
			if (!follow(jvm, jvm->queue[at], step))
				return;
		}
		if (step == 0)
			seed_stacks(jvm);
		if (step == STEPS - 2)
			seed_small(jvm);
	}
}

static void find_stacks(struct jvm *jvm)
{
	const struct view *view = jvm->runtime->view;

	for (size_t i = 0; i < view->notes->thread_count; i++) {
		const struct area *area =
			space_at(view->space, view->notes->threads[i].tls);

		if (area)
			spans_add(&jvm->stacks, area->start, area->end);
	}
	spans_join(&jvm->stacks);
}

void runtime_jvm(struct runtime *runtime)
{
	const struct space *space = runtime->view->space;
	struct jvm jvm = { .runtime = runtime,
			   .looks = LOOKS_MAX,
			   .lookups = LOOKUPS_MAX };

	if (runtime->view->notes->word != 8 || !runtime->view->notes->thread_count ||
	    !space->count || !find_library(runtime->view->notes, &jvm.library))
		return;
	jvm.low = space->areas[0].start;
	jvm.high = space->areas[space->count - 1].end;
	jvm.queue = calloc(POINTERS_MAX, sizeof(*jvm.queue));
	jvm.seen = calloc((size_t)1 << SEEN_BITS, sizeof(*jvm.seen));
	find_stacks(&jvm);
	if (jvm.queue && jvm.seen && !jvm.stacks.failed)
		follow_all(&jvm);
	else
		runtime->parts[0].failed = true;
	spans_done(&jvm.stacks);
	visited_done(&jvm.visited);
	free(jvm.queue);
	free(jvm.seen);
}
