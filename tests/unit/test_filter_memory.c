/* SPDX-License-Identifier: MIT */
/*
 * No memory: every allocation of filter/ fails once, alone and with all behind it. Whatever fails says so, and gives back
 * all that it had. Linked with --wrap (tests.mk), so that only filter/ and this file see it.
 */
#include <errno.h>
#include <stdlib.h>

#include "filter/core_scan.h"
#include "filter/modules.h"
#include "filter/order.h"
#include "tests/unit/core_memory.h"
#include "tests/unit/hints_world.h"
#include "tests/unit/rig.h"
#include "tests/unit/table.h"

#include "filter/untouched.h"

/* Allocations that still succeed; negative: all do. */
static int left = -1;

/* Only the next one fails: where nobody says so, none that fails later does it in its place. */
static bool once;

/* What was allocated and not given back. */
static long live;

static bool refused(void)
{
	if (left < 0)
		return false;
	if (left > 0) {
		left--;
		return false;
	}
	if (once)
		left = -1;
	return true;
}

static void *count(void *p, bool is_new)
{
	live += p && is_new;
	return p;
}

#define WRAPPED(name, parameters, arguments, is_new)                              \
	void *__real_##name parameters;                                           \
	void *__wrap_##name parameters;                                           \
	void *__wrap_##name parameters                                            \
	{                                                                         \
		return refused() ? NULL : count(__real_##name arguments, is_new); \
	}

WRAPPED(malloc, (size_t n), (n), true)
WRAPPED(calloc, (size_t n, size_t size), (n, size), true)
WRAPPED(realloc, (void *p, size_t n), (p, n), !p)
WRAPPED(reallocarray, (void *p, size_t n, size_t size), (p, n, size), !p)

void __real_free(void *p);
void __wrap_free(void *p);
void __wrap_free(void *p)
{
	live -= p != NULL;
	__real_free(p);
}

struct row {
	const char *name;
	const char *type;
	uint64_t limit;
	bool late, richly, by_rank;
	int least; /* allocations on this way, at least */
	bool java;
};

/* Nothing was ever touched. */
static bool none_there(void *context, uint64_t start, uint64_t end, uint64_t *ret_start,
		       uint64_t *ret_end)
{
	(void)context, (void)start, (void)end, (void)ret_start, (void)ret_end;
	return false;
}

/* With all that a plan may look at: memory, the program's hints, names of mappings. */
static int plan_richly(const struct core_builder *b, struct plan_input *input,
		       struct plan *plan)
{
	static const char maps[] = "20000000-20080000 rw-p 00000000 00:00 0 [heap]\n";
	struct hint hints[] = {
		{ HINT_KEEP, 0x20000000, 0x20001000, 0, "" },
		{ HINT_DROP, 0x20004000, 0x20008000, 0, "" },
		{ HINT_SECRET, 0x20002010, 0x20002020, 0, "" },
		{ HINT_SECRET, 0x7fff3810, 0x7fff3818, 0, "" }, /* of its arguments */
	};
	const struct hints said = { .hints = hints,
				    .count = ARRAY_SIZE(hints),
				    .found = true };
	struct span far = { 0x20001000, 0x20003000 };
	const struct spans distant = { .spans = &far, .count = 1 };
	struct core_memory window;
	struct names names;
	int r = names_read((struct bytes){ (const uint8_t *)maps, sizeof(maps) - 1 },
			   &names);

	if (r < 0)
		return r;
	core_memory_open(&window, b);
	window.memory.next_there = none_there;
	input->memory = &window.memory;
	input->hints = &said;
	input->names = &names;
	input->distant = &distant;
	r = plan_make(input, plan);
	names_done(&names);
	return r;
}

/* All of filter/, from bytes to a plan that is cut. Return: 0 or what failed. */
static int run(const struct built *file, const struct row *row,
	       const struct core_builder *b)
{
	struct notes notes = { 0 };
	struct core core;
	struct plan_input input = { .core = &core, .notes = &notes };
	struct plan plan;
	int r;

	core_init(&core);
	r = built_feed(file, 4096, &core);
	if (r == 1 && row->late) {
		uint64_t offset, size;

		core_late_notes(&core, &offset, &size);
		r = core_set_notes(&core, file->p + offset, size);
	}
	if (r >= 0) {
		notes_read(&core.header, core.notes, &notes);
		r = notes.broken ? -ENOMEM : 0;
	}
	input.type = type_find(row->type);
	input.max_memory = row->limit;
	input.by_rank = row->by_rank;
	if (r == 0)
		r = row->richly ? plan_richly(b, &input, &plan)
				: plan_make(&input, &plan);
	if (r == 0) {
		plan_cut(&plan, plan.header_size);
		plan_done(&plan);
	}
	notes_done(&notes);
	core_done(&core);
	return r;
}

/* Broken notes do not stop a plan: without memory it is a richer one, and made. */
static void check_broken(const struct built *file)
{
	struct notes notes;
	struct core core;
	struct plan plan;

	core_init(&core);
	assert_int_equal(built_feed(file, file->n, &core), 1);
	left = 0;
	notes_read(&core.header, core.notes, &notes);
	left = -1;
	assert_true(notes.broken);
	assert_int_equal(notes.thread_count + notes.file_count, 0);
	assert_int_equal(plan_make(&(struct plan_input){ .core = &core,
							 .notes = &notes,
							 .type = type_find("mini"),
							 .max_memory = UINT64_MAX },
				   &plan),
			 0);
	assert_string_equal(plan.type->name, "heap");
	plan_done(&plan);
	notes_done(&notes);
	core_done(&core);
}

/* A thread whose JavaThread leads to others; the heap is too large to be kept whole. */
static void build_java(struct core_builder *b)
{
	builder_init(b, EM_X86_64);
	builder_thread(b, 1000, 0x38001000, 0x30001000, 0x38003800);
	builder_psinfo(b, 1000, 33, "java", "java");
	builder_file(b, 0x30000000, 0x30004000, 0, "/usr/lib/jvm/lib/server/libjvm.so");
	builder_files(b);
	builder_load(b, 0x20000000, 0x80000, 0x80000, PF_R | PF_W);
	builder_load(b, 0x30000000, 0x1000, 0x4000, PF_R | PF_X);
	builder_load(b, 0x38000000, 0x4000, 0x4000, PF_R | PF_W);
	builder_poke_word(b, 0x38003800 - 64, 0x20010000);
	builder_poke_word(b, 0x20010000, 0x20020000);
}

static const struct row rows[] = {
	{ "chosen", "mini", UINT64_MAX, false, false, false, 12, false },
	{ "cut to a limit", "full", 5 * PAGE, false, false, false, 12, false },
	{ "verbatim", "full", UINT64_MAX, false, false, false, 7, false },
	{ "notes late", "stacks", UINT64_MAX, true, false, false, 12, false },
	{ "looked at", "mini", UINT64_MAX, false, true, false, 30, false },
	{ "by rank", "mini", UINT64_MAX, false, true, true, 34, false },
	{ "scrubbed", "triage", UINT64_MAX, false, true, false, 30, false },
	{ "all but secrets", "full", UINT64_MAX, false, true, false, 12, false },
	{ "of Java", "mini", UINT64_MAX, false, true, false, 30, true },
};

/* Words of the crashing thread's stack, so that there is more to look at than has room at first. */
static void point_everywhere(struct core_builder *b)
{
	for (uint64_t i = 0; i < 128; i++)
		builder_poke_word(b, 0x60003210 + 8 * i, 0x20000000 + i * PAGE);
}

/* How many allocations there are: with each that fails there is no plan. */
static int count_refused(const struct built *file, const struct row *row,
			 const struct core_builder *b, bool only)
{
	int allocations = 0, r;
	long before = live;

	once = only;
	do {
		left = allocations;
		r = run(file, row, b);
		left = -1;
		assert_true(r == 0 || r == -ENOMEM);
		assert_int_equal(live, before);
	} while (r < 0 && ++allocations < 1000);
	assert_int_equal(r, 0);
	once = false;
	return allocations;
}

static void test_refused(void **state)
{
	const struct row *row = *state;
	struct core_builder b;
	struct built file;
	int count;

	if (row->java)
		build_java(&b);
	else
		builder_usual(&b, EM_X86_64);
	for (uint64_t i = 0; i < 70; i++) /* more ranges than fit at first */
		builder_load(&b, 0x40000000 + i * 0x2000, PAGE, PAGE, PF_R | PF_W);
	if (row->richly)
		point_everywhere(&b);
	b.notes_late = row->late;
	file = builder_build(&b);
	count = count_refused(&file, row, &b, false);
	assert_int_equal(count_refused(&file, row, &b, true), count);
	assert_true(count >= row->least);
	if (!row->late)
		check_broken(&file);
	built_done(&file);
	builder_done(&b);
}

/* A program's hints: a half of them would be worse than none. */
static void test_hints(void **state)
{
	const struct dumpd_hint said = { SET(DUMPD_HINT_TEXT, DATA_AT, 8) };
	struct file_mapping file = { TABLE_AT, TABLE_AT + TABLE_ROOM, 0,
				     world_text(MEMFD) };
	struct world *w = world_new(16);
	struct hints hints;
	int allocations = 0, r;

	(void)state;
	memset(w->data, 'x', sizeof(w->data));
	for (size_t i = 0; i < 9; i++) /* doubled four times */
		world_set_entry(w, i, &said);
	do {
		left = allocations;
		r = world_read_files(w, 8, &file, 1, &hints);
		left = -1;
		assert_true(r == 0 || r == -ENOMEM);
		assert_int_equal(hints.count, r == 0 ? 9 : 0);
		assert_int_equal(hints.text_count, r == 0 ? 9 : 0);
	} while (r < 0 && ++allocations < 100);
	assert_int_equal(allocations, 6);
	hints_done(&hints);
	free(w);
}

/* Of a dump that is found there is a plan, or nothing. */
static void test_found(void **state)
{
	static const struct plan none;
	struct core_builder b;
	struct built file;
	struct core core;
	struct notes notes;
	struct plan plan;
	int allocations = 0, r;
	long before;

	(void)state;
	builder_usual(&b, EM_X86_64);
	file = builder_build(&b);
	core_init(&core);
	assert_int_equal(built_feed(&file, file.n, &core), 1);
	notes_read(&core.header, core.notes, &notes);
	before = live;
	do {
		left = allocations;
		r = plan_found(&core, &notes, core.header_bytes, &plan);
		left = -1;
		assert_true(r == 0 || r == -ENOMEM);
		if (r == 0)
			break;
		assert_memory_equal(&plan, &none, sizeof(plan));
		assert_int_equal(live, before);
	} while (++allocations < 100);
	/* the header, as it is found and as it is read; segments, space; files and room for notes */
	assert_int_equal(allocations, 6);
	assert_int_equal(plan.segment_count, core.count);
	assert_int_equal(plan.header_size, core.header_bytes.n);
	assert_int_equal(plan.data_files.count, 1);
	assert_int_equal(plan.data_files.areas[0].start, 0x10004000);
	plan_done(&plan);
	assert_int_equal(live, before);
	notes_done(&notes);
	core_done(&core);
	built_done(&file);
	builder_done(&b);
}

/* Modules of two mappings each, whose headers cannot be read. */
#define MODULES 5

static void test_modules(void **state)
{
	struct file_mapping files[2 * MODULES];
	const struct notes notes = { .files = files,
				     .file_count = ARRAY_SIZE(files),
				     .has_files = true };
	char paths[MODULES][4];
	struct modules modules;
	int allocations = 0, r;
	long before = live;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		memcpy(paths[i / 2], "/a", 3);
		paths[i / 2][1] = (char)('a' + i / 2);
		files[i] = (struct file_mapping){
			.start = (i + 1) * PAGE,
			.end = (i + 2) * PAGE,
			.offset = i % 2 * PAGE,
			.path = { (const uint8_t *)paths[i / 2], 2 },
		};
	}
	do {
		left = allocations;
		r = modules_read(&notes, NULL, NULL, 100, &modules);
		left = -1;
		assert_true(r == 0 || r == -ENOMEM);
		assert_int_equal(modules.count, r == 0 ? MODULES : 0);
		assert_int_equal(modules.left_out, 0);
		assert_int_equal(live, before + (r == 0));
	} while (r < 0 && ++allocations < 100);
	assert_int_equal(allocations, 4); /* room for 1, 2, 4 and 8 */
	for (size_t i = 0; i < MODULES; i++) {
		assert_int_equal(modules.list[i].start, (2 * i + 1) * PAGE);
		assert_int_equal(modules.list[i].end, (2 * i + 3) * PAGE);
		assert_memory_equal(modules.list[i].path.p, paths[i], 2);
	}
	modules_done(&modules);
	assert_int_equal(live, before);
}

/* An order that does not know where stacks are is none: then the set says that it failed. */
static void test_order(void **state)
{
	struct area area = { .start = 0, .end = 64 * PAGE, .content_end = 64 * PAGE };
	const struct space space = { .areas = &area, .count = 1 };
	struct thread thread = { .sp = 40 * PAGE };
	const struct notes notes = { .threads = &thread, .thread_count = 1 };
	int allocations = 0;
	bool failed;
	long before = live;

	(void)state;
	do {
		struct ranges ranges = { 0 };

		ranges_add(&ranges, 0, 20 * PAGE, RANK_PRIVATE);
		ranges_add(&ranges, 20 * PAGE, 44 * PAGE, RANK_THREAD);
		ranges_add(&ranges, 44 * PAGE, 64 * PAGE, RANK_PRIVATE);
		left = allocations;
		once = true;
		order_ranges(&space, &notes, &ranges);
		left = -1;
		once = false;
		failed = ranges.failed;
		if (!failed) {
			assert_int_equal(ranges.count, 3);
			assert_int_equal(ranges.ranges[1].rank, RANK_THREAD);
			assert_int_equal(range_size(&ranges.ranges[1]), 24 * PAGE);
		}
		ranges_done(&ranges);
		assert_int_equal(live, before);
	} while (failed && ++allocations < 100);
	assert_int_equal(allocations, 2); /* stack pointers, and what comes out */
}

/* Headers for memory that was never touched: none of them without memory, not a few. */
static void test_untouched(void **state)
{
	struct spans found = { 0 };
	struct rig rig;

	(void)state;
	builder_init(&rig.b, EM_X86_64);
	builder_thread(&rig.b, 1, 0, 0, 0);
	builder_files(&rig.b);
	builder_load(&rig.b, 0x100000, 0x10000, 0x10000, RW);
	rig_up(&rig);
	rig.window.memory.next_there = none_there;
	left = 0;
	untouched_find(&rig.view, &rig.ranges, &found);
	left = -1;
	assert_true(found.failed);
	assert_int_equal(found.count, 0);
	assert_null(found.spans);
	found.failed = false;
	untouched_find(&rig.view, &rig.ranges, &found);
	assert_false(found.failed);
	assert_spans(&found, "100000-110000");
	spans_done(&found);
	rig_done(&rig);
}

/* Program headers that are looked at one by one: what is kept of them is where they lie. */
static void test_scan(void **state)
{
	struct core_builder b;
	struct core_scan scan;
	struct built file;
	long before;

	(void)state;
	builder_usual(&b, EM_X86_64);
	file = builder_build(&b);
	builder_done(&b);
	before = live;
	for (int allowed = 0; allowed < 3; allowed++) {
		core_scan_init(&scan, NULL, NULL);
		left = allowed; /* in memory, and in the file */
		assert_int_equal(core_scan_feed(&scan, file.p, file.n),
				 allowed < 2 ? -ENOMEM : 1);
		left = -1;
		core_scan_done(&scan);
		assert_int_equal(live, before);
	}
	built_done(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hints),	  cmocka_unit_test(test_found),
		cmocka_unit_test(test_modules),	  cmocka_unit_test(test_order),
		cmocka_unit_test(test_untouched), cmocka_unit_test(test_scan)
	};
	int failed = RUN_TABLE(rows, test_refused);

	return failed + cmocka_run_group_tests_name("others", tests, NULL, NULL);
}
