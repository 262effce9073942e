/* SPDX-License-Identifier: MIT */
/*
 * The header stream: chunks of any size, cuts at every byte, any byte another.
 */
#include <errno.h>

#include "tests/unit/core_builder.h"
#include "tests/unit/machines.h"
#include "tests/unit/table.h"

/* A core whose whole length can be fed in every way: no memory but a page. */
static struct built small(uint16_t machine)
{
	struct core_builder b;
	struct built core;

	builder_init(&b, machine);
	builder_thread(&b, 7, 0x2000, 0x1000, 0);
	builder_psinfo(&b, 7, 0, "small", "small");
	builder_load(&b, 0x1000, 0x1000, 0x3000, PF_R);
	builder_load(&b, 0x8000, 0, 0x1000, PF_R);
	core = builder_build(&b);
	builder_done(&b);
	return core;
}

static void assert_same(const struct core *a, const struct core *b)
{
	assert_memory_equal(&a->header, &b->header, sizeof(a->header));
	assert_int_equal(a->count, b->count);
	assert_memory_equal(a->segments, b->segments, a->count * sizeof(*a->segments));
	assert_int_equal(a->notes.n, b->notes.n);
	assert_memory_equal(a->notes.p, b->notes.p, a->notes.n);
	assert_int_equal(a->header_bytes.n, b->header_bytes.n);
	assert_memory_equal(a->header_bytes.p, b->header_bytes.p, a->header_bytes.n);
	assert_int_equal(a->data_start, b->data_start);
	assert_int_equal(a->size, b->size);
	assert_int_equal(a->notes_late, b->notes_late);
}

static void test_fields(void **state)
{
	const struct machine_row *row = *state;
	struct built file = small(row->machine);
	struct core core;
	uint64_t table;
	size_t used;

	core_init(&core);
	assert_int_equal(core_feed(&core, file.p, file.n, &used), 1);
	table = elf_header_size(core.header.word) +
		3 * elf_segment_size(core.header.word);
	assert_int_equal(core.header.machine, row->machine);
	assert_int_equal(core.count, 3);
	assert_int_equal(core.segments[0].type, PT_NOTE);
	assert_int_equal(core.segments[0].offset, table);
	assert_int_equal(core.notes.n, core.segments[0].filesz);
	assert_int_equal(core.data_start, page_up(table + core.notes.n));
	assert_int_equal(core.size, core.data_start + 0x1000);
	assert_int_equal(core.size, file.n);
	assert_int_equal(used, table + core.notes.n);
	assert_int_equal(core.header_bytes.n, used);
	assert_memory_equal(core.header_bytes.p, file.p, used);
	assert_false(core.notes_late);
	/* all is here: nothing more is taken */
	assert_int_equal(core_feed(&core, file.p + used, file.n - used, &used), 1);
	assert_int_equal(used, 0);
	core_done(&core);
	built_done(&file);
}

/* Two chunks, cut everywhere; and every even division. */
static void test_chunks(void **state)
{
	const struct machine_row *row = *state;
	struct built file = small(row->machine);
	struct core whole;

	core_init(&whole);
	assert_int_equal(built_feed(&file, file.n, &whole), 1);
	for (size_t cut = 1; cut < whole.header_bytes.n + 2; cut++) {
		struct core core;
		size_t used, more = 0;
		int r;

		core_init(&core);
		r = core_feed(&core, file.p, cut, &used);
		assert_int_equal(r, cut >= whole.header_bytes.n);
		if (r == 0) {
			assert_int_equal(used, cut);
			r = core_feed(&core, file.p + cut, file.n - cut, &more);
		}
		assert_int_equal(r, 1);
		assert_int_equal(used + more, whole.header_bytes.n);
		assert_same(&core, &whole);
		core_done(&core);
		core_init(&core);
		assert_int_equal(built_feed(&file, cut, &core), 1);
		assert_same(&core, &whole);
		core_done(&core);
	}
	core_done(&whole);
	built_done(&file);
}

static void test_random_chunks(void **state)
{
	const struct machine_row *row = *state;
	struct built file = small(row->machine);
	uint32_t seed = 20240607;
	struct core whole;

	core_init(&whole);
	assert_int_equal(built_feed(&file, file.n, &whole), 1);
	for (int round = 0; round < 300; round++) {
		struct core core;
		size_t at = 0;
		int r = 0;

		core_init(&core);
		while (r == 0 && at < file.n) {
			size_t n = builder_random(&seed) % 97, used; /* 0 too */

			n = n < file.n - at ? n : file.n - at;
			r = core_feed(&core, file.p + at, n, &used);
			at += used;
		}
		assert_int_equal(r, 1);
		assert_same(&core, &whole);
		core_done(&core);
	}
	core_done(&whole);
	built_done(&file);
}

/* A prefix is never complete and never malformed; its buffer is just as long. */
static void test_truncated(void **state)
{
	const struct machine_row *row = *state;
	struct built file = small(row->machine);
	struct core whole;

	core_init(&whole);
	assert_int_equal(built_feed(&file, file.n, &whole), 1);
	for (size_t n = 0; n < whole.header_bytes.n; n++) {
		uint8_t *copy = malloc(n + !n);
		struct core core;
		size_t used;

		memcpy(copy, file.p, n);
		core_init(&core);
		assert_int_equal(core_feed(&core, copy, n, &used), 0);
		assert_int_equal(used, n);
		assert_null(core.problem);
		assert_true(core.needed > n);
		core_done(&core);
		free(copy);
	}
	core_done(&whole);
	built_done(&file);
}

/* Every byte of the headers changed to some other: no answer but the three, no crash. */
static void test_flipped(void **state)
{
	const struct machine_row *row = *state;
	struct built file = small(row->machine);
	static const uint8_t changes[] = { 0x01, 0x80, 0xff };

	for (size_t i = 0; i < 3 * sizeof(changes) * 100; i++) {
		size_t at = i / sizeof(changes);
		struct core core;
		int r;

		file.p[at] ^= changes[i % sizeof(changes)];
		core_init(&core);
		r = built_feed(&file, 13, &core);
		assert_true(r == 0 || r == 1 || r == -EBADMSG);
		assert_int_equal(r == -EBADMSG, core.problem != NULL);
		if (r == 1)
			assert_true(core.size >= core.data_start &&
				    core.data_start >= core.header_bytes.n);
		core_done(&core);
		file.p[at] ^= changes[i % sizeof(changes)];
	}
	built_done(&file);
}

int main(void)
{
	int failed = RUN_TABLE(machines, test_fields);

	failed += RUN_TABLE(machines, test_chunks);
	failed += RUN_TABLE(machines, test_random_chunks);
	failed += RUN_TABLE(machines, test_truncated);
	return failed + RUN_TABLE(machines, test_flipped);
}
