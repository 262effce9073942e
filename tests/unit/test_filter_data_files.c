/* SPDX-License-Identifier: MIT */
/*
 * Files that are mapped privately: what of them was changed is kept whatever it costs of a module, within
 * the budget of others; and what was cut, by the plan or by what ended the dump early, has no entry in NT_FILE any
 * more, and no program header. What has no content, of a file that nobody can open, has no program header, as a
 * debugger would show zeros. In
 * pages: 100-104 a module, 200-a00 a database of 8 MiB, a00-a04 a small one.
 */
#include "tests/unit/planned.h"

#include "tests/unit/rig.h"
#include "tests/unit/table.h"

#include "filter/data_files.h"

#define MODULE UINT64_C(0x100000)
#define LARGE  UINT64_C(0x200000)
#define SMALL  UINT64_C(0xa00000)
#define HEAP   UINT64_C(0x80000000)
#define STACK  UINT64_C(0x7fff0000)

struct row {
	const char *name;
	const char *type;
	uint64_t budget; /* 0: the type's own */
	struct span changed; /* of the large one; the small one's first page always is */
	bool read_only;
	bool large, small; /* have all that was changed, and an entry */
	bool pages_only; /* of the large one no more */
};

static const struct row rows[] = {
	{ "mini: a large one is cut", "mini", 0, .changed = { LARGE + PAGE, SMALL },
	  .small = true },
	{ "mini: no room", "mini", 1, .changed = { LARGE + PAGE, SMALL } },
	{ "stacks: both are", "stacks", 0, .changed = { LARGE + PAGE, SMALL } },
	{ "heap: neither is",
	  "heap",
	  0,
	  { LARGE + PAGE, SMALL },
	  .large = true,
	  .small = true },
	{ "heap: whole where it can be written",
	  "heap",
	  0,
	  { LARGE + 0x10000, LARGE + 0x11000 },
	  .large = true,
	  .small = true },
	{ "heap: changed pages where it cannot",
	  "heap",
	  0,
	  { LARGE + 0x10000, LARGE + 0x11000 },
	  .read_only = true,
	  .large = true,
	  .small = true,
	  .pages_only = true },
	{ "mini: a page of a large one",
	  "mini",
	  0,
	  { LARGE + 0x10000, LARGE + 0x11000 },
	  .read_only = true,
	  .large = true,
	  .small = true,
	  .pages_only = true },
	{ "full: all of it",
	  "full",
	  0,
	  { LARGE + PAGE, SMALL },
	  .large = true,
	  .small = true },
};

static void build(struct core_builder *b, const struct row *row, const char *large)
{
	builder_init(b, EM_X86_64);
	builder_thread(b, 1, STACK + 0x1100, 0, 0);
	builder_file(b, MODULE, MODULE + PAGE, 0, "/usr/lib/x.so");
	builder_file(b, MODULE + PAGE, MODULE + 4 * PAGE, 1, "/usr/lib/x.so");
	builder_file(b, LARGE, SMALL, 0, large);
	builder_file(b, SMALL, SMALL + 4 * PAGE, 3, "/srv/small.db");
	builder_files(b);
	builder_load(b, MODULE, PAGE, PAGE, PF_R);
	builder_load(b, MODULE + PAGE, 3 * PAGE, 3 * PAGE, RW);
	builder_load(b, LARGE, SMALL - LARGE, SMALL - LARGE, row->read_only ? PF_R : RW);
	builder_load(b, SMALL, 4 * PAGE, 4 * PAGE, RW);
	builder_load(b, STACK, 4 * PAGE, 4 * PAGE, RW);
	builder_poke(b, MODULE, ELFMAG, SELFMAG);
}

static void test_row(void **state)
{
	const struct row *row = *state;
	struct type type = *type_find(row->type);
	struct planned p;

	build(&p.b, row, "/srv/large.db");
	planned_build(&p);
	planned_look(&p);
	core_memory_changed(&p.window, MODULE + 2 * PAGE, MODULE + 3 * PAGE);
	core_memory_changed(&p.window, row->changed.start, row->changed.end);
	core_memory_changed(&p.window, SMALL, SMALL + PAGE);
	if (row->budget)
		type.budget = row->budget;
	p.input.type = &type;
	planned_make(&p);
	assert_int_equal(planned_told(&p, MODULE + 2 * PAGE), 1);
	assert_int_equal(planned_told(&p, row->changed.start), row->large);
	assert_int_equal(planned_told(&p, row->changed.end - PAGE), row->large);
	assert_int_equal(planned_told(&p, SMALL), row->small);
	assert_int_equal(planned_told(&p, LARGE + 0x7000), row->pages_only ? -1
							   : row->large	   ? 1
									   : 0);
	planned_done(&p);
}

struct nowhere {
	const char *name;
	const char *path;
	const char *content; /* of the first page; NULL: memory cannot be read there */
	bool header; /* of the second mapping, which has no content */
};

static const struct nowhere nowheres[] = {
	{ "a file", "/srv/data", "data", true },
	{ "a module", "/usr/lib/y.so", ELFMAG, true },
	{ "a module that was upgraded", "/usr/lib/y.so (deleted)", ELFMAG, true },
	{ "a file that is deleted", "/srv/data (deleted)", "data", false },
	{ "memfd_secret(2)", "/secretmem (deleted)", NULL, false },
	{ "a ring of io_uring", "anon_inode:[io_uring]", NULL, false },
	{ "a device", "/dev/dri/renderD128", NULL, false },
};

static bool has_header(const struct planned *p, uint64_t address)
{
	for (size_t i = 0; i < p->plan.segment_count; i++) {
		const struct segment *s = &p->plan.segments[i];

		if (s->type == PT_LOAD && address >= s->vaddr &&
		    address - s->vaddr < s->memsz)
			return true;
	}
	return false;
}

static void test_nowhere(void **state)
{
	const struct nowhere *row = *state;
	struct planned p;

	builder_init(&p.b, EM_X86_64);
	builder_thread(&p.b, 1, STACK + 0x1100, 0, 0);
	builder_file(&p.b, SMALL, SMALL + PAGE, 0, row->path);
	builder_file(&p.b, SMALL + PAGE, SMALL + 4 * PAGE, 1, row->path);
	builder_files(&p.b);
	builder_load(&p.b, SMALL, row->content ? PAGE : 0, PAGE, PF_R);
	builder_load(&p.b, SMALL + PAGE, 0, 3 * PAGE, RW);
	builder_load(&p.b, STACK, 4 * PAGE, 4 * PAGE, RW);
	if (row->content)
		builder_poke(&p.b, SMALL, row->content, SELFMAG);
	planned_build(&p);
	planned_look(&p);
	planned_make(&p);
	assert_int_equal(has_header(&p, SMALL + PAGE), row->header);
	assert_int_equal(has_header(&p, SMALL + 4 * PAGE - 1), row->header);
	planned_done(&p);
}

/* A stack that points into 200 pages of noise, which is too many, and into the small file. */
static void build_windows(struct core_builder *b)
{
	static const struct row row = { .name = "windows" };
	uint32_t seed = 5;

	build(b, &row, "/srv/large.db");
	builder_load(b, HEAP, 200 * PAGE, 200 * PAGE, RW);
	builder_poke_word(b, STACK + 0x1100, SMALL + 0x100);
	for (uint64_t i = 0; i < 200; i++) {
		uint8_t noise[PAGE];

		for (size_t n = 0; n < PAGE; n++)
			noise[n] = (uint8_t)builder_random(&seed);
		builder_poke(b, HEAP + i * PAGE, noise, PAGE);
		builder_poke_word(b, STACK + 0x1108 + 8 * i, HEAP + i * PAGE + 0x100);
	}
}

/* What is between windows is not there, and a debugger must not read the file for it. */
static void test_windows(void **state)
{
	struct type type = *type_find("mini");
	struct planned p;

	(void)state;
	type.budget = 1 << 20;
	build_windows(&p.b);
	planned_build(&p);
	planned_look(&p);
	core_memory_changed(&p.window, SMALL, SMALL + PAGE);
	p.input.type = &type;
	planned_make(&p);
	assert_true(built_has(&p.output, SMALL + 0x100, SMALL + 0x108));
	assert_false(built_has(&p.output, SMALL + 0x800, SMALL + 0x808));
	assert_int_equal(planned_told(&p, SMALL + 0x800), 0);
	planned_done(&p);
}

struct early {
	const char *name;
	const char *type;
	const char *path; /* of the large one */
	bool by_rank, followed;
	bool read_only; /* so that what was not changed of it is left to the file */
};

static const struct early earlies[] = {
	{ "heap, by rank", "heap", "/srv/large.db", true, false, false },
	{ "heap, by rank, and out of the pipe", "heap", "/srv/large.db", true, true,
	  false },
	{ "heap, by address", "heap", "/srv/large.db", false, false, false },
	{ "heap, changed pages alone", "heap", "/srv/large.db", true, false, true },
	{ "mini, changed pages alone", "mini", "/srv/large.db", true, false, true },
	{ "full", "full", "/srv/large.db", false, false, false },
	{ "classes", "mini", "/srv/large.jsa", true, false, true },
};

static void build_early(struct planned *p, const struct early *row)
{
	struct row like = { .name = row->name, .read_only = row->read_only };

	build(&p->b, &like, row->path);
	builder_load(&p->b, HEAP, 4 * PAGE, 4 * PAGE, RW);
	planned_build(p);
	planned_look(p);
	core_memory_changed(&p->window, MODULE + 2 * PAGE, MODULE + 3 * PAGE);
	core_memory_changed(&p->window, LARGE + 0x10000, LARGE + 0x12000);
	core_memory_changed(&p->window, LARGE + 0x20000, LARGE + 0x21000);
	core_memory_changed(&p->window, SMALL, SMALL + PAGE);
	p->input.type = type_find(row->type);
	p->input.by_rank = row->by_rank;
	planned_make(p);
}

/* The drop map is what debuggers see. */
static void assert_told(const struct planned *p, uint64_t address, int expected)
{
	enum fate fate = planned_piece(p, address)->fate;

	assert_int_equal(planned_told(p, address), expected);
	assert_int_equal(fate == FATE_KEPT, expected == 1);
	assert_int_equal(fate == FATE_FILE, expected == -1);
}

/* A file of which anything that was kept is lost can be read no more at all. */
static void check_early(const struct planned *p, const struct early *row)
{
	bool has_large = planned_told(p, LARGE + 0x10000) == 1 &&
			 planned_told(p, LARGE + 0x11000) == 1 &&
			 planned_told(p, LARGE + 0x20000) == 1;

	if (!row->read_only)
		has_large = has_large && planned_told(p, LARGE) == 1 &&
			    planned_told(p, SMALL - PAGE) == 1;
	if (planned_told(p, LARGE + 0x10000) != 1)
		assert_told(p, LARGE + 0x10000, 0);
	if (planned_told(p, LARGE + 0x20000) != 1)
		assert_told(p, LARGE + 0x20000, 0);
	if (row->read_only)
		assert_told(p, LARGE + 0x7000, has_large ? -1 : 0);
	else if (planned_told(p, LARGE + 0x7000) != 1)
		assert_told(p, LARGE + 0x7000, 0);
	if (planned_told(p, SMALL) != 1)
		assert_told(p, SMALL, 0);
	if (planned_told(p, MODULE + 2 * PAGE) != 1)
		assert_told(p, MODULE + 2 * PAGE, 0);
	assert_int_not_equal(planned_told(p, MODULE), 0); /* by this entry it is found */
}

/* Whatever ends the dump, and where. */
static void test_early(void **state)
{
	const struct early *row = *state;
	struct planned p;
	uint64_t whole, step;

	build_early(&p, row);
	check_early(&p, row);
	whole = p.plan.size;
	step = page_up(whole / 200);
	for (uint64_t size = whole - PAGE; size >= p.plan.header_size + PAGE;
	     size = size > step ? size - step : 0) {
		planned_again(&p);
		if (row->followed)
			planned_follow(&p,
				       page_down(size / 2 > p.plan.header_size ? size / 2
									       : size));
		planned_cut(&p, size);
		check_early(&p, row);
	}
	/* and again, as frames are given up */
	planned_again(&p);
	for (uint64_t size = whole - PAGE; size >= p.plan.header_size + PAGE;
	     size = size > 8 * step ? size - 8 * step : 0) {
		planned_cut(&p, size);
		check_early(&p, row);
	}
	planned_done(&p);
}

/* A file that is changed in every other page: so many runs are told apart, in all. */
#define RUNS_MAX 32768

struct runs {
	const char *name;
	uint64_t pages[2]; /* of two files */
	size_t count; /* spans */
	uint64_t last; /* pages of the last */
};

static const struct runs runs[] = {
	{ "as many as are", { UINT64_C(2) * RUNS_MAX, 0 }, RUNS_MAX, 1 },
	{ "one more, to its end", { UINT64_C(2) * RUNS_MAX + 2, 0 }, RUNS_MAX + 1, 2 },
	{ "and all that follow", { UINT64_C(2) * RUNS_MAX + 20, 0 }, RUNS_MAX + 1, 20 },
	{ "in another file", { UINT64_C(2) * RUNS_MAX, 10 }, RUNS_MAX + 1, 10 },
	{ "few in both", { 8, 8 }, 8, 1 },
};

static bool every_other(void *context, uint64_t start, uint64_t end, uint64_t *ret_start,
			uint64_t *ret_end)
{
	uint64_t page = start / PAGE % 2 ? start + PAGE : start;

	(void)context;
	*ret_start = page;
	*ret_end = page + PAGE;
	return page < end;
}

static void test_runs(void **state)
{
	const struct runs *row = *state;
	uint64_t at[2] = { LARGE, LARGE + (row->pages[0] + 2) * PAGE }, sum = 0, last;
	struct spans *data;
	struct rig rig;

	builder_init(&rig.b, EM_X86_64);
	builder_thread(&rig.b, 1, 0, 0, 0);
	for (size_t i = 0; i < 2 && row->pages[i]; i++) {
		uint64_t size = row->pages[i] * PAGE;

		builder_file(&rig.b, at[i], at[i] + size, 0, i ? "/srv/b" : "/srv/a");
		builder_load(&rig.b, at[i], size, size, PF_R);
	}
	builder_files(&rig.b);
	rig_up(&rig);
	rig.window.memory.next_changed = every_other;
	data_files_find(&rig.notes, &rig.window.memory, &rig.space);
	data_files_add(&rig.view, &rig.ranges);
	data = &rig.findings.data;
	assert_int_equal(data->count, row->count);
	assert_int_equal(rig.ranges.count, row->count);
	for (size_t i = 0; i < row->count; i++) {
		assert_int_equal(rig.ranges.ranges[i].start, data->spans[i].start);
		assert_int_equal(rig.ranges.ranges[i].end, data->spans[i].end);
		sum += data->spans[i].end - data->spans[i].start;
	}
	last = data->spans[row->count - 1].end - data->spans[row->count - 1].start;
	assert_int_equal(last, row->last * PAGE);
	assert_int_equal(sum, (row->count - 1 + row->last) * PAGE);
	spans_done(data);
	rig_done(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_windows) };
	int failed = RUN_TABLE(rows, test_row) + RUN_TABLE(nowheres, test_nowhere) +
		     RUN_TABLE(earlies, test_early);

	failed += RUN_TABLE(runs, test_runs);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
