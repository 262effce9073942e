/* SPDX-License-Identifier: MIT */
/*
 * gdb's JIT interface of a module: found by its symbol as the dynamic linker finds it, by nothing that only looks
 * like it, and bounded whatever the program wrote. Pages: jit_world.h.
 */
#include "tests/unit/jit_world.h"
#include "tests/unit/rig.h"
#include "tests/unit/table.h"

#include "filter/jit.h"

struct row {
	const char *name;
	struct lie lies[4];
	const char *expected; /* joined */
	struct span hole;
	uint16_t machine; /* 0: of all */
};

#define NO_FILES "40-41:2 50-53:2"
#define ALL	 "40-41:2 50-53:2 100-102:2 200-202:2 300-302:2"
#define NO_LIST	 "40-41:2"

#define WITHOUT_BIT(bit) (~(UINT64_C(1) << (bit)))

static const struct row rows[] = {
	{ "as it should be", .expected = ALL },
	{ "musl: without the bias",
	  { { DYNAMIC, VALUE_HASH, HASHES - MODULE },
	    { DYNAMIC, VALUE_SYMBOLS, SYMBOLS - MODULE },
	    { DYNAMIC, VALUE_STRINGS, STRINGS - MODULE } },
	  .expected = ALL },
	{ "no hash table", { { DYNAMIC, 2, DT_HASH } }, .expected = "" },
	{ "no strings", { { DYNAMIC, 4, DT_NEEDED } }, .expected = "" },
	{ "no symbols", { { DYNAMIC, 6, DT_NEEDED } }, .expected = "" },
	{ "PT_DYNAMIC ends before them", { { DYNAMIC, 0, DT_NULL } }, .expected = "" },
	{ "PT_DYNAMIC is nowhere", { { NODE, L_LD, NOWHERE } }, .expected = "" },
	{ "no PT_DYNAMIC", { { NODE, L_LD, 0 } }, .expected = "" },
	{ "a hash table nowhere", { { DYNAMIC, VALUE_HASH, NOWHERE } }, .expected = "" },
	{ "symbols nowhere", { { DYNAMIC, VALUE_SYMBOLS, NOWHERE } }, .expected = "" },
	{ "strings nowhere", { { DYNAMIC, VALUE_STRINGS, NOWHERE } }, .expected = "" },
	{ "PT_DYNAMIC is not there", .expected = "", .hole = { MODULE, HASHES } },
	{ "a hash table that is not there", .expected = "", .hole = { HASHES, SYMBOLS } },
	{ "symbols that are not there", .expected = "", .hole = { SYMBOLS, STRINGS } },
	{ "strings that are not there", .expected = "", .hole = { STRINGS, OTHER } },

	{ "no buckets", { { HEAD, 0, 0 } }, .expected = "" },
	{ "buckets beyond memory", { { HEAD, 0, UINT32_MAX } }, .expected = "" },
	{ "all symbols are before the first",
	  { { HEAD, 1, UINT32_MAX } },
	  .expected = "" },
	{ "no filter", { { HEAD, 2, 0 } }, .expected = "" },
	{ "a filter beyond memory", { { HEAD, 2, UINT32_MAX } }, .expected = "" },
	{ "a filter shifted by all bits", { { HEAD, 3, 32 } }, .expected = "" },
	{ "a filter of zeros",
	  { { FILTER, HASH / 64 % WORDS, 0 } },
	  .expected = "",
	  .machine = EM_X86_64 },
	{ "a filter without the first bit",
	  { { FILTER, HASH / 64 % WORDS, WITHOUT_BIT(HASH % 64) } },
	  .expected = "",
	  .machine = EM_X86_64 },
	{ "a filter without the second bit",
	  { { FILTER, HASH / 64 % WORDS, WITHOUT_BIT((HASH >> SHIFT) % 64) } },
	  .expected = "",
	  .machine = EM_X86_64 },
	{ "a filter of the first word",
	  { { FILTER, HASH / 64 % WORDS, UINT64_MAX } },
	  .expected = ALL,
	  .machine = EM_X86_64 },
	{ "a bucket from before the first",
	  { { BUCKET, HASH % BUCKETS, FIRST - 1 }, { CHAIN, 0, 0 } },
	  .expected = "" },
	{ "an empty bucket", { { BUCKET, HASH % BUCKETS, 0 } }, .expected = "" },
	{ "a bucket that begins at the symbol",
	  { { BUCKET, HASH % BUCKETS, SYMBOL(POSITION) } },
	  .expected = ALL },
	{ "a bucket that begins behind it",
	  { { BUCKET, HASH % BUCKETS, SYMBOL(POSITION) + 1 } },
	  .expected = "" },
	{ "a bucket beyond memory",
	  { { BUCKET, HASH % BUCKETS, UINT32_MAX } },
	  .expected = "" },
	{ "a bucket that ends before it",
	  { { CHAIN, POSITION, HASH | 1 } },
	  .expected = "" },
	{ "another hash before it",
	  { { CHAIN, POSITION, (HASH + 2) & ~1 } },
	  .expected = ALL },
	{ "another hash", { { CHAIN, POSITION + 1, (HASH + 2) | 1 } }, .expected = "" },
	{ "not the last of its bucket",
	  { { CHAIN, POSITION + 1, HASH & ~1 } },
	  .expected = ALL },
	{ "another name", { { SYMBOL_NAME, 0, OTHER_AT } }, .expected = "" },
	{ "a name behind the strings",
	  { { SYMBOL_NAME, 0, UINT32_MAX } },
	  .expected = "" },
	{ "used, not defined", { { SYMBOL_VALUE, 0, 0 } }, .expected = "" },

	{ "a descriptor nowhere", { { SYMBOL_VALUE, 0, NOWHERE } }, .expected = "" },
	{ "a descriptor over the end of memory",
	  { { SYMBOL_VALUE, 0, 0x40ff8 - MODULE } },
	  .expected = NO_LIST },
	{ "no entry", { { LIST, LIST_FIRST, 0 } }, .expected = NO_LIST },
	{ "only the relevant entry",
	  { { LIST, 0, ENTRY(0) }, { LIST, 1, 0 } },
	  .expected = NO_LIST },
	{ "the first is nowhere",
	  { { LIST, LIST_FIRST, NOWHERE } },
	  .expected = NO_LIST },
	{ "an entry over the end of memory",
	  { { LIST, LIST_FIRST, 0x5fff0 } },
	  .expected = NO_LIST },
	{ "the next is nowhere",
	  { { ENTRY_A, ENTRY_NEXT, NOWHERE } },
	  .expected = "40-41:2 50-51:2 100-102:2" },
	{ "the last",
	  { { ENTRY_B, ENTRY_NEXT, 0 } },
	  .expected = "40-41:2 50-52:2 100-102:2 200-202:2" },
	{ "an entry that is its own next",
	  { { ENTRY_A, ENTRY_NEXT, ENTRY(0) } },
	  .expected = "40-41:2 50-51:2 100-102:2" },
	{ "a circle", { { ENTRY_C, ENTRY_NEXT, ENTRY(0) } }, .expected = ALL },
	{ "a circle of empty files",
	  { { ENTRY_C, ENTRY_NEXT, ENTRY(0) },
	    { SIZE_A, 0, 0 },
	    { SIZE_B, 0, 0 },
	    { SIZE_C, 0, 0 } },
	  .expected = NO_FILES },
	{ "an empty file",
	  { { SIZE_B, 0, 0 } },
	  .expected = "40-41:2 50-53:2 100-102:2 300-302:2" },
	{ "a file nowhere",
	  { { ENTRY_A, ENTRY_FILE, NOWHERE } },
	  .expected = "40-41:2 50-53:2 200-202:2 300-302:2" },
	{ "a file over the end of memory",
	  { { ENTRY_C, ENTRY_FILE, 0x3ff800 } },
	  .expected = "40-41:2 50-53:2 100-102:2 200-202:2 3ff-400:2" },
	{ "the first file takes all: 1 MiB",
	  { { SIZE_A, 0, 0x100000 } },
	  .expected = "40-41:2 50-53:2 100-201:2" },
	{ "and no more",
	  { { SIZE_A, 0, UINT64_MAX } },
	  .expected = "40-41:2 50-53:2 100-201:2" },
	{ "and leaves a page to the second",
	  { { SIZE_A, 0, 0xff000 }, { ENTRY_B, ENTRY_FILE, FILE_AT(2) } },
	  .expected = "40-41:2 50-53:2 100-200:2 300-302:2" },
	{ "and leaves a byte to the second",
	  { { SIZE_A, 0, 0xfffff }, { ENTRY_B, ENTRY_FILE, FILE_AT(2) } },
	  .expected = "40-41:2 50-53:2 100-201:2 300-301:2" },

	{ "tagged pointers",
	  { { LIST, LIST_FIRST, TAG | ENTRY(0) },
	    { ENTRY_A, ENTRY_NEXT, TAG | ENTRY(1) },
	    { ENTRY_A, ENTRY_FILE, TAG | FILE_AT(0) } },
	  .expected = ALL,
	  .machine = EM_AARCH64 },
	{ "a machine without tags",
	  { { LIST, LIST_FIRST, TAG | ENTRY(0) } },
	  .expected = NO_LIST,
	  .machine = EM_X86_64 },
};

static void check(struct rig *rig, const char *expected)
{
	jit_add(&rig->view, &rig->ranges);
	assert_false(rig->ranges.failed);
	ranges_join(&rig->ranges);
	assert_ranges(&rig->ranges, expected);
	assert_true(rig->window.reads < 10000);
}

static const uint16_t machines[] = { EM_X86_64, EM_386, EM_AARCH64 };

static void test_row(void **state)
{
	const struct row *row = *state;

	for (size_t m = 0; m < ARRAY_SIZE(machines); m++) {
		struct rig rig;

		if (row->machine && row->machine != machines[m])
			continue;
		jit_world_build(&rig.b, machines[m], POSITION);
		jit_world_node(&rig.b, 0, MODULE, MODULE, true);
		for (size_t i = 0; i < ARRAY_SIZE(row->lies); i++) {
			if (row->lies[i].place)
				jit_world_tell(&rig.b, &row->lies[i]);
		}
		rig_up(&rig);
		if (row->hole.end)
			core_memory_hole(&rig.window, row->hole.start, row->hole.end);
		check(&rig, row->expected);
		rig_done(&rig);
	}
}

/* What is before the module's symbol is looked at, up to a bound. */
struct bound {
	const char *name;
	uint64_t modules; /* without any symbol */
	uint64_t alike; /* modules with 64 symbols of the same hash */
	uint64_t position; /* symbols of the same hash in its own bucket */
	bool found;
};

static const struct bound bounds[] = {
	{ "the first", 0, 0, 0, true },
	{ "the 1,024th module", 1023, 0, 0, true },
	{ "the 1,025th module", 1024, 0, 0, false },
	{ "the 64th of its bucket", 0, 0, 63, true },
	{ "the 65th of its bucket", 0, 0, 64, false },
	{ "the 256th of this hash", 0, 3, 63, true },
	{ "the 257th of this hash", 0, 4, 0, false },
};

static void test_bound(void **state)
{
	const struct bound *bound = *state;
	const uint64_t before = bound->modules + bound->alike;

	for (size_t m = 0; m < ARRAY_SIZE(machines); m++) {
		struct rig rig;

		jit_world_build(&rig.b, machines[m], bound->position);
		for (uint64_t i = 0; i < before; i++)
			jit_world_node(&rig.b, i, 0, i < bound->alike ? OTHER : NOWHERE,
				       false);
		jit_world_node(&rig.b, before, MODULE, MODULE, true);
		rig_up(&rig);
		check(&rig, bound->found ? ALL : "");
		rig_done(&rig);
	}
}

/* Six modules have one, each in the page below the one before: four are taken. */
static void test_descriptors(void **state)
{
	(void)state;
	for (size_t m = 0; m < ARRAY_SIZE(machines); m++) {
		struct rig rig;

		jit_world_build(&rig.b, machines[m], POSITION);
		for (uint64_t i = 0; i < 6; i++) {
			jit_world_node(&rig.b, i, MODULE - i * PAGE, MODULE, i == 5);
			jit_world_word(&rig.b, DESCRIPTOR - i * PAGE + 8, LIST_FIRST,
				       i < 3 ? ENTRY(i) : 0);
			jit_world_word(&rig.b, ENTRY(i % 3), ENTRY_NEXT, 0);
		}
		jit_world_tell(&rig.b, &(struct lie){ SIZE_B, 0, UINT64_MAX });
		rig_up(&rig);
		/* the second's file takes what the first has left, and leaves nothing to the third */
		check(&rig, "3d-41:2 50-53:2 100-102:2 200-2ff:2");
		rig_done(&rig);
	}
}

/* No memory to look at, no executable, no linker: nothing is found, and nothing is done. */
static void test_nothing(void **state)
{
	struct rig rig;

	(void)state;
	jit_world_build(&rig.b, EM_X86_64, POSITION);
	jit_world_node(&rig.b, 0, MODULE, MODULE, true);
	rig_up(&rig);
	rig.view.memory = NULL;
	check(&rig, "");
	rig_done(&rig);

	jit_world_build(&rig.b, EM_X86_64, POSITION);
	jit_world_node(&rig.b, 0, MODULE, MODULE, true);
	jit_world_word(&rig.b, EXECUTABLE, 1, 0); /* DT_DEBUG before the linker has run */
	rig_up(&rig);
	check(&rig, "");
	rig_done(&rig);

	builder_init(&rig.b, EM_X86_64);
	builder_load(&rig.b, 0x10000, 0x4000, 0x4000, PF_R);
	rig_up(&rig);
	check(&rig, "");
	rig_done(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_descriptors),
					    cmocka_unit_test(test_nothing) };
	int failed = RUN_TABLE(rows, test_row);

	failed += RUN_TABLE(bounds, test_bound);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
