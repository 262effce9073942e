/* SPDX-License-Identifier: MIT */
/*
 * The dynamic linker's chain, true and not: what of it is kept, and that following it ends.
 * In pages: 10 program headers, 12 PT_DYNAMIC, 20-23 link_maps, 23 r_debugs, 30 names, 40 a
 * library's PT_DYNAMIC; nothing else is mapped.
 */
#include "tests/unit/planned.h"
#include "tests/unit/rig.h"
#include "tests/unit/table.h"

#include "filter/link_map.h"

#define PHDR	UINT64_C(0x10040)
#define DYNAMIC UINT64_C(0x12000)
#define NODE_A	UINT64_C(0x20100)
#define NODE_B	UINT64_C(0x21100)
#define NODE_C	UINT64_C(0x22100)
#define R_DEBUG UINT64_C(0x23000)
#define R_OTHER UINT64_C(0x23800)
#define NAMES	UINT64_C(0x30000)
#define LIBRARY UINT64_C(0x40000)
#define NOWHERE UINT64_C(0xdead0000)
#define LAST	UINT64_MAX

enum {
	VERSION = 0,
	MAP = 1,
	NEXT_DEBUG = 5,
	NAME = 1,
	LD = 2,
	NEXT = 3,
};

/* A word of a structure, and what it is made to be. */
struct lie {
	uint64_t at;
	unsigned int word;
	uint64_t value;
};

struct row {
	const char *name;
	struct lie lies[6];
	uint64_t phnum; /* 0: as it is */
	struct span hole;
	const char *expected; /* joined */
	const char *names;
	size_t nodes;
	bool found, broken, endless;
	bool is_static;
};

#define ALL  "10-11:2 12-13:2 20-22:2 23-24:2 30-31:2 40-41:2"
#define BOTH "30000-30001 30010-3001a"

static const struct row rows[] = {
	{ "as it should be", .expected = ALL, BOTH, 2, true },
	{ "a static program", .expected = "10-11:2 12-13:2", "", 0, true,
	  .is_static = true },
	{ "a node that is its own next",
	  { { NODE_B, NEXT, NODE_B } },
	  .expected = ALL,
	  BOTH,
	  LINK_MAP_NODES_MAX,
	  true,
	  .endless = true },
	{ "a cycle",
	  { { NODE_B, NEXT, NODE_A } },
	  .expected = ALL,
	  BOTH,
	  LINK_MAP_NODES_MAX,
	  true,
	  .endless = true },
	{ "next is nowhere",
	  { { NODE_B, NEXT, NOWHERE } },
	  .expected = ALL,
	  BOTH,
	  2,
	  .broken = true },
	{ "next is the last address",
	  { { NODE_B, NEXT, LAST } },
	  .expected = ALL,
	  BOTH,
	  2,
	  .broken = true },
	{ "a node over the end of memory",
	  { { NODE_B, NEXT, 0x23ff8 } },
	  .expected = ALL,
	  BOTH,
	  2,
	  .broken = true },
	{ "the first is nowhere",
	  { { R_DEBUG, MAP, NOWHERE } },
	  .expected = "10-11:2 12-13:2 23-24:2",
	  "",
	  0,
	  .broken = true },
	{ "no node at all",
	  { { R_DEBUG, MAP, 0 } },
	  .expected = "10-11:2 12-13:2 23-24:2",
	  "",
	  0 },
	{ "a page of nodes that is not there", .hole = { 0x21000, 0x22000 },
	  .expected = "10-11:2 12-13:2 20-21:2 23-24:2 30-31:2", "30000-30001", 1,
	  .broken = true },
	{ "a name that is nowhere",
	  { { NODE_B, NAME, NOWHERE } },
	  .expected = ALL,
	  "30000-30001",
	  2,
	  true },
	{ "a name at the last address",
	  { { NODE_B, NAME, LAST } },
	  .expected = ALL,
	  "30000-30001",
	  2,
	  true },
	{ "no names",
	  { { NODE_A, NAME, 0 }, { NODE_B, NAME, 0 } },
	  .expected = "10-11:2 12-13:2 20-22:2 23-24:2 40-41:2",
	  "",
	  2,
	  true },
	{ "a name without an end is kept, and is no name",
	  { { NODE_B, NAME, NAMES + 0x800 } },
	  .expected = ALL,
	  "30000-30001",
	  2,
	  true },
	{ "a library's PT_DYNAMIC is nowhere",
	  { { NODE_B, LD, NOWHERE } },
	  .expected = "10-11:2 12-13:2 20-22:2 23-24:2 30-31:2",
	  BOTH,
	  2,
	  true },
	{ "musl: version 1, no next namespace",
	  { { R_DEBUG, VERSION, 1 }, { R_DEBUG, NEXT_DEBUG, NOWHERE } },
	  .expected = ALL,
	  BOTH,
	  2,
	  true },
	{ "an absurd version",
	  { { R_DEBUG, VERSION, LAST } },
	  .expected = ALL,
	  BOTH,
	  2,
	  true },
	{ "an absurd version, and a namespace nowhere",
	  { { R_DEBUG, VERSION, LAST }, { R_DEBUG, NEXT_DEBUG, NOWHERE } },
	  .expected = ALL,
	  BOTH,
	  2,
	  .broken = true },
	{ "two namespaces",
	  { { R_DEBUG, NEXT_DEBUG, R_OTHER },
	    { R_OTHER, VERSION, 2 },
	    { R_OTHER, MAP, NODE_C },
	    { R_OTHER, NEXT_DEBUG, 0 } },
	  .expected = "10-11:2 12-13:2 20-24:2 30-31:2 40-41:2",
	  "30000-30001 30010-3001a 30020-30021",
	  3,
	  true },
	{ "a namespace over the end of memory",
	  { { R_DEBUG, NEXT_DEBUG, NAMES + 0xfe0 },
	    { NAMES + 0xfe0, VERSION, 2 },
	    { NAMES + 0xfe0, MAP, NODE_C } },
	  .expected = "10-11:2 12-13:2 20-24:2 30-31:2 40-41:2",
	  "30000-30001 30010-3001a 30020-30021",
	  3,
	  .broken = true },
	{ "namespaces in a cycle",
	  { { R_DEBUG, NEXT_DEBUG, R_OTHER },
	    { R_OTHER, VERSION, 2 },
	    { R_OTHER, MAP, NODE_C },
	    { R_OTHER, NEXT_DEBUG, R_DEBUG } },
	  .expected = "10-11:2 12-13:2 20-24:2 30-31:2 40-41:2",
	  "30000-30001 30010-3001a 30020-30021",
	  24,
	  true,
	  .endless = true },
	{ "DT_DEBUG is not set",
	  { { DYNAMIC, 3, 0 } },
	  .expected = "10-11:2 12-13:2",
	  "",
	  0 },
	{ "DT_DEBUG is nowhere",
	  { { DYNAMIC, 3, NOWHERE } },
	  .expected = "10-11:2 12-13:2",
	  "",
	  0,
	  .broken = true },
	{ "no DT_DEBUG",
	  { { DYNAMIC, 2, DT_NULL } },
	  .expected = "10-11:2 12-13:2",
	  "",
	  0 },
	{ "neither DT_DEBUG nor DT_NULL",
	  { { DYNAMIC, 2, DT_NEEDED } },
	  .expected = "10-11:2 12-13:2",
	  "",
	  0 },
	{ "no PT_DYNAMIC", { { PHDR, 0, PT_NULL } }, .expected = "10-11:2", "", 0 },
	{ "no program headers", .phnum = LAST, .expected = "10-11:2", "", 0 },
	{ "65,535 program headers", .phnum = 65535, .expected = "10-11:2", "", 0 },
	{ "headers that are not there", .hole = { 0x10000, 0x11000 },
	  .expected = "10-11:2", "", 0 },
	{ "PT_DYNAMIC that is not there", .hole = { 0x12000, 0x13000 },
	  .expected = "10-11:2 12-13:2", "", 0 },
};

static void poke(struct core_builder *b, uint64_t at, unsigned int word, uint64_t value)
{
	builder_poke_word(b, at + word * b->word, value);
}

static void poke_segment(struct core_builder *b, size_t i, const struct segment *s)
{
	uint8_t raw[sizeof(Elf64_Phdr)];

	elf_segment_write(b->word, s, raw);
	builder_poke(b, PHDR + i * elf_segment_size(b->word), raw,
		     elf_segment_size(b->word));
}

static void poke_node(struct core_builder *b, uint64_t at, uint64_t name, uint64_t ld,
		      uint64_t next)
{
	poke(b, at, NAME, name);
	poke(b, at, LD, ld);
	poke(b, at, NEXT, next);
}

static void build(struct core_builder *b, uint16_t machine, const struct row *row)
{
	const uint64_t auxv[][2] = {
		{ AT_PHDR, PHDR },
		{ AT_PHNUM, row->phnum == LAST ? 0
			    : row->phnum       ? row->phnum
					       : 3 },
		{ AT_BASE, row->is_static ? 0 : 0x7f000000 },
	};
	static const struct segment segments[] = {
		{ .type = PT_DYNAMIC, .vaddr = 0x2000, .memsz = 0x200 },
		{ .type = PT_PHDR, .vaddr = 0x40, .memsz = 0xa8 },
		{ .type = PT_LOAD, .memsz = 0x1000 },
	};

	builder_init(b, machine);
	builder_auxv(b, auxv, ARRAY_SIZE(auxv));
	builder_load(b, 0x10000, 0x1000, 0x1000, PF_R);
	builder_load(b, 0x12000, 0x1000, 0x1000, PF_R);
	builder_load(b, 0x20000, 0x4000, 0x4000, RW);
	builder_load(b, 0x30000, 0x1000, 0x1000, RW);
	builder_load(b, 0x40000, 0x1000, 0x1000, PF_R);
	for (size_t i = 0; i < ARRAY_SIZE(segments); i++)
		poke_segment(b, i, &segments[i]);
	for (unsigned int i = 0; i < PAGE / b->word; i += 2)
		poke(b, DYNAMIC, i, DT_NEEDED); /* no DT_NULL far and wide */
	poke(b, DYNAMIC, 2, DT_DEBUG);
	poke(b, DYNAMIC, 3, R_DEBUG);
	poke(b, DYNAMIC, 4, DT_NULL);
	if (row->lies[0].value == DT_NEEDED)
		poke(b, DYNAMIC, 4, DT_NEEDED);
	poke(b, R_DEBUG, VERSION, 2);
	poke(b, R_DEBUG, MAP, NODE_A);
	poke(b, R_DEBUG, NEXT_DEBUG, 0);
	poke_node(b, NODE_A, NAMES, DYNAMIC, NODE_B);
	poke_node(b, NODE_B, NAMES + 0x10, LIBRARY, 0);
	poke_node(b, NODE_C, NAMES + 0x20, LIBRARY, 0);
	for (uint64_t at = NAMES; at < NAMES + PAGE; at++)
		builder_poke(b, at, "x", 1);
	builder_poke(b, NAMES, "", 1);
	builder_poke(b, NAMES + 0x10, "/lib/x.so", 10);
	builder_poke(b, NAMES + 0x20, "", 1);
	for (size_t i = 0; i < ARRAY_SIZE(row->lies) && row->lies[i].at; i++)
		poke(b, row->lies[i].at, row->lies[i].word, row->lies[i].value);
}

static void check(uint16_t machine, const struct row *row)
{
	struct link_map_walk walk;
	struct rig rig;

	build(&rig.b, machine, row);
	rig_up(&rig);
	if (row->hole.end)
		core_memory_hole(&rig.window, row->hole.start, row->hole.end);
	assert_int_equal(link_map_add(&rig.view, &rig.ranges, &walk), row->found);
	ranges_join(&rig.ranges);
	assert_ranges(&rig.ranges, row->expected);
	spans_join(&rig.findings.names);
	assert_spans(&rig.findings.names, row->names);
	assert_int_equal(walk.nodes, row->nodes);
	assert_int_equal(walk.broken, row->broken);
	assert_int_equal(walk.endless, row->endless);
	assert_true(rig.window.reads < 100000);
	rig_done(&rig);
}

/* The plan says that it was made of a beginning. */
static void test_said(void **state)
{
	static const struct row cycle = { .lies = { { NODE_B, NEXT, NODE_A } } };
	struct planned f;

	(void)state;
	build(&f.b, EM_X86_64, &cycle);
	planned_build(&f);
	planned_look(&f);
	planned_make(&f);
	assert_true(planned_says(&f, "list of objects has no end"));
	assert_true(built_has(&f.output, NODE_A, NODE_A + 40));
	planned_done(&f);
}

static void test_row(void **state)
{
	check(EM_X86_64, *state);
	check(EM_386, *state);
	check(EM_AARCH64, *state);
}

/* Without auxiliary vector, or without memory, nothing is found, and nothing is done. */
static void test_nothing(void **state)
{
	struct link_map_walk walk;
	struct rig rig;

	(void)state;
	builder_init(&rig.b, EM_X86_64);
	builder_load(&rig.b, 0x10000, 0x1000, 0x1000, PF_R);
	rig_up(&rig);
	assert_false(link_map_add(&rig.view, &rig.ranges, &walk));
	assert_ranges(&rig.ranges, "");
	rig_done(&rig);
	build(&rig.b, EM_X86_64, &rows[0]);
	rig_up(&rig);
	rig.view.memory = NULL;
	assert_false(link_map_add(&rig.view, &rig.ranges, &walk));
	assert_ranges(&rig.ranges, "10-11:2");
	rig_done(&rig);
}

/* What the rule makes of it: said, and more kept beside objects, where it cannot be read. */
struct made {
	const char *name;
	const char *expected; /* of an object at page 100 with 65 pages behind it */
	bool unreadable, endless;
};

static const struct made makes[] = {
	{ "as it should be", "", false, false },
	{ "a static program", "", false, false },
	{ "a cycle", "", false, true },
	{ "next is nowhere", "101-142:2", true, false },
	{ "no PT_DYNAMIC", "101-142:2", true, false },
};

static const struct row *row_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	}
	fail_msg("no row %s", name);
	return NULL;
}

static void test_rule(void **state)
{
	const struct made *made = *state;
	struct ranges object = { 0 };
	struct rig rig;

	build(&rig.b, EM_X86_64, row_of(made->name));
	builder_load(&rig.b, 0x100000, PAGE, PAGE, PF_R);
	builder_load(&rig.b, 0x101000, 65 * PAGE, 65 * PAGE, RW);
	builder_file(&rig.b, 0x100000, 0x101000, 0, "/lib/x.so");
	builder_files(&rig.b);
	rig_up(&rig);
	rule_loader(&rig.view, &rig.ranges);
	assert_int_equal(rig.findings.loader_unreadable, made->unreadable);
	assert_int_equal(rig.findings.loader_endless, made->endless);
	for (size_t i = 0; i < rig.ranges.count; i++) {
		if (rig.ranges.ranges[i].start >= 0x100000)
			ranges_add(&object, rig.ranges.ranges[i].start,
				   rig.ranges.ranges[i].end, RANK_LOADER);
	}
	assert_ranges(&object, made->expected);
	ranges_done(&object);
	rig_done(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_nothing),
					    cmocka_unit_test(test_said) };
	int failed = RUN_TABLE(rows, test_row);

	failed += RUN_TABLE(makes, test_rule);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
