/* SPDX-License-Identifier: MIT */
/*
 * Where the kernel writes as threads end: found, unknown, or bounded. This very process plays the crashed
 * one, with a core whose program headers name mappings of the test.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/core_builder.h"
#include "tests/unit/table.h"

#include "handler/capture_kernel_writes.h"

#define PAGES  8u
#define SIZE   (PAGES * PAGE)
#define TID    4711u
#define BEFORE 0x5a

/* One mapping in the core, one that the core does not have, and a page that does not exist in each. */
#define ABSENT (SIZE - PAGE)

struct fixture {
	char *memory, *hidden;
	struct core_builder b;
	struct built built;
	struct core core;
	struct notes notes;
	struct space space;
	struct overlay overlay;
	struct kernel_writes writes;
};

static char *map(void)
{
	char *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	assert_true(p != MAP_FAILED);
	(void)madvise(p, SIZE, MADV_NOHUGEPAGE); /* the kernel may not have it */
	memset(p, BEFORE, ABSENT);
	return p;
}

static void set_up(struct fixture *f, uint16_t machine)
{
	memset(f, 0, sizeof(*f));
	f->memory = map();
	f->hidden = map();
	builder_init(&f->b, machine);
	builder_load(&f->b, (uintptr_t)f->memory, SIZE, SIZE, PF_R | PF_W);
	builder_load(&f->b, (uintptr_t)f->hidden, 0, SIZE, PF_R | PF_W);
	overlay_init(&f->overlay);
}

/* After all threads. */
static void begin(struct fixture *f)
{
	f->b.headers_only = true;
	f->built = builder_build(&f->b);
	core_init(&f->core);
	assert_int_equal(built_feed(&f->built, 4096, &f->core), 1);
	notes_read(&f->core.header, f->core.notes, &f->notes);
	assert_int_equal(space_build(&f->core, &f->notes, &f->space), 0);
	f->writes = (struct kernel_writes){
		.mem_fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC),
		.notes = &f->notes,
		.space = &f->space,
		.overlay = &f->overlay,
	};
	assert_int_equal(pagemap_open(open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC),
				      &f->writes.pagemap),
			 0);
}

static void tear_down(struct fixture *f)
{
	close(f->writes.mem_fd);
	close(f->writes.pagemap.fd);
	pagemap_close(&f->writes.pagemap);
	overlay_done(&f->overlay);
	space_done(&f->space);
	notes_done(&f->notes);
	core_done(&f->core);
	built_done(&f->built);
	builder_done(&f->b);
	munmap(f->memory, SIZE);
	munmap(f->hidden, SIZE);
}

static void put(char *p, size_t at, uint64_t value, size_t width)
{
	memcpy(p + at, &value, width);
}

/* What was there is laid over what comes later: as the kernel's words in the overlay are. */
static bool is_laid(struct fixture *f, size_t at)
{
	uint32_t later = 0;

	overlay_seal(&f->overlay);
	assert_int_equal(overlay_copy(&f->overlay, NULL), 0);
	for (size_t i = 0; i < f->core.count; i++) {
		const struct segment *s = &f->core.segments[i];

		if (s->type == PT_LOAD && s->vaddr == (uintptr_t)f->memory)
			overlay_apply(&f->overlay, s->offset + at, (uint8_t *)&later, 4);
	}
	return memcmp(&later, f->memory + at, 4) == 0;
}

struct thread_row {
	const char *name;
	uint16_t machine;
	int64_t pointer; /* in the mapping; negative: absolute */
	int64_t tid_at; /* negative: nowhere */
	bool hidden; /* all of it in the mapping that the core does not have */
	bool known;
	int64_t laid_at; /* negative: nothing */
};

static const struct thread_row threads[] = {
	{ "glibc, x86-64", EM_X86_64, 2 * PAGE + 64, 2 * PAGE + 64 + 720, false, true,
	  2 * PAGE + 64 + 720 },
	{ "at the pointer", EM_X86_64, 2 * PAGE, 2 * PAGE, false, true, 2 * PAGE },
	{ "the last word", EM_X86_64, 2 * PAGE, 2 * PAGE + 2300, false, true,
	  2 * PAGE + 2300 },
	{ "a word too far", EM_X86_64, 2 * PAGE, 2 * PAGE + 2304, false, false, -1 },
	{ "over two pages", EM_X86_64, 3 * PAGE - 64, 3 * PAGE + 100, false, true,
	  3 * PAGE + 100 },
	{ "a variable below the pointer", EM_X86_64, 2 * PAGE, 2 * PAGE - 8, false, false,
	  -1 },
	{ "no id", EM_X86_64, 2 * PAGE, -1, false, false, 2 * PAGE },
	{ "not at a word", EM_X86_64, 2 * PAGE, 2 * PAGE + 2, false, false, -1 },
	{ "an odd pointer", EM_X86_64, 2 * PAGE + 2, 2 * PAGE + 6, false, false, -1 },
	{ "the next page does not exist", EM_X86_64, ABSENT - 64, ABSENT - 4, false, true,
	  ABSENT - 4 },
	{ "a page that does not exist", EM_X86_64, ABSENT, -1, false, false, -1 },
	{ "no pointer", EM_X86_64, -1, -1, false, false, -1 },
	{ "a pointer to nowhere", EM_X86_64, -65536, -1, false, false, -1 },
	{ "not in the core", EM_X86_64, 2 * PAGE, 2 * PAGE + 720, true, false, -1 },
	{ "glibc, aarch64", EM_AARCH64, 2 * PAGE, 2 * PAGE - 1600, false, true,
	  2 * PAGE - 1600 },
	{ "aarch64, the first word", EM_AARCH64, 2 * PAGE, 2 * PAGE - 2304, false, true,
	  2 * PAGE - 2304 },
	{ "aarch64, from the mapping's first byte on", EM_AARCH64, 1024, 0, false, true,
	  0 },
	{ "aarch64, a variable above the pointer", EM_AARCH64, 2 * PAGE, 2 * PAGE + 16,
	  false, false, -1 },
};

static void test_thread(void **state)
{
	const struct thread_row *row = *state;
	struct fixture f;
	uint64_t pointer;
	char *p;

	set_up(&f, row->machine);
	p = row->hidden ? f.hidden : f.memory;
	pointer = row->pointer < 0 ? (uint64_t)(-1 - row->pointer)
				   : (uintptr_t)p + (uint64_t)row->pointer;
	if (row->tid_at >= 0)
		put(p, (size_t)row->tid_at, TID, 4);
	builder_thread(&f.b, TID, (uintptr_t)p, 0, pointer);
	begin(&f);
	assert_int_equal(kernel_writes_threads(&f.writes), !row->known);
	if (row->laid_at >= 0)
		assert_true(is_laid(&f, (size_t)row->laid_at));
	else
		assert_false(row->known);
	assert_false(f.overlay.failed);
	tear_down(&f);
}

struct go_row {
	const char *name;
	uint32_t header; /* of the program, beside PT_LOAD; 0: none */
	bool no_headers; /* they cannot be read */
	uint64_t m_at; /* that its g0 names */
	uint64_t id_at; /* from m on */
	uint64_t pointer_at; /* from m on */
	bool begun; /* it has its g */
	bool known;
};

#define G    (3 * PAGE)
#define G0   (4 * PAGE)
#define M    (2 * PAGE)
#define PHDR PAGE

static const struct go_row go_rows[] = {
	{ "Go's own", 0, false, M, 72, 144, true, true },
	{ "on its way: cloned, and nothing else", 0, false, M, 0, 144, false, true },
	{ "Go 1.5's and later ones' at most", 0, false, M, 0x40, 512, true, true },
	{ "started by ld.so", PT_INTERP, false, M, 72, 144, true, false },
	{ "linked to libraries", PT_DYNAMIC, false, M, 72, 144, true, false },
	{ "with a C library", PT_TLS, false, M, 72, 144, true, false },
	{ "unknown how it was started", 0, true, M, 72, 144, true, false },
	{ "with cgo: the pointer is elsewhere", 0, false, M, 72, 2 * PAGE, true, false },
	{ "below its m", 0, false, M, 72, (uint64_t)-4000, true, false },
	{ "another thread's m", 0, false, M, 0, 144, true, false },
	{ "an id behind the pointer", 0, false, M, 4000, 144, true, false },
	{ "a g0 of nobody", 0, false, 0, 72, 144, true, false },
};

/* In struct g, m is word 6 (filter/goroutine.c). */
static void put_go(struct fixture *f, const struct go_row *row)
{
	char *p = f->memory;
	uint64_t base = (uintptr_t)p;

	put(p, PHDR, PT_LOAD, 4);
	put(p, PHDR + 56, row->header, 4);
	memset(p + G0, 0, 80);
	put(p, G0 + 48, row->m_at ? base + row->m_at : 0, 8);
	put(p, M, base + G0, 8);
	if (row->id_at)
		put(p, M + row->id_at, TID, 8);
	put(p, M + row->pointer_at - 8, row->begun ? base + G : 0, 8);
}

static void test_go(void **state)
{
	uint64_t auxv[][2] = { { AT_PHDR, 0 }, { AT_PHENT, 56 }, { AT_PHNUM, 2 } };
	const struct go_row *row = *state;
	struct fixture f;

	set_up(&f, EM_X86_64);
	auxv[0][1] = row->no_headers ? 4096 : (uintptr_t)f.memory + PHDR;
	put_go(&f, row);
	builder_thread(&f.b, TID, (uintptr_t)f.memory, 0,
		       (uintptr_t)f.memory + M + row->pointer_at);
	builder_auxv(&f.b, auxv, ARRAY_SIZE(auxv));
	begin(&f);
	assert_int_equal(kernel_writes_threads(&f.writes), !row->known);
	assert_false(f.overlay.failed);
	tear_down(&f);
}

/* One known thread among others does not make them known. */
static void test_some(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, EM_X86_64);
	put(f.memory, 720, TID, 4);
	for (unsigned int i = 0; i < 3; i++)
		builder_thread(&f.b, TID + i, 0, 0, (uintptr_t)f.memory);
	begin(&f);
	assert_int_equal(kernel_writes_threads(&f.writes), 2);
	tear_down(&f);
}

#define HEAD   64u
#define OFFSET 32

/* Places in the mapping; a negative one is an absolute address. */
struct list_row {
	const char *name;
	int64_t entries[4]; /* of the list, 0 ends it: the last leads back to the head */
	int64_t last; /* not 0: or there */
	int64_t pending; /* 0: none */
	bool known;
	int64_t laid[4]; /* places of words that are kept; 0 ends it */
};

static const struct list_row lists[] = {
	{ "empty", { 0 }, 0, 0, true, { 0 } },
	{ "one", { PAGE }, 0, 0, true, { PAGE + OFFSET } },
	{ "three",
	  { 3 * PAGE, PAGE, 2 * PAGE },
	  0,
	  0,
	  true,
	  { PAGE + OFFSET, 2 * PAGE + OFFSET, 3 * PAGE + OFFSET } },
	{ "with priorities: bit 0",
	  { PAGE + 1, 2 * PAGE + 1 },
	  0,
	  0,
	  true,
	  { PAGE + OFFSET, 2 * PAGE + OFFSET } },
	{ "pending alone", { 0 }, 0, 4 * PAGE, true, { 4 * PAGE + OFFSET } },
	{ "pending, with priorities",
	  { PAGE },
	  0,
	  4 * PAGE + 1,
	  true,
	  { 4 * PAGE + OFFSET, PAGE + OFFSET } },
	{ "to nowhere", { PAGE }, -4096, 0, true, { PAGE + OFFSET } },
	{ "to 0", { PAGE }, -1, 0, true, { PAGE + OFFSET } },
	{ "a circle", { PAGE, 2 * PAGE }, PAGE, 0, false, { PAGE + OFFSET } },
	{ "itself", { PAGE }, PAGE, 0, false, { 0 } },
	{ "a page that does not exist", { PAGE }, ABSENT, 0, false, { 0 } },
	{ "pending in a page that does not exist", { PAGE }, 0, ABSENT, false, { 0 } },
};

static uint64_t address_of(const struct fixture *f, int64_t place)
{
	return place < 0 ? (uint64_t)(-1 - place)
			 : (uintptr_t)f->memory + (uint64_t)place;
}

static void make_list(struct fixture *f, const struct list_row *row)
{
	size_t at = HEAD;

	for (size_t i = 0; i < 4 && row->entries[i]; i++) {
		put(f->memory, at, address_of(f, row->entries[i]), 8);
		at = (size_t)row->entries[i] & ~(size_t)1;
	}
	put(f->memory, at, address_of(f, row->last ? row->last : HEAD), 8);
	put(f->memory, HEAD + 8, OFFSET, 8);
	put(f->memory, HEAD + 16, row->pending ? address_of(f, row->pending) : 0, 8);
}

static void test_list(void **state)
{
	const struct list_row *row = *state;
	struct fixture f;
	uint64_t head;
	struct process_robust robust = { .known = true, .heads = &head, .count = 1 };

	set_up(&f, EM_X86_64);
	head = (uintptr_t)f.memory + HEAD;
	make_list(&f, row);
	begin(&f);
	assert_int_equal(kernel_writes_robust(&f.writes, &robust), row->known);
	for (size_t i = 0; i < 4 && row->laid[i]; i++)
		assert_true(is_laid(&f, (size_t)row->laid[i]));
	robust.known = false;
	assert_false(kernel_writes_robust(&f.writes, &robust));
	tear_down(&f);
}

/* The bound is of all lists: a thousand circles take no longer than one. */
static void test_bound(void **state)
{
	uint64_t heads[1000];
	struct process_robust robust = { true, NULL, heads, 1000 };
	struct fixture f;

	(void)state;
	set_up(&f, EM_X86_64);
	make_list(&f, &lists[9]);
	for (size_t i = 0; i < 1000; i++)
		heads[i] = (uintptr_t)f.memory + HEAD;
	begin(&f);
	assert_false(kernel_writes_robust(&f.writes, &robust));
	assert_true(f.overlay.count <= 2048);
	tear_down(&f);
}

/* What the core does not have needs no words, and is followed all the same. */
static void test_hidden(void **state)
{
	struct fixture f;
	uint64_t head;
	struct process_robust robust = { true, NULL, &head, 1 };

	(void)state;
	set_up(&f, EM_X86_64);
	head = (uintptr_t)f.hidden + HEAD;
	put(f.hidden, HEAD, (uintptr_t)f.memory + PAGE, 8);
	put(f.hidden, HEAD + 8, OFFSET, 8);
	put(f.hidden, HEAD + 16, (uintptr_t)f.hidden + PAGE, 8);
	put(f.memory, PAGE, head, 8);
	begin(&f);
	assert_true(kernel_writes_robust(&f.writes, &robust));
	assert_int_equal(f.overlay.count, 1);
	assert_true(is_laid(&f, PAGE + OFFSET));
	tear_down(&f);
}

static void test_shadow_stacks(void **state)
{
	static const struct {
		uint16_t machine;
		uint32_t type;
		uint64_t first;
		bool expected;
	} notes[] = {
		{ EM_X86_64, 0x204, 0x7f0000001000, true }, /* NT_X86_SHSTK */
		{ EM_X86_64, 0x202, 0x7f0000001000, false }, /* NT_X86_XSTATE */
		{ EM_AARCH64, 0x410, 1, true }, /* NT_ARM_GCS: on */
		{ EM_AARCH64, 0x410, 0, false },
		{ EM_AARCH64, 0x401, 1, false }, /* NT_ARM_TLS */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(notes); i++) {
		struct fixture f;

		set_up(&f, notes[i].machine);
		builder_thread(&f.b, TID, 0, 0, 0);
		builder_note(&f.b, "LINUX", notes[i].type, &notes[i].first, 8);
		begin(&f);
		assert_int_equal(kernel_writes_shadow_stacks(f.core.notes),
				 notes[i].expected);
		tear_down(&f);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_some),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_shadow_stacks),
	};

	return RUN_TABLE(threads, test_thread) + RUN_TABLE(go_rows, test_go) +
	       RUN_TABLE(lists, test_list) + cmocka_run_group_tests(tests, NULL, NULL);
}
