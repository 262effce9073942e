/* SPDX-License-Identifier: MIT */
/*
 * Good cores of every shape: more program headers than their number has room for, memory
 * in any order, notes behind it, no memory.
 */
#include "tests/unit/core_builder.h"
#include "tests/unit/machines.h"
#include "tests/unit/table.h"

static void build_many(struct core_builder *b, uint16_t machine, size_t count)
{
	builder_init(b, machine);
	builder_thread(b, 1, 0x10000, 0x10000, 0);
	for (size_t i = 0; i < count; i++)
		builder_load(b, 0x10000 + i * 0x2000, i % 64 ? 0 : 0x1000, 0x1000, PF_R);
}

static void test_many(void **state)
{
	const struct machine_row *row = *state;
	static const size_t counts[] = { 65533, 65534, 70000 };

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		struct core_builder b;
		struct built file;
		struct core core;

		build_many(&b, row->machine, counts[i]);
		file = builder_build(&b);
		core_init(&core);
		assert_int_equal(built_feed(&file, 4096, &core), 1);
		assert_int_equal(core.header.phnum,
				 counts[i] + 1 < PN_XNUM ? counts[i] + 1 : PN_XNUM);
		assert_int_equal(core.count, counts[i] + 1);
		assert_int_equal(core.size, file.n);
		assert_int_equal(core.segments[counts[i]].vaddr,
				 0x10000 + (counts[i] - 1) * 0x2000);
		core_done(&core);
		built_done(&file);
		builder_done(&b);
	}
}

/* Memory in any order in the file; program headers in any order of addresses. */
static void test_any_order(void **state)
{
	const struct machine_row *row = *state;

	for (uint32_t seed = 1; seed < 50; seed++) {
		struct core_builder b;
		struct built file;
		struct core core;
		uint64_t memory;

		builder_usual(&b, row->machine);
		b.shuffle = seed;
		file = builder_build(&b);
		core_init(&core);
		assert_int_equal(built_feed(&file, 1000, &core), 1);
		assert_int_equal(core.size, file.n);
		assert_int_equal(core.data_start, page_up(core.header_bytes.n));
		assert_null(built_check(&file, &memory));
		core_done(&core);
		built_done(&file);
		builder_done(&b);
	}
}

static void test_notes_late(void **state)
{
	const struct machine_row *row = *state;
	struct core_builder b;
	struct built file;
	struct core core;
	uint64_t offset, size;

	builder_usual(&b, row->machine);
	b.notes_late = true;
	file = builder_build(&b);
	core_init(&core);
	assert_int_equal(built_feed(&file, 1000, &core), 1);
	assert_true(core.notes_late);
	assert_int_equal(core.notes.n, 0);
	assert_int_equal(core.size, file.n);
	core_late_notes(&core, &offset, &size);
	assert_int_equal(offset, file.n - b.notes.n);
	assert_int_equal(size, b.notes.n);
	assert_int_equal(core_set_notes(&core, file.p + offset, size), 0);
	assert_int_equal(core.notes.n, size);
	assert_memory_equal(core.notes.p, b.notes.p, size);
	assert_int_equal(core_set_notes(&core, file.p, 0), 0); /* again: no leak */
	core_done(&core);
	built_done(&file);
	builder_done(&b);
}

/* Who wants program headers alone buffers no notes, however many threads there were. */
static void test_skip_notes(void **state)
{
	const struct machine_row *row = *state;
	struct core_builder b;
	struct built file;
	struct core core;
	uint64_t offset, size;

	builder_usual(&b, row->machine);
	file = builder_build(&b);
	core_init(&core);
	core.skip_notes = true;
	assert_int_equal(built_feed(&file, 1000, &core), 1);
	core_late_notes(&core, &offset, &size);
	assert_int_equal(size, b.notes.n);
	assert_int_equal(core.header_bytes.n, offset);
	assert_int_equal(core.notes.n, 0);
	assert_false(core.notes_late);
	assert_int_equal(core.size, file.n);
	core_done(&core);
	built_done(&file);
	builder_done(&b);
}

static void test_without_memory(void **state)
{
	const struct machine_row *row = *state;
	struct core_builder b;
	struct built file;
	struct core core;

	builder_init(&b, row->machine);
	builder_psinfo(&b, 1, 0, "x", "x");
	file = builder_build(&b);
	core_init(&core);
	assert_int_equal(built_feed(&file, 1, &core), 1);
	assert_int_equal(core.count, 1);
	assert_int_equal(core.data_start, core.size);
	assert_int_equal(core.size, core.header_bytes.n);
	core_done(&core);
	built_done(&file);
	builder_done(&b);
}

int main(void)
{
	int failed = RUN_TABLE(machines, test_many);

	failed += RUN_TABLE(machines, test_any_order);
	failed += RUN_TABLE(machines, test_notes_late);
	failed += RUN_TABLE(machines, test_skip_notes);
	return failed + RUN_TABLE(machines, test_without_memory);
}
