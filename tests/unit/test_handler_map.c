/* SPDX-License-Identifier: MIT */
/*
 * Pieces of a plan as the stored drop map: each with its mapping's name and permissions.
 */
#include <errno.h>

#include "tests/unit/core_builder.h"
#include "tests/unit/table.h"

#include "handler/map.h"
#include "handler/map_fill.h"
#include "store/memory_map.h"

/* Three mappings: of a file, the heap right behind it, a stack far off. */
struct fixture {
	struct core_builder b;
	struct built file;
	struct core core;
	struct notes notes;
	struct names names;
	struct plan plan;
};

static const char maps[] =
	"10000-14000 r-xp 00000000 fd:01 1835      /bin/with\\012escape\n"
	"14000-20000 rw-p 00000000 00:00 0         [heap]\n"
	"70000-80000 rw-p 00000000 00:00 0         [stack]\n"
	"90000-91000 r--p 00000000 fd:01 1836      /only/in/maps\n";

static void set_up(struct fixture *f, struct piece *pieces, size_t count)
{
	builder_init(&f->b, EM_X86_64);
	builder_thread(&f->b, 1, 0x7f000, 0x10000, 0);
	builder_file(&f->b, 0x10000, 0x14000, 0, "/bin/with\nescape");
	builder_files(&f->b);
	builder_load(&f->b, 0x10000, 0x1000, 0x4000, PF_R | PF_X);
	builder_load(&f->b, 0x14000, 0xc000, 0xc000, PF_R | PF_W);
	builder_load(&f->b, 0x70000, 0x10000, 0x10000, PF_R | PF_W);
	f->file = builder_build(&f->b);
	core_init(&f->core);
	assert_int_equal(built_feed(&f->file, f->file.n, &f->core), 1);
	notes_read(&f->core.header, f->core.notes, &f->notes);
	assert_int_equal(
		names_read((struct bytes){ (const uint8_t *)maps, sizeof(maps) - 1 },
			   &f->names),
		0);
	f->plan = (struct plan){ .pieces = pieces, .piece_count = count };
}

static void tear_down(struct fixture *f)
{
	names_done(&f->names);
	notes_done(&f->notes);
	core_done(&f->core);
	built_done(&f->file);
	builder_done(&f->b);
}

static int encode(const struct fixture *f, const struct names *names,
		  struct memory_map *ret)
{
	const struct map_facts facts = { &f->core, &f->notes, names, NULL };
	_cleanup_free_ uint8_t *bytes = NULL;
	size_t n;
	int r = map_encode(&f->plan, &facts, &bytes, &n);

	return r == 0 ? memory_map_decode(bytes, n, ret) : r;
}

static const struct expected {
	uint64_t start, end;
	const char *fate, *rank, *name;
	unsigned int flags;
} expected[] = {
	{ 0x10000, 0x11000, "kept", "object", "/bin/with\nescape", 0x15 },
	{ 0x11000, 0x14000, "file", "rest", "/bin/with\nescape", 0x05 },
	/* one piece over two mappings and what is between them */
	{ 0x14000, 0x20000, "budget", "private", "[heap]", 0x16 },
	{ 0x20000, 0x70000, "budget", "private", NULL, 0x10 },
	{ 0x70000, 0x71000, "budget", "private", "[stack]", 0x16 },
	{ 0x71000, 0x71005, "scrubbed", "crash", "[stack]", 0x06 },
	{ 0x7f000, 0x80000, "kept", "crash", "[stack]", 0x06 },
	{ 0x90000, 0x91000, "not-offered", "none", "/only/in/maps", 0x10 },
};

static void test_names(void **state)
{
	struct piece pieces[] = {
		{ 0x10000, 0x11000, FATE_KEPT, RANK_OBJECT },
		{ 0x11000, 0x14000, FATE_FILE, RANK_REST },
		{ 0x14000, 0x71000, FATE_BUDGET, RANK_PRIVATE },
		{ 0x71000, 0x71005, FATE_SCRUBBED, RANK_CRASH },
		{ 0x7f000, 0x80000, FATE_KEPT, RANK_CRASH },
		{ 0x90000, 0x91000, FATE_NOT_OFFERED, RANK_MUST },
	};
	_cleanup_memory_map_ struct memory_map map = { 0 };
	struct fixture f;

	(void)state;
	set_up(&f, pieces, ARRAY_SIZE(pieces));
	assert_int_equal(encode(&f, &f.names, &map), 0);
	assert_int_equal(map.count, ARRAY_SIZE(expected));
	for (size_t i = 0; i < map.count; i++) {
		const struct memory_map_entry *e = &map.entries[i];
		const char *name = memory_map_name(&map, e);

		assert_int_equal(e->start, expected[i].start);
		assert_int_equal(e->end, expected[i].end);
		assert_int_equal(e->flags, expected[i].flags);
		assert_string_equal(memory_map_fate(&map, e), expected[i].fate);
		assert_string_equal(memory_map_rank(&map, e), expected[i].rank);
		assert_string_equal(name ? name : "",
				    expected[i].name ? expected[i].name : "");
	}
	tear_down(&f);
}

/* Without /proc/PID/maps files have names, the rest has none. */
static void test_no_names(void **state)
{
	struct piece pieces[] = {
		{ 0x10000, 0x11000, FATE_KEPT, RANK_OBJECT },
		{ 0x14000, 0x20000, FATE_KEPT, RANK_PRIVATE },
	};
	_cleanup_memory_map_ struct memory_map map = { 0 };
	struct fixture f;

	(void)state;
	set_up(&f, pieces, ARRAY_SIZE(pieces));
	assert_int_equal(encode(&f, NULL, &map), 0);
	assert_int_equal(map.count, 2);
	assert_string_equal(memory_map_name(&map, &map.entries[0]), "/bin/with\nescape");
	assert_null(memory_map_name(&map, &map.entries[1]));
	tear_down(&f);
}

static void test_refused(void **state)
{
	struct piece pieces[] = {
		{ 0x14000, 0x20000, FATE_KEPT, RANK_PRIVATE },
		{ 0x10000, 0x11000, FATE_KEPT, RANK_OBJECT },
	};
	_cleanup_memory_map_ struct memory_map map = { 0 };
	struct fixture f;

	(void)state;
	set_up(&f, pieces, ARRAY_SIZE(pieces));
	assert_int_equal(encode(&f, NULL, &map), -EINVAL);
	f.plan.piece_count = 0;
	assert_int_equal(encode(&f, NULL, &map), -ENODATA);
	tear_down(&f);
}

/* 70,000 mappings in 140,000 pieces. */
static void test_many(void **state)
{
	enum {
		MAPPINGS = 70000
	};
	struct piece *pieces = calloc(2 * MAPPINGS, sizeof(*pieces));
	_cleanup_memory_map_ struct memory_map map = { 0 };
	struct fixture f = { .file = { NULL, 0 } };

	(void)state;
	assert_non_null(pieces);
	builder_init(&f.b, EM_X86_64);
	builder_thread(&f.b, 1, 0x10000, 0x10000, 0);
	for (uint64_t i = 0; i < MAPPINGS; i++) {
		uint64_t at = 0x10000 + i * 0x3000;

		builder_load(&f.b, at, i % 64 ? 16 : PAGE, 2 * PAGE, PF_R | PF_W);
		pieces[2 * i] = (struct piece){ at, at + PAGE, FATE_KEPT, RANK_HINT };
		pieces[2 * i + 1] = (struct piece){ at + PAGE, at + 2 * PAGE, FATE_BUDGET,
						    RANK_PRIVATE };
	}
	f.file = builder_build(&f.b);
	core_init(&f.core);
	assert_int_equal(built_feed(&f.file, f.file.n, &f.core), 1);
	notes_read(&f.core.header, f.core.notes, &f.notes);
	f.plan = (struct plan){ .pieces = pieces, .piece_count = 2 * MAPPINGS };
	assert_int_equal(encode(&f, NULL, &map), 0);
	assert_int_equal(map.count, 2 * MAPPINGS);
	assert_int_equal(map.entries[2].flags, 0x16);
	assert_int_equal(map.entries[3].flags, 0x06);
	tear_down(&f);
	free(pieces);
}

static void add_range(struct memory_map *map, uint64_t start, uint64_t end,
		      const char *fate, uint8_t flags)
{
	const struct memory_map_range range = {
		start, end, fate, "private", "[heap]", 6, flags,
	};

	assert_int_equal(memory_map_add(map, &range), 0);
}

struct part {
	uint64_t start, end;
	const char *fate;
	uint8_t flags;
};

/* The first dump's map, a plan's on what it kept, and both together. */
static const struct filled {
	const char *name;
	struct part before[6], map[6], both[8];
} fills[] = {
	{ "nothing before",
	  { { 0 } },
	  { { 1, 2, "kept", 16 } },
	  { { 1, 2, "kept", 16 } } },
	{ "nothing now", { { 1, 2, "type", 16 } }, { { 0 } }, { { 1, 2, "type", 16 } } },
	{ "a secret in a mapping",
	  { { 10, 20, "kept", 16 }, { 20, 30, "secret", 0 }, { 30, 40, "kept", 0 } },
	  { { 10, 20, "kept", 16 }, { 30, 40, "budget", 16 } },
	  { { 10, 20, "kept", 16 }, { 20, 30, "secret", 0 }, { 30, 40, "budget", 0 } } },
	{ "around and between",
	  { { 1, 5, "type", 16 },
	    { 5, 10, "kept", 0 },
	    { 10, 15, "limit", 0 },
	    { 40, 50, "file", 16 } },
	  { { 5, 7, "kept", 16 }, { 7, 10, "type", 0 } },
	  { { 1, 5, "type", 16 },
	    { 5, 7, "kept", 0 },
	    { 7, 10, "type", 0 },
	    { 10, 15, "limit", 0 },
	    { 40, 50, "file", 16 } } },
	{ "kept and gone",
	  { { 1, 9, "kept", 16 }, { 9, 12, "scrubbed", 16 } },
	  { { 3, 4, "kept", 16 } },
	  { { 1, 3, "lost", 16 },
	    { 3, 4, "kept", 0 },
	    { 4, 9, "lost", 0 },
	    { 9, 12, "lost", 16 } } },
	{ "the last byte there is",
	  { { 1, UINT64_MAX, "type", 16 } },
	  { { UINT64_MAX - 1, UINT64_MAX, "kept", 16 } },
	  { { 1, UINT64_MAX - 1, "type", 16 },
	    { UINT64_MAX - 1, UINT64_MAX, "kept", 0 } } },
	{ "a map that is another's",
	  { { 1, 100, "type", 16 } },
	  { { 50, 60, "kept", 16 }, { 90, 200, "kept", 16 } },
	  { { 1, 50, "type", 16 },
	    { 50, 60, "kept", 0 },
	    { 60, 90, "type", 0 },
	    { 90, 200, "kept", 0 } } },
};

static void test_fill(void **state)
{
	const struct filled *row = *state;
	_cleanup_memory_map_ struct memory_map before = { 0 }, map = { 0 }, both = { 0 };
	size_t n = 0;

	for (const struct part *p = row->before; p->fate; p++)
		add_range(&before, p->start, p->end, p->fate, p->flags);
	for (const struct part *p = row->map; p->fate; p++)
		add_range(&map, p->start, p->end, p->fate, p->flags);
	assert_int_equal(map_fill(&map, &before, &both), 0);
	for (const struct part *p = row->both; p->fate; p++, n++) {
		const struct memory_map_entry *e = &both.entries[n];

		assert_true(n < both.count);
		assert_int_equal(e->start, p->start);
		assert_int_equal(e->end, p->end);
		assert_int_equal(e->flags, p->flags);
		assert_string_equal(memory_map_fate(&both, e), p->fate);
		assert_string_equal(memory_map_name(&both, e), "[heap]");
	}
	assert_int_equal(n, both.count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_no_names),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_many),
	};

	return RUN_TABLE(fills, test_fill) + cmocka_run_group_tests(tests, NULL, NULL);
}
