/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "filter/search.h"

/* Before the pointee: the allocator's and the collector's headers, the derived class. */
#define BEFORE	    64u
#define BEFORE_FINE 16u

/* A program header that is mostly like the one before, compressed. */
#define HEADER_COST 16u

/* 8 MiB of addresses: each page that is kept could hold 512 new ones. */
#define QUEUE_MAX (1u << 20)

/* So much of an array is looked at, 4,096 strings of Go, and at so many arrays. */
#define ARRAY_MAX  (64u << 10)
#define ARRAYS_MAX 1024

/* 64 KiB of pointers that were found lately: of vtables, of the heads of lists there are many. */
#define SEEN_BITS 13

/*
 * 64 MiB of pages that better ranks have, beside the search's own: 4,000 threads whose stacks
 * all point into each other are some GiB.
 */
#define KEPT_MAX 16384u

/* malloc's objects that are larger than the window are kept up to this. */
#define OBJECT_MAX (64u << 10)

/* Without [vsyscall], which is above all: text and noise would be looked up, too. */
static uint64_t high_of(const struct space *space)
{
	size_t i = space->count;

	while (i > 1 && space->areas[i - 1].start > INT64_MAX)
		i--;
	return space->areas[i - 1].end;
}

void search_start(struct search *search, const struct view *view,
		  const struct spans *kept, uint64_t left, struct ranges *ranges,
		  struct spans *windows)
{
	const struct space *space = view->space;

	memset(search, 0, sizeof(*search));
	search->view = view;
	search->ranges = ranges;
	search->kept = kept;
	search->windows = windows;
	search->window = SEARCH_WINDOW;
	search->left = left;
	search->packed = UINT64_MAX;
	search->visited_max =
		KEPT_MAX +
		(windows || left / PAGE > KEPT_MAX ? KEPT_MAX : (size_t)(left / PAGE));
	if (!space->count)
		return;
	search->seen = calloc((size_t)1 << SEEN_BITS, sizeof(*search->seen));
	search->failed = !search->seen;
	search->low = space->areas[0].start;
	search->high = high_of(space);
	if (search->low < PAGE)
		search->low = PAGE;
}

void search_done(struct search *search)
{
	visited_done(&search->visited);
	spans_done(&search->arrays);
	free(search->queue);
	free(search->seen);
	search->queue = NULL;
	search->seen = NULL;
}

/* Most pointers lead where the last one did. */
static const struct area *area_at(struct search *search, uint64_t address)
{
	const struct area *last = search->area;

	if (!last || address < last->start || address >= last->end)
		last = space_at(search->view->space, address);
	if (last)
		search->area = last;
	return last;
}

/* Of an address in the queue: push() takes none that is in no area, so there is a last one. */
static const struct area *area_of(struct search *search, uint64_t address)
{
	const struct area *area = area_at(search, address);

	return area ? area : search->area;
}

/* Whether it is found for the first time, as far as that is remembered. */
static bool is_new(struct search *search, uint64_t address)
{
	uint64_t *seen =
		&search->seen[address * UINT64_C(0x9e3779b97f4a7c15) >> (64 - SEEN_BITS)];

	if (*seen == address)
		return false;
	*seen = address;
	return true;
}

static bool is_kept(const struct search *search, uint64_t page)
{
	size_t i = spans_above(search->kept, page);

	return i < search->kept->count && search->kept->spans[i].start <= page;
}

/*
 * What a module's file has as it is: changed pages are kept already. It is not worth a page, and the linker
 * has left no pointers in it.
 */
static bool has_file(const struct search *search, const struct area *area,
		     uint64_t address)
{
	return area->has_file && !area->is_data && !is_kept(search, page_down(address));
}

static void push(struct search *search, uint64_t address)
{
	const struct area *area;

	if (search->count >= QUEUE_MAX || search->failed || !is_new(search, address))
		return;
	area = area_at(search, address);
	if (!area || address >= area->content_end || has_file(search, area, address))
		return;
	if (search->count == search->capacity) {
		size_t capacity = search->capacity ? search->capacity * 2 : 4096;
		uint64_t *queue = reallocarray(search->queue, capacity, sizeof(*queue));

		if (!queue) {
			search->failed = true;
			return;
		}
		search->queue = queue;
		search->capacity = capacity;
	}
	search->queue[search->count++] = address;
}

/*
 * Three words in a row: does an array begin at the first? The size of a slice's elements is not known: a
 * word is taken for it. What is looked at in any case is none.
 */
static uint64_t array_end(const struct search *search, const struct area *area,
			  uint64_t start, uint64_t second, uint64_t third)
{
	uint64_t most = area->content_end - start, size = 0;

	if (second > start)
		size = third <= area->end ? second - start : 0;
	else if (third <= most)
		size = second <= ARRAY_MAX ? second * search->view->notes->word
					   : ARRAY_MAX;
	if (size <= SEARCH_WINDOW)
		return 0;
	if (size > ARRAY_MAX)
		size = ARRAY_MAX;
	return start + (size < most ? size : most);
}

/*
 * glibc's malloc puts the chunk's size before the object, and the next chunk's behind it
 * (malloc/malloc.c, struct malloc_chunk). Return: the object's end, 0: it is not malloc's.
 */
static uint64_t chunk_end(const struct search *search, uint64_t address)
{
	size_t word = search->view->notes->word;
	const struct memory *memory = search->view->memory;
	uint64_t size, next;

	if (address % (2 * word) || !memory_number(memory, address - word, word, &size))
		return 0;
	size &= ~(uint64_t)7;
	if (size % (2 * word) || size < 4 * word || size > OBJECT_MAX ||
	    !memory_number(memory, address - word + size, word, &next))
		return 0;
	next &= ~(uint64_t)7;
	return next >= 4 * word && next % (2 * word) == 0 ? address - word + size : 0;
}

/* start: the pointer that word i is. */
static void find_array(struct search *search, struct bytes bytes, size_t i,
		       uint64_t start)
{
	const struct notes *notes = search->view->notes;
	size_t word = notes->word;
	const struct area *area;
	uint64_t second, third, end, chunk;

	if (search->has_arrays || search->arrays.count >= ARRAYS_MAX ||
	    i + 3 > bytes.n / word)
		return;
	second = notes_address(notes, bytes_word(bytes, i + 1, word));
	third = notes_address(notes, bytes_word(bytes, i + 2, word));
	if (second == 0 || second > third)
		return;
	area = area_at(search, start);
	end = area && start < area->content_end && !has_file(search, area, start)
		      ? array_end(search, area, start, second, third)
		      : 0;
	chunk = end ? chunk_end(search, start) : 0;
	/* malloc's object has room for all of it; others follow a pointer by chance */
	if (chunk && (second > start ? third > chunk : third > chunk - start))
		return;
	if (chunk && chunk < end)
		end = chunk;
	if (end && end - start > SEARCH_WINDOW)
		spans_add(&search->arrays, start, end);
}

void search_seed_bytes(struct search *search, struct bytes bytes)
{
	size_t word = search->view->notes->word, count = bytes.n / word;

	for (size_t i = 0; i < count; i++) {
		uint64_t value =
			notes_address(search->view->notes, bytes_word(bytes, i, word));

		if (value < search->low || value >= search->high)
			continue;
		push(search, value);
		find_array(search, bytes, i, value);
	}
}

/* Return: NULL if there is no page left for it, which ends the search. */
static struct visited_page *come_to(struct search *search, uint64_t page)
{
	struct visited_page *visited;
	bool new;

	visited = visited_page(&search->visited, page, &new);
	if (!visited) {
		search->failed = true;
		return NULL;
	}
	if (search->visited.count > search->visited_max)
		search->left = 0;
	if (!new || search->windows || is_kept(search, page))
		return visited;
	if (search->left < PAGE)
		return NULL;
	search->left -= PAGE;
	if (search->packed != UINT64_MAX)
		cost_memory(&search->cost, search->view->memory, page, page + PAGE);
	ranges_add_ordered(search->ranges, page, page + PAGE, RANK_POINTEE,
			   search->order++);
	return visited;
}

static void pay_window(struct search *search, struct bytes bytes)
{
	uint64_t before = cost_bytes(&search->cost), paid;

	cost_count(&search->cost, bytes.p, bytes.n);
	paid = cost_bytes(&search->cost) - before + HEADER_COST;
	search->left -= paid < search->left ? paid : search->left;
}

/* Words of [start, end), which is in one page, from the first that was not looked at before. */
static bool look(struct search *search, struct visited_page *visited, uint64_t start,
		 uint64_t end)
{
	uint8_t raw[PAGE];
	uint64_t from = visited_mark(visited, start & ~(uint64_t)(VISITED_WORD - 1), end);
	struct bytes got = { raw, 0 };

	if (from >= end)
		return false;
	got.n = memory_read_some(search->view->memory, from, raw, (size_t)(end - from));
	search_seed_bytes(search, got);
	if (search->windows && !is_kept(search, visited->page))
		pay_window(search, got);
	return true;
}

/*
 * Page by page; the pages are kept, what lies in [look_start, end) is looked at. Return: whether
 * there was anything new to look at.
 */
static bool visit(struct search *search, uint64_t start, uint64_t look_start,
		  uint64_t end)
{
	bool new = false;

	for (uint64_t page = page_down(start); page < end; page += PAGE) {
		struct visited_page *visited = come_to(search, page);
		uint64_t from = look_start > page ? look_start : page;
		uint64_t to = end - page < PAGE ? end : page + PAGE;

		if (!visited)
			break;
		if (from < to)
			new |= look(search, visited, from, to);
	}
	return new;
}

static uint64_t content_end(struct search *search, uint64_t address)
{
	return area_of(search, address)->content_end;
}

/* A small object's window ends with it. */
static uint64_t fine_end(const struct search *search, uint64_t address, uint64_t end)
{
	uint64_t chunk = chunk_end(search, address);

	return chunk && chunk < end ? chunk : end;
}

static uint64_t at_most(uint64_t start, uint64_t n, uint64_t end)
{
	return end - start < n ? end : start + n;
}

/* Return: false if all of it had been looked at. */
static bool follow(struct search *search, uint64_t address)
{
	const struct area *area = area_of(search, address);
	uint64_t before = search->windows ? BEFORE_FINE : BEFORE;
	uint64_t start = address - area->start > before ? address - before : area->start;
	uint64_t end = at_most(address, search->window, area->content_end);

	if (!search->windows)
		return visit(search, start, address, end);
	end = fine_end(search, address, end);
	if (!is_kept(search, page_down(start)) || !is_kept(search, page_down(end - 1)))
		spans_add(search->windows, start & ~(uint64_t)(VISITED_WORD - 1),
			  at_most(end, -end & (VISITED_WORD - 1), area->content_end));
	return visit(search, start, start, end);
}

void search_seed(struct search *search, uint64_t start, uint64_t end)
{
	uint8_t raw[PAGE];

	for (uint64_t at = start & ~(uint64_t)7; at < end; at += PAGE) {
		size_t n = end - at < PAGE ? (size_t)(end - at) : PAGE;

		n = memory_read_some(search->view->memory, at, raw, n);
		search_seed_bytes(search, (struct bytes){ raw, n });
	}
}

static bool goes_on(const struct search *search)
{
	return search->left >= (search->windows ? 1 : PAGE) && !search->failed &&
	       (search->windows || cost_bytes(&search->cost) <= search->packed);
}

void search_run(struct search *search, size_t end)
{
	for (; search->head < search->count && search->head < end && goes_on(search);
	     search->head++) {
		if (!follow(search, search->queue[search->head]))
			search->queue[search->head] = 0; /* one of many that lead there */
	}
}

void search_again(struct search *search, size_t first, size_t end)
{
	for (size_t i = first; i < end && i < search->head && goes_on(search); i++) {
		if (search->queue[i])
			(void)follow(search, search->queue[i]); /* new or not */
	}
}

static uint64_t half_of_the_rest(uint64_t cost, uint64_t packed)
{
	return cost < packed && packed != UINT64_MAX ? packed - (packed - cost) / 2
						     : packed;
}

/*
 * In the order in which they were found. Pointers that lie in order look like vectors, too: half of what is
 * left is for what comes after.
 */
void search_arrays(struct search *search)
{
	uint64_t reserve = search->left / 2, packed = search->packed;

	search->has_arrays = true;
	search->failed |= search->arrays.failed;
	search->left -= reserve;
	search->packed = half_of_the_rest(cost_bytes(&search->cost), packed);
	for (size_t i = 0; i < search->arrays.count && goes_on(search); i++) {
		const struct span *array = &search->arrays.spans[i];
		uint64_t start = array->start & ~(uint64_t)(VISITED_WORD - 1);

		if (search->windows)
			spans_add(search->windows, start, array->end);
		(void)visit(search, start, start, array->end); /* new or not */
	}
	if (search->visited.count <= search->visited_max) /* else it has ended */
		search->left += reserve;
	search->packed = packed;
}

void search_widen(struct search *search)
{
	size_t count = search->head; /* what widening finds is as far as can be */

	for (size_t i = 0; i < count && goes_on(search); i++) {
		uint64_t address = search->queue[i];
		uint64_t end = address ? chunk_end(search, address) : 0;

		if (end && end - address > search->window &&
		    end <= content_end(search, address))
			visit(search, address, address, end);
	}
	search_run(search, SEARCH_ALL);
}
