/* SPDX-License-Identifier: MIT */
/*
 * The plan: what each type keeps of a usual program, what the limit takes away, and that
 * what comes out is a core that says nothing untrue.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "tests/unit/core_builder.h"
#include "tests/unit/table.h"

#define ALL UINT64_MAX

struct fixture {
	struct core_builder b;
	struct built file, output;
	struct core core;
	struct notes notes;
	struct plan plan;
	uint64_t memory; /* in the output */
};

static void assert_good(const struct built *output, uint64_t *ret_memory)
{
	const char *problem = built_check(output, ret_memory);

	assert_string_equal(problem ? problem : "", "");
}

static void check_extents(const struct plan *plan)
{
	uint64_t sum = 0, end = 0, place = plan->header_size;

	for (size_t i = 0; i < plan->extent_count; i++) {
		const struct extent *e = &plan->extents[i];
		const struct segment *s = &plan->segments[e->segment];

		assert_true(e->size > 0 && e->offset >= end);
		end = e->offset + e->size;
		assert_int_equal(s->type, PT_LOAD);
		assert_int_equal(s->filesz, e->size);
		assert_int_equal(s->offset, place);
		place += e->size;
		sum += e->size;
	}
	assert_int_equal(plan->memory, sum);
	assert_int_equal(plan->size, place + plan->trailer_size);
}

/* Plan what was built; the output is read back, byte by byte. */
static void plan_built(struct fixture *f, const char *type, uint64_t max_memory)
{
	f->file = builder_build(&f->b);
	core_init(&f->core);
	assert_int_equal(built_feed(&f->file, f->file.n, &f->core), 1);
	notes_read(&f->core.header, f->core.notes, &f->notes);
	assert_int_equal(plan_make(&(struct plan_input){ .core = &f->core,
							 .notes = &f->notes,
							 .type = type_find(type),
							 .max_memory = max_memory },
				   &f->plan),
			 0);
	f->output = built_output(&f->file, &f->plan);
	assert_int_equal(f->output.n, f->plan.size);
	assert_good(&f->output, &f->memory);
	assert_int_equal(f->memory, f->plan.memory);
	assert_true(f->plan.memory <= max_memory);
	if (!f->plan.verbatim)
		check_extents(&f->plan);
}

static void done(struct fixture *f)
{
	built_done(&f->output);
	plan_done(&f->plan);
	notes_done(&f->notes);
	core_done(&f->core);
	built_done(&f->file);
	builder_done(&f->b);
}

/* What of the usual program is there. Pages: 10000-10006 program, 10006 .bss, ... */
struct kept {
	const char *name;
	uint64_t start, end;
	bool stacks, mini, heap; /* has all its bytes */
};

static const struct kept usual[] = {
	{ "first page", 0x10000000, 0x10001000, true, true, true },
	{ ".data", 0x10004000, 0x10006000, true, true, true },
	{ ".bss", 0x10006000, 0x10007000, true, true, true },
	{ "page of the fault", 0x20002000, 0x20003000, true, true, true },
	{ "heap", 0x20000000, 0x20080000, false, true, true },
	{ "library's first page", 0x30000000, 0x30001000, true, true, true },
	{ "initial thread's TLS", 0x30009000, 0x3000a000, true, true, true },
	{ "shared memory", 0x50000000, 0x50002000, false, false, false },
	{ "crashing thread's stack", 0x60003000, 0x60009000, true, true, true },
	{ "heap behind it", 0x60009000, 0x60048000, false, true, true },
	{ "vdso", 0x70000000, 0x70002000, true, true, true },
	{ "initial stack", 0x7fff1000, 0x7fff4000, true, true, true },
	{ "initial stack below SP", 0x7fff0000, 0x7fff1000, false, true, true },
};

static const uint16_t machines[] = { EM_X86_64, EM_386, EM_AARCH64 };

static void check_kept(const struct kept *row, const char *type, bool has)
{
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		struct fixture f;

		builder_usual(&f.b, machines[i]);
		plan_built(&f, type, ALL);
		assert_false(f.plan.verbatim);
		assert_int_equal(f.plan.reason_count, 0);
		assert_int_equal(f.plan.left_out, 0);
		assert_string_equal(f.plan.type->name, type);
		/* aarch64 keeps more above the thread pointer */
		if (machines[i] != EM_AARCH64 || row->start != 0x60009000)
			assert_int_equal(built_has(&f.output, row->start, row->end), has);
		done(&f);
	}
}

static void test_usual(void **state)
{
	const struct kept *row = *state;

	check_kept(row, "stacks", row->stacks);
	check_kept(row, "mini", row->mini);
	check_kept(row, "heap", row->heap);
}

/* Clean parts of a file have a header without bytes; dropped memory has none. */
static void test_names(void **state)
{
	static const struct {
		uint64_t address;
		bool named, bytes;
	} rows[] = {
		{ 0x10001000, true, false },  { 0x10003fff, true, false }, /* text */
		{ 0x30001000, true, false },  { 0x30003fff, true, false }, /* library */
		{ 0x30000000, true, true },   { 0x20002000, true, true },
		{ 0x20000000, false, false }, /* heap */
		{ 0x50000000, false, false }, /* shared */
		{ 0x7fff0000, false, false }, /* unused stack */
	};
	struct fixture f;

	(void)state;
	builder_usual(&f.b, EM_X86_64);
	plan_built(&f, "stacks", ALL);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(built_names(&f.output, rows[i].address), rows[i].named);
		assert_int_equal(
			built_has(&f.output, rows[i].address, rows[i].address + 1),
			rows[i].bytes);
	}
	done(&f);
}

/* Notes stay as they are, and offsets and addresses agree modulo a page. */
static void test_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		struct fixture f;
		struct core read;

		builder_usual(&f.b, machines[i]);
		f.b.shuffle = 77;
		plan_built(&f, "mini", ALL);
		core_init(&read);
		assert_int_equal(built_feed(&f.output, 1, &read), 1);
		assert_int_equal(read.header.machine, machines[i]);
		assert_int_equal(read.notes.n, f.core.notes.n);
		assert_memory_equal(read.notes.p, f.core.notes.p, read.notes.n);
		assert_int_equal(read.size, f.plan.size);
		assert_int_equal(f.plan.header_size % PAGE, 0);
		for (size_t s = 0; s < read.count; s++) {
			assert_int_equal(read.segments[s].type, s ? PT_LOAD : PT_NOTE);
			assert_true(s == 0 || read.segments[s].offset % PAGE == 0);
		}
		core_done(&read);
		done(&f);
	}
}

static void test_full(void **state)
{
	(void)state;
	for (uint32_t shuffle = 0; shuffle < 5; shuffle++) {
		struct fixture f;

		builder_usual(&f.b, EM_X86_64);
		f.b.shuffle = shuffle;
		plan_built(&f, "full", ALL);
		assert_true(f.plan.verbatim);
		assert_int_equal(f.output.n, f.file.n);
		assert_memory_equal(f.output.p, f.file.p, f.file.n);
		done(&f);
	}
}

/*
 * The usual program in rank order, smallest first. Everything before a limit is there, the rank
 * of what is cut is not above what is left out.
 */
struct limit {
	const char *name;
	const char *type;
	uint64_t pages; /* max_memory */
	uint64_t memory; /* pages that are kept */
	uint64_t left_out;
	uint64_t there, end; /* some memory that must be there; 0: none */
};

/*
 * stacks: 1 fault, 6 stack | 1 .bss | 1 + 1 first pages, 2 vdso | 1 TLS, 3 stack
 * | 2 .data; heap: all but 2 shared pages of 214
 */
static const struct limit limits[] = {
	{ "stacks: nothing", "stacks", 0, 0, 18, 0, 0 },
	{ "stacks: a page, of the fault", "stacks", 1, 1, 17, 0x20002000, 0x20003000 },
	{ "stacks: innermost frames", "stacks", 3, 3, 15, 0x60003000, 0x60005000 },
	{ "stacks: crashing thread", "stacks", 7, 7, 11, 0x60003000, 0x60009000 },
	{ "stacks: and the loader", "stacks", 8, 8, 10, 0x10006000, 0x10007000 },
	{ "stacks: and objects", "stacks", 12, 12, 6, 0x70000000, 0x70002000 },
	{ "stacks: globals that leave too little come late", "stacks", 11, 11, 7,
	  0x60003000, 0x60009000 },
	{ "stacks: globals before other stacks", "stacks", 16, 16, 2, 0x10004000,
	  0x10006000 },
	{ "stacks: just enough", "stacks", 18, 18, 0, 0x10004000, 0x10006000 },
	{ "heap: nothing", "heap", 0, 0, 212, 0, 0 },
	{ "heap: a page", "heap", 1, 1, 211, 0x20002000, 0x20003000 },
	{ "heap: innermost frames", "heap", 3, 3, 209, 0x60003000, 0x60005000 },
	{ "heap: crashing thread", "heap", 7, 7, 205, 0x60003000, 0x60009000 },
	{ "heap: globals before other stacks", "heap", 16, 16, 196, 0x10004000,
	  0x10006000 },
	{ "heap: all stacks", "heap", 18, 18, 194, 0x7fff1000, 0x7fff4000 },
	{ "mini: crashing thread", "mini", 7, 7, 205, 0x60003000, 0x60009000 },
	{ "full: crashing thread", "full", 7, 7, 207, 0x60003000, 0x60009000 },
	{ "full: one page less than all", "full", 213, 0, 0, 0x60003000, 0x60009000 },
	{ "full: all", "full", 214, 214, 0, 0x50000000, 0x50002000 },
};

static void test_limit(void **state)
{
	const struct limit *row = *state;
	struct fixture f;

	builder_usual(&f.b, EM_X86_64);
	plan_built(&f, row->type, row->pages * PAGE);
	if (row->memory || row->left_out) {
		assert_int_equal(f.plan.memory, row->memory * PAGE);
		assert_int_equal(f.plan.left_out, row->left_out * PAGE);
	}
	if (row->end)
		assert_true(built_has(&f.output, row->there, row->end));
	done(&f);
}

/* Whatever the limit: never above it, and never less of the crashing thread's stack. */
static void test_every_limit(void **state)
{
	static const char *const types[] = { "stacks", "mini", "heap", "full" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		for (uint64_t limit = 0; limit < 230 * PAGE; limit += 3 * PAGE + 1) {
			struct fixture f;

			builder_usual(&f.b, EM_X86_64);
			plan_built(&f, types[i], limit);
			if (limit >= 7 * PAGE)
				assert_true(built_has(&f.output, 0x60003190, 0x60008800));
			done(&f);
		}
	}
}

/* mini: what is above globals only up to 8 MiB, the smallest first. */
static void test_budget(void **state)
{
	struct fixture f;

	(void)state;
	builder_usual(&f.b, EM_X86_64);
	builder_load(&f.b, 0x28000000, 8 << 20, 8 << 20, PF_R | PF_W);
	plan_built(&f, "mini", ALL);
	assert_true(built_has(&f.output, 0x20000000, 0x20080000));
	assert_false(built_names(&f.output, 0x28000000));
	assert_int_equal(f.plan.left_out, 0); /* the type asks for no more */
	done(&f);
}

struct fallback {
	const char *name;
	const char *type, *planned;
	enum {
		UNKNOWN_MACHINE,
		NO_THREAD,
		NO_NOTES,
		BROKEN,
		LATE,
	} what;
	const char *reason;
};

static const struct fallback fallbacks[] = {
	{ "machine", "stacks", "heap", UNKNOWN_MACHINE,
	  "an unknown machine, so all private memory was kept" },
	{ "machine, mini", "mini", "heap", UNKNOWN_MACHINE,
	  "an unknown machine, so all private memory was kept" },
	{ "machine, heap needs none", "heap", "heap", UNKNOWN_MACHINE, NULL },
	{ "machine, full needs none", "full", "full", UNKNOWN_MACHINE, NULL },
	{ "no thread", "mini", "heap", NO_THREAD,
	  "the core names no thread, so all private memory was kept" },
	{ "no notes", "mini", "heap", NO_NOTES,
	  "the core names no thread, so all private memory was kept" },
	{ "no notes, full", "full", "full", NO_NOTES, NULL },
	{ "broken notes", "mini", "heap", BROKEN,
	  "the core's notes are broken, so all private memory was kept" },
	{ "broken notes, heap", "heap", "heap", BROKEN, NULL },
	{ "notes late", "stacks", "full", LATE,
	  "the core's notes come after its memory, so all was kept" },
	{ "notes late, full", "full", "full", LATE, NULL },
};

static void build_fallback(struct core_builder *b, const struct fallback *row)
{
	if (row->what == NO_THREAD) {
		builder_init(b, EM_X86_64);
		builder_psinfo(b, 1, 0, "x", "x");
		builder_load(b, 0x10000, 0x4000, 0x4000, PF_R | PF_W);
		return;
	}
	builder_usual(b, EM_X86_64);
	if (row->what == UNKNOWN_MACHINE)
		b->machine = EM_RISCV;
	b->without_notes = row->what == NO_NOTES;
	b->notes_late = row->what == LATE;
	if (row->what == BROKEN) {
		builder_note(b, "CORE", 99, "1234567", 8);
		b->notes.n -= 4;
	}
}

static void test_fallback(void **state)
{
	const struct fallback *row = *state;

	for (uint64_t limit = 0; limit < 2; limit++) {
		struct fixture f;

		build_fallback(&f.b, row);
		plan_built(&f, row->type, limit ? ALL : 9 * PAGE);
		assert_string_equal(f.plan.type->name, row->planned);
		if (row->reason)
			assert_string_equal(f.plan.reasons[0], row->reason);
		else
			assert_int_equal(f.plan.reason_count, 0);
		done(&f);
	}
}

/* Late notes that were handed in count as if they had come first. */
static void test_late_notes_known(void **state)
{
	struct fixture f;

	(void)state;
	builder_usual(&f.b, EM_X86_64);
	f.b.notes_late = true;
	f.file = builder_build(&f.b);
	core_init(&f.core);
	assert_int_equal(built_feed(&f.file, 100, &f.core), 1);
	assert_int_equal(core_set_notes(&f.core, f.b.notes.p, f.b.notes.n), 0);
	notes_read(&f.core.header, f.core.notes, &f.notes);
	assert_int_equal(plan_make(&(struct plan_input){ .core = &f.core,
							 .notes = &f.notes,
							 .type = type_find("stacks"),
							 .max_memory = ALL },
				   &f.plan),
			 0);
	assert_int_equal(f.plan.reason_count, 0);
	f.output = built_output(&f.file, &f.plan);
	assert_good(&f.output, &f.memory);
	assert_int_equal(f.memory, 18 * PAGE);
	done(&f);
}

/* Each area whole if asked for, cut by none of its neighbours' ranks; odd sizes too. */
static void test_odd_sizes(void **state)
{
	struct fixture f;

	(void)state;
	builder_init(&f.b, EM_X86_64);
	builder_thread(&f.b, 1, 0x10180, 0x10180, 0x10200);
	builder_load(&f.b, 0x10100, 0x123, 0x123, PF_R | PF_W);
	builder_load(&f.b, 0x10300, 0x10, 0x400, PF_R | PF_W);
	builder_load(&f.b, 0x11ff0, 0x20, 0x20, PF_R | PF_W);
	plan_built(&f, "heap", ALL);
	assert_int_equal(f.memory, 0x123 + 0x10 + 0x20);
	done(&f);
}

/* More than 65,534 program headers come out: the number stands in the trailer. */
static void build_many(struct core_builder *b, size_t count)
{
	builder_init(b, EM_X86_64);
	builder_thread(b, 1, 0x10000, 0x10000, 0);
	for (size_t i = 0; i < count; i++)
		builder_load(b, 0x10000 + i * 0x2000, i % 16 ? 16 : PAGE, PAGE,
			     PF_R | PF_W);
}

static void test_many(void **state)
{
	static const char *const types[] = { "heap", "full" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		struct fixture f;
		uint64_t cut;

		build_many(&f.b, 70000);
		plan_built(&f, types[i], ALL);
		assert_int_equal(f.plan.segment_count, 70001);
		assert_int_equal(f.plan.trailer_size, f.plan.verbatim ? 0 : 64);
		cut = f.plan.header_size + 1000 * PAGE;
		plan_cut(&f.plan, cut);
		assert_int_equal(f.plan.trailer_size, 64);
		assert_int_equal(f.plan.size, cut + 64);
		memcpy(f.output.p, f.plan.header, f.plan.header_size);
		memcpy(f.output.p + cut, f.plan.trailer, 64);
		f.output.n = f.plan.size;
		assert_good(&f.output, &f.memory);
		assert_int_equal(f.memory, f.plan.memory);
		done(&f);
	}
}

/* PN_XNUM with a PT_NOTE that says where the table ends and holds nothing. */
static void test_many_empty_note(void **state)
{
	struct fixture f;

	(void)state;
	build_many(&f.b, 70000);
	f.b.notes.n = 0;
	plan_built(&f, "heap", ALL);
	assert_true(f.plan.segment_count >= 70000);
	done(&f);
}

/* Cut at every page and a bit beside it: the header stays as long, and true. */
struct cut {
	const char *name;
	const char *type;
	uint16_t machine;
	uint32_t shuffle;
	bool notes_late;
};

static const struct cut cuts[] = {
	{ "stacks", "stacks", EM_X86_64, 0, false },
	{ "mini", "mini", EM_X86_64, 0, false },
	{ "mini, i386", "mini", EM_386, 0, false },
	{ "mini, aarch64, any order", "mini", EM_AARCH64, 9, false },
	{ "full", "full", EM_X86_64, 0, false },
	{ "full, i386, any order", "full", EM_386, 5, false },
	{ "full, notes late", "full", EM_X86_64, 0, true },
};

static void check_cut(const struct fixture *f, const struct cut *row, uint64_t size)
{
	struct plan plan;
	struct built cut = { malloc(size), size };
	uint64_t memory;

	assert_non_null(cut.p);
	assert_int_equal(plan_make(&(struct plan_input){ .core = &f->core,
							 .notes = &f->notes,
							 .type = type_find(row->type),
							 .max_memory = ALL },
				   &plan),
			 0);
	plan_cut(&plan, size);
	assert_int_equal(plan.header_size, f->plan.header_size);
	assert_int_equal(plan.size, size);
	memcpy(cut.p, plan.header, plan.header_size);
	memcpy(cut.p + plan.header_size, f->output.p + plan.header_size,
	       size - plan.header_size);
	assert_good(&cut, &memory);
	assert_int_equal(memory, plan.memory);
	assert_true(memory + plan.header_size <= page_up(size));
	plan_done(&plan);
	built_done(&cut);
}

static void test_cut(void **state)
{
	static const int64_t beside[] = { -1, 0, 1, 77 };
	const struct cut *row = *state;
	struct fixture f;

	builder_usual(&f.b, row->machine);
	f.b.shuffle = row->shuffle;
	f.b.notes_late = row->notes_late;
	plan_built(&f, row->type, ALL);
	for (uint64_t page = 0; page < f.plan.size; page += PAGE) {
		for (size_t i = 0; i < ARRAY_SIZE(beside); i++) {
			uint64_t size = page + (uint64_t)beside[i];

			if (size >= f.plan.header_size && size <= f.plan.size)
				check_cut(&f, row, size);
		}
	}
	check_cut(&f, row, f.plan.header_size);
	check_cut(&f, row, f.plan.size);
	done(&f);
}

static void test_types(void **state)
{
	static const char *const names[] = { "none", "triage", "stacks", "mini",
					     "heap", "full",   "custom" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct type *type = type_find(names[i]);

		assert_string_equal(type->name, names[i]);
		assert_int_equal(type->memory, i > 0);
	}
	assert_null(type_find("fulll"));
	assert_null(type_find(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_every_limit),
		cmocka_unit_test(test_budget),
		cmocka_unit_test(test_odd_sizes),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_many_empty_note),
		cmocka_unit_test(test_late_notes_known),
		cmocka_unit_test(test_types),
	};
	int failed = RUN_TABLE(usual, test_usual);

	failed += RUN_TABLE(limits, test_limit);
	failed += RUN_TABLE(fallbacks, test_fallback);
	failed += RUN_TABLE(cuts, test_cut);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
