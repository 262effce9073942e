/* SPDX-License-Identifier: MIT */
/*
 * Files that have lost something as a dump ended early, where no usual plan is: notes behind memory, and a dump
 * that was found without its plan. In pages: 100-104 a module, 200-a00 a database, a00-a04 a small one.
 */
#include "tests/unit/planned.h"

#include "tests/unit/rig.h"
#include "tests/unit/table.h"

#define MODULE UINT64_C(0x100000)
#define LARGE  UINT64_C(0x200000)
#define SMALL  UINT64_C(0xa00000)
#define STACK  UINT64_C(0x7fff0000)

/*
 * Lost one after the other, the small one, then the large one, which goes on in the file behind its content.
 * Notes behind memory are lost with it, and where they were nothing is written.
 */
struct twice {
	const char *name;
	bool late;
	int large
		[3]; /* what a debugger is told of its last page: whole, and after each cut */
};

static const struct twice twices[] = {
	{ "notes in front", false, { -1, -1, 0 } },
	{ "notes behind memory", true, { -1, 0, 0 } },
};

static void set_late_notes(struct planned *p)
{
	assert_true(p->core.notes_late);
	assert_int_equal(core_set_notes(&p->core, p->b.notes.p, p->b.notes.n), 0);
	notes_done(&p->notes);
	notes_read(&p->core.header, p->core.notes, &p->notes);
}

static void check_twice(struct planned *p, const struct twice *row, int cuts)
{
	static const enum fate large[] = { FATE_FILE, FATE_FILE, FATE_NOT_OFFERED };

	assert_int_equal(planned_piece(p, SMALL - PAGE)->fate, large[cuts]);
	assert_int_equal(planned_piece(p, SMALL)->fate, cuts ? FATE_LOST : FATE_KEPT);
	assert_int_equal(planned_piece(p, LARGE + PAGE)->fate,
			 cuts > 1 ? FATE_LOST : FATE_KEPT);
	assert_int_equal(planned_piece(p, LARGE)->fate, FATE_KEPT);
	assert_int_equal(p->plan.segments[0].type, cuts && row->late ? PT_NULL : PT_NOTE);
	/* of late notes, which are not in the header, the reader of planned_told() knows none */
	if (cuts || !row->late)
		assert_int_equal(planned_told(p, SMALL - PAGE), row->large[cuts]);
}

static void test_twice(void **state)
{
	const struct twice *row = *state;
	struct planned p;
	uint64_t small, large;

	builder_init(&p.b, EM_X86_64);
	builder_thread(&p.b, 1, STACK + 0x1100, 0, 0);
	builder_file(&p.b, LARGE, SMALL, 0, "/srv/large.db");
	builder_file(&p.b, SMALL, SMALL + 4 * PAGE, 3, "/srv/small.db");
	builder_files(&p.b);
	builder_load(&p.b, LARGE, 8 * PAGE, SMALL - LARGE, RW);
	builder_load(&p.b, SMALL, 4 * PAGE, 4 * PAGE, RW);
	builder_load(&p.b, STACK, 4 * PAGE, 4 * PAGE, RW);
	p.b.notes_late = row->late;
	planned_build(&p);
	if (row->late)
		set_late_notes(&p);
	planned_look(&p);
	p.input.type = type_find("full");
	planned_make(&p);
	assert_true(p.plan.verbatim);
	check_twice(&p, row, 0);
	small = planned_place(&p, SMALL);
	large = planned_place(&p, LARGE + PAGE);
	planned_cut(&p, small);
	check_twice(&p, row, 1);
	planned_cut(&p, large);
	check_twice(&p, row, 2);
	planned_done(&p);
}

/*
 * A dump without its plan: each mapping of which it may have lost something is known, once, whatever pieces
 * a plan made of it. Changed are pages 210-212 and 220-221.
 */
struct found {
	const char *name;
	bool without_files;
	struct span files[4];
};

static const struct found founds[] = {
	{ "in pieces",
	  false,
	  { { MODULE + PAGE, MODULE + 4 * PAGE },
	    { LARGE, SMALL },
	    { SMALL, SMALL + 4 * PAGE } } },
	{ "without NT_FILE nobody knows which file", true, { { 0, 0 } } },
};

static void build_found(struct planned *p, const struct found *row)
{
	builder_init(&p->b, EM_X86_64);
	builder_thread(&p->b, 1, STACK + 0x1100, 0, 0);
	if (!row->without_files) {
		builder_file(&p->b, MODULE, MODULE + PAGE, 0, "/usr/lib/x.so");
		builder_file(&p->b, MODULE + PAGE, MODULE + 4 * PAGE, 1, "/usr/lib/x.so");
		builder_file(&p->b, LARGE, SMALL, 0, "/srv/large.db");
		builder_file(&p->b, SMALL, SMALL + 4 * PAGE, 3, "/srv/small.db");
		builder_files(&p->b);
	}
	builder_load(&p->b, MODULE, PAGE, PAGE, PF_R | PF_X);
	builder_load(&p->b, MODULE + PAGE, 2 * PAGE, 3 * PAGE, RW);
	builder_load(&p->b, LARGE, 64 * PAGE, SMALL - LARGE, PF_R);
	builder_load(&p->b, SMALL, 4 * PAGE, 4 * PAGE, RW);
	builder_load(&p->b, STACK, 4 * PAGE, 4 * PAGE, RW);
	builder_poke(&p->b, MODULE, ELFMAG, SELFMAG);
	planned_build(p);
	planned_look(p);
	core_memory_changed(&p->window, MODULE + 2 * PAGE, MODULE + 3 * PAGE);
	core_memory_changed(&p->window, LARGE + 0x10000, LARGE + 0x12000);
	core_memory_changed(&p->window, LARGE + 0x20000, LARGE + 0x21000);
	core_memory_changed(&p->window, SMALL, SMALL + PAGE);
	planned_make(p);
}

/* The dump as it is found, which ends where a page is lost that was kept. */
static void cut_found(struct planned *p, struct plan *found)
{
	uint64_t size = planned_place(p, LARGE + 0x20000);

	plan_cut(found, size);
	memcpy(p->output.p, found->header, found->header_size);
	p->output.n = size;
	assert_int_equal(found->size, size);
	assert_int_equal(planned_told(p, LARGE + 0x10000), 1);
	assert_int_equal(planned_told(p, LARGE + 0x11000), 1);
	assert_int_equal(planned_told(p, LARGE + 0x20000), 0);
	assert_int_equal(planned_told(p, LARGE + 0x7000), 0);
	assert_int_equal(planned_told(p, SMALL), 0);
	assert_int_equal(planned_told(p, MODULE + 2 * PAGE), 1);
	assert_int_equal(planned_told(p, MODULE + 3 * PAGE),
			 -1); /* nothing of it is lost */
}

static void test_found(void **state)
{
	const struct found *row = *state;
	struct planned p;
	struct plan found;
	struct core core;
	struct notes notes;
	size_t count = 0;

	build_found(&p, row);
	core_init(&core);
	assert_int_equal(built_feed(&p.output, p.output.n, &core), 1);
	notes_read(&core.header, core.notes, &notes);
	assert_int_equal(plan_found(&core, &notes,
				    (struct bytes){ p.output.p, p.plan.header_size },
				    &found),
			 0);
	notes_done(&notes);
	core_done(&core);
	assert_int_equal(found.header_size, p.plan.header_size);
	assert_memory_equal(found.header, p.output.p, found.header_size);
	for (; row->files[count].end; count++) {
		assert_true(count < found.data_files.count);
		assert_int_equal(found.data_files.areas[count].start,
				 row->files[count].start);
		assert_int_equal(found.data_files.areas[count].end,
				 row->files[count].end);
	}
	assert_int_equal(found.data_files.count, count);
	if (count)
		cut_found(&p, &found);
	plan_done(&found);
	planned_done(&p);
}

int main(void)
{
	return RUN_TABLE(twices, test_twice) + RUN_TABLE(founds, test_found);
}
