/* SPDX-License-Identifier: MIT */
/*
 * What is planned in place of what was asked for, where too little is known of the process.
 */
#include "tests/unit/planned.h"
#include "tests/unit/table.h"

#define ALL UINT64_MAX

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
		struct planned f;

		build_fallback(&f.b, row);
		planned_usual(&f, row->type, limit ? ALL : 9 * PAGE);
		assert_string_equal(f.plan.type->name, row->planned);
		if (row->reason)
			assert_string_equal(f.plan.reasons[0], row->reason);
		else
			assert_int_equal(f.plan.reason_count, 0);
		planned_done(&f);
	}
}

/* Late notes that were handed in count as if they had come first. */
static void test_late_notes_known(void **state)
{
	struct planned f;

	(void)state;
	builder_usual(&f.b, EM_X86_64);
	f.b.notes_late = true;
	planned_build(&f);
	assert_int_equal(core_set_notes(&f.core, f.b.notes.p, f.b.notes.n), 0);
	notes_done(&f.notes);
	notes_read(&f.core.header, f.core.notes, &f.notes);
	f.input.type = type_find("stacks");
	planned_make(&f);
	assert_int_equal(f.plan.reason_count, 0);
	assert_int_equal(f.memory, 18 * PAGE);
	planned_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_late_notes_known) };
	int failed = RUN_TABLE(fallbacks, test_fallback);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
