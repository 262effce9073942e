/* SPDX-License-Identifier: MIT */
#include "filter/goroutine.h"
#include "filter/runtime.h"

/* A struct g has some 400 bytes, a struct m 1,800, of which the first word is its g0. */
#define G_SIZE 512
#define M_SIZE 2048

/* What is looked through for the list: the executable's variables. A runtime has 300 KiB of them. */
#define LOOK_MAX (4u << 20)

/* What may be a list, by its length and its place: 0.4 us each, and a program may have it in every word. */
#define LISTS_MAX 32768

/* Threads that are asked whether a goroutine runs on them, for each that runs. */
#define RUNNING_THREADS_MAX 512

/* Goroutines that are looked at: 1.5 us each, and a process may have a million. */
#define GOROUTINES_MAX 4096

/* Threads that are asked for their g, to know a Go program. */
#define THREADS_MAX 64

/* A goroutine's stack has no other end than the runtime's limit of 1 GB. */
#define STACK_MAX (64u << 10)

/* A goroutine that runs has no frames in its struct g: its stack from there up, at most. */
#define RUNNING_MAX (16u << 10)

/*
 * The first words of a struct p (runtime/runtime2.go, Go 1.11 to 1.24, of 64 bits): {id, status}, link,
 * {schedtick, syscalltick}, sysmontick of 4 words, m, mcache.
 */
enum p_word {
	P_ID = 0,
	P_M = 7,
	P_MCACHE = 8,
	P_WORDS,
};

/* _Pidle to _Pdead */
#define P_STATUS_MAX 4

/*
 * A struct p has 8,912 bytes in Go 1.19, and Go's heap gives it 9,472; of what it points to a struct mcache is the
 * largest, with 1,200. One for each of so many processors.
 */
#define P_SIZE	       9472
#define P_POINTEE      1280
#define PROCESSORS_MAX 64

/* In Go's own code g is in a register, too: R14 on amd64, X28 on arm64. */
static bool register_g(const struct view *view, const struct thread *t)
{
	size_t word = view->notes->word;

	for (size_t i = 0; i < t->prstatus.n / word; i++) {
		uint64_t address = bytes_word(t->prstatus, i, word);

		if (space_at(view->space, address) && goroutine_is(view, address))
			return true;
	}
	return false;
}

static bool has_go(const struct view *view)
{
	const struct notes *notes = view->notes;
	struct goroutine g;

	for (size_t i = 0; i < notes->thread_count && i < THREADS_MAX; i++) {
		if (goroutine_of_thread(view, &notes->threads[i], &g) ||
		    register_g(view, &notes->threads[i]))
			return true;
	}
	return false;
}

/* is: whether an address is that of element i. */
struct list {
	bool (*is)(const struct view *view, uint64_t address, uint64_t i);
	uint64_t least; /* elements: by chance there may be fewer anywhere */
	uint64_t array, count;
};

static bool is_goroutine(const struct view *view, uint64_t address, uint64_t i)
{
	(void)i;
	return goroutine_is(view, address);
}

/* Its number is its place in runtime.allp. */
static bool is_processor(const struct view *view, uint64_t address, uint64_t i)
{
	size_t word = view->notes->word;
	uint8_t raw[P_WORDS * sizeof(uint64_t)];
	struct bytes words = { raw, sizeof(raw) };
	uint64_t id, m, mcache, g0;

	if (word != 8 || !address || address % word ||
	    !memory_read(view->memory, address, raw, words.n))
		return false;
	id = bytes_word(words, P_ID, word);
	m = bytes_word(words, P_M, word);
	mcache = bytes_word(words, P_MCACHE, word);
	return (uint32_t)id == i && id >> 32 <= P_STATUS_MAX && mcache % word == 0 &&
	       space_at(view->space, mcache) &&
	       (!m ||
		(memory_number(view->memory, m, word, &g0) && goroutine_is(view, g0)));
}

static const struct list goroutines = { .is = is_goroutine, .least = 2 };
static const struct list processors = { .is = is_processor, .least = 1 };

/* What of memory may still be looked at to find one. */
struct looks {
	uint64_t bytes;
	size_t lists;
};

static bool is_list(const struct view *view, const struct list *list, uint64_t capacity,
		    struct looks *left)
{
	const uint64_t places[] = { 0, list->count / 2, list->count - 1 };
	size_t word = view->notes->word;
	uint64_t element;

	if (list->count < list->least || list->count > capacity ||
	    capacity > UINT32_MAX || list->array % word || !left->lists ||
	    !space_at(view->space, list->array))
		return false;
	left->lists--;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (!memory_number(view->memory, list->array + places[i] * word, word,
				   &element) ||
		    !list->is(view, element, places[i]))
			return false;
	}
	return true;
}

/* The slice {array, length, capacity} in words of memory. */
static bool find_in(const struct view *view, struct bytes words, struct looks *left,
		    struct list *ret)
{
	size_t word = view->notes->word;

	for (size_t i = 0; i + 2 < words.n / word; i++) {
		ret->array = bytes_word(words, i, word);
		ret->count = bytes_word(words, i + 1, word);
		if (ret->array &&
		    is_list(view, ret, bytes_word(words, i + 2, word), left))
			return true;
	}
	return false;
}

/* Pages overlap by the slice's three words, of which two may be behind the end of one. */
static bool find_in_area(const struct view *view, const struct area *area,
			 struct looks *left, struct list *ret)
{
	uint64_t overlap = 2 * (uint64_t)view->notes->word;
	uint8_t raw[PAGE + 2 * sizeof(uint64_t)];

	for (uint64_t at = area->start; at < area->content_end && left->bytes >= PAGE;
	     at += PAGE) {
		size_t n = memory_read_some(view->memory, at, raw, PAGE + overlap);

		left->bytes -= PAGE;
		if (find_in(view, (struct bytes){ raw, n }, left, ret))
			return true;
	}
	return false;
}

/*
 * Variables of modules: what can be written of files, and the .bss behind it. The executable's come
 * first where it is static; in a program with C libraries they are among the first all the same.
 */
static bool find_list(const struct view *view, const struct list *what, struct list *ret)
{
	const struct space *space = view->space;
	struct looks left = { .bytes = LOOK_MAX, .lists = LISTS_MAX };

	*ret = *what;
	for (size_t i = 0; i < space->count && left.bytes; i++) {
		const struct area *area = &space->areas[i];
		bool is_file = area->backing == BACKING_FILE && !area->is_vdso;
		bool is_bss = i > 0 && area->backing == BACKING_ANONYMOUS &&
			      area[-1].backing == BACKING_FILE &&
			      area[-1].end == area->start;

		if ((area->segment->flags & PF_W) && (is_file || is_bss) &&
		    find_in_area(view, area, &left, ret))
			return true;
	}
	return false;
}

/* The stack pointer of a thread that is on this stack. */
static uint64_t running_sp(const struct view *view, const struct goroutine *g)
{
	for (size_t i = 0; i < view->notes->thread_count && i < RUNNING_THREADS_MAX;
	     i++) {
		uint64_t sp = view->notes->threads[i].sp;

		if (sp >= g->lo && sp < g->hi)
			return sp;
	}
	/* in the kernel or in a handler, which has its own stack: nothing tells where it was */
	return g->hi - g->lo > RUNNING_MAX ? g->hi - RUNNING_MAX : g->lo;
}

static void add_stack(struct runtime *runtime, const struct goroutine *g)
{
	uint64_t sp = g->sp, near;

	if (g->m)
		sp = running_sp(runtime->view, g);
	if (sp < g->lo || sp >= g->hi)
		return;
	near = page_up(sp + 1) < g->hi ? page_up(sp + 1) : g->hi;
	runtime_add(runtime, RUNTIME_FRAMES, sp, near - sp);
	if (g->hi - near > STACK_MAX)
		runtime_add(runtime, RUNTIME_REST, near, STACK_MAX);
	else if (g->hi > near)
		runtime_add(runtime, RUNTIME_REST, near, g->hi - near);
}

static bool add_goroutine(struct runtime *runtime, uint64_t address)
{
	struct goroutine g;

	if (!goroutine_read(runtime->view, address, &g))
		return true;
	if (!runtime_add(runtime, RUNTIME_LISTS, address, G_SIZE) ||
	    (g.m && !runtime_add(runtime, RUNTIME_LISTS, g.m, M_SIZE)))
		return false;
	add_stack(runtime, &g);
	return true;
}

/* A thread may be on its g0 or in a handler: neither is in the list. */
static void add_threads(struct runtime *runtime)
{
	const struct view *view = runtime->view;

	for (size_t i = 0; i < view->notes->thread_count; i++) {
		struct goroutine g;

		if (!goroutine_of_thread(view, &view->notes->threads[i], &g))
			continue;
		if (!runtime_add(runtime, RUNTIME_LISTS, g.address, G_SIZE) ||
		    (g.m && !runtime_add(runtime, RUNTIME_LISTS, g.m, M_SIZE)))
			return;
	}
}

static void add_list(struct runtime *runtime, const struct list *list)
{
	const struct view *view = runtime->view;
	size_t word = view->notes->word;
	uint64_t count = list->count < GOROUTINES_MAX ? list->count : GOROUTINES_MAX;
	uint64_t address;

	runtime_add(runtime, RUNTIME_LISTS, list->array, count * word);
	// cppcheck-suppress knownConditionTrueFalse; find_list() has set the count
	for (uint64_t i = 0; i < count; i++) {
		if (memory_number(view->memory, list->array + i * word, word, &address) &&
		    !add_goroutine(runtime, address))
			return;
	}
}

/* What frames of the scheduler work on: caches, queues, timers. */
static void add_processor(struct runtime *runtime, uint64_t address)
{
	const struct view *view = runtime->view;
	uint8_t raw[P_SIZE];
	struct bytes words = { raw,
			       memory_read_some(view->memory, address, raw, P_SIZE) };

	runtime_add(runtime, RUNTIME_REST, address, P_SIZE);
	for (size_t i = 0; i < words.n / 8; i++)
		runtime_add(runtime, RUNTIME_REST, bytes_word(words, i, 8), P_POINTEE);
}

static void add_processors(struct runtime *runtime)
{
	const struct view *view = runtime->view;
	struct list list;
	uint64_t address;

	if (!find_list(view, &processors, &list))
		return;
	// cppcheck-suppress knownConditionTrueFalse; find_list() has set the count
	for (uint64_t i = 0; i < list.count && i < PROCESSORS_MAX; i++) {
		if (memory_number(view->memory, list.array + i * 8, 8, &address) &&
		    is_processor(view, address, i))
			add_processor(runtime, address);
	}
}

void runtime_go(struct runtime *runtime)
{
	struct list list;

	if (!has_go(runtime->view) || !find_list(runtime->view, &goroutines, &list))
		return;
	add_threads(runtime);
	add_list(runtime, &list);
	add_processors(runtime);
}
