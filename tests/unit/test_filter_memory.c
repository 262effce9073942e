/* SPDX-License-Identifier: MIT */
/*
 * No memory: every allocation of filter/ fails once. Whatever fails says so, and gives back
 * what it had. Linked with --wrap (tests.mk), so that only filter/ and this file see it.
 */
#include <errno.h>
#include <stdlib.h>

#include "tests/unit/core_builder.h"
#include "tests/unit/hints_world.h"
#include "tests/unit/table.h"

/* Allocations that still succeed; negative: all do. */
static int left = -1;

static bool refused(void)
{
	if (left > 0)
		left--;
	else if (left == 0)
		return true;
	return false;
}

#define WRAPPED(name, parameters, arguments)                       \
	void *__real_##name parameters;                            \
	void *__wrap_##name parameters;                            \
	void *__wrap_##name parameters                             \
	{                                                          \
		return refused() ? NULL : __real_##name arguments; \
	}

WRAPPED(malloc, (size_t n), (n))
WRAPPED(calloc, (size_t n, size_t size), (n, size))
WRAPPED(realloc, (void *p, size_t n), (p, n))
WRAPPED(reallocarray, (void *p, size_t n, size_t size), (p, n, size))

/* All of filter/, from bytes to a plan that is cut. Return: 0 or what failed. */
static int run(const struct built *file, const char *type, uint64_t limit, bool late)
{
	struct notes notes = { 0 };
	struct plan plan;
	struct core core;
	int r;

	core_init(&core);
	r = built_feed(file, 4096, &core);
	if (r == 1 && late) {
		uint64_t offset, size;

		core_late_notes(&core, &offset, &size);
		r = core_set_notes(&core, file->p + offset, size);
	}
	if (r >= 0) {
		notes_read(&core.header, core.notes, &notes);
		r = notes.broken ? -ENOMEM : 0;
	}
	if (r == 0)
		r = plan_make(&(struct plan_input){ .core = &core,
						    .notes = &notes,
						    .type = type_find(type),
						    .max_memory = limit },
			      &plan);
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

struct row {
	const char *name;
	const char *type;
	uint64_t limit;
	bool late;
	int least; /* allocations on this way, at least */
};

static const struct row rows[] = {
	{ "chosen", "mini", UINT64_MAX, false, 12 },
	{ "cut to a limit", "full", 5 * PAGE, false, 12 },
	{ "verbatim", "full", UINT64_MAX, false, 7 },
	{ "notes late", "stacks", UINT64_MAX, true, 12 },
};

static void test_refused(void **state)
{
	const struct row *row = *state;
	struct core_builder b;
	struct built file;
	int count = 0, r;

	builder_usual(&b, EM_X86_64);
	for (uint64_t i = 0; i < 70; i++) /* more ranges than fit at first */
		builder_load(&b, 0x40000000 + i * 0x2000, PAGE, PAGE, PF_R | PF_W);
	b.notes_late = row->late;
	file = builder_build(&b);
	do {
		left = count;
		r = run(&file, row->type, row->limit, row->late);
		left = -1;
		assert_true(r == 0 || r == -ENOMEM);
	} while (r < 0 && ++count < 1000);
	assert_int_equal(r, 0);
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
	int count = 0, r;

	(void)state;
	memset(w->data, 'x', sizeof(w->data));
	for (size_t i = 0; i < 9; i++) /* doubled four times */
		world_set_entry(w, i, &said);
	do {
		left = count;
		r = world_read_files(w, 8, &file, 1, &hints);
		left = -1;
		assert_true(r == 0 || r == -ENOMEM);
		assert_int_equal(hints.count, r == 0 ? 9 : 0);
		assert_int_equal(hints.text_count, r == 0 ? 9 : 0);
	} while (r < 0 && ++count < 100);
	assert_int_equal(count, 6);
	hints_done(&hints);
	free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_hints) };
	int failed = RUN_TABLE(rows, test_refused);

	return failed + cmocka_run_group_tests_name("hints", tests, NULL, NULL);
}
