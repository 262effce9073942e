/* SPDX-License-Identifier: MIT */
/*
 * Where the search for what pointers lead to ends: at bounds of what is looked at, of pages, of a
 * budget.
 */
#include "tests/unit/planned.h"
#include "tests/unit/rig.h"
#include "tests/unit/table.h"

#define STACK	UINT64_C(0x70000000)
#define HEAP	UINT64_C(0x20000000)
#define GLOBALS UINT64_C(0x80000000)
#define P(page) (HEAP + (uint64_t)(page)*PAGE)

/* One thread, whose stack of so many pages is zeros from SP on; a heap. */
static void build(struct core_builder *b, uint64_t heap, uint64_t stack)
{
	static const uint8_t zeros[PAGE];

	builder_init(b, EM_X86_64);
	builder_thread(b, 1, STACK, 0, 0);
	builder_load(b, HEAP, heap * PAGE, heap * PAGE, RW);
	builder_load(b, STACK, stack * PAGE, stack * PAGE, RW);
	for (uint64_t i = 0; i < stack; i++)
		builder_poke(b, STACK + i * PAGE, zeros, PAGE);
}

static bool has(const struct rig *rig, uint64_t address)
{
	for (size_t i = 0; i < rig->ranges.count; i++) {
		const struct range *r = &rig->ranges.ranges[i];

		if (r->rank == RANK_POINTEE && r->start <= address && address < r->end)
			return true;
	}
	return false;
}

/* Without a word about what it comes to when compressed. */
static const struct type unweighed = {
	.name = "custom",
	.memory = true,
	.ranks = RANK_BIT(RANK_CRASH) | RANK_BIT(RANK_GLOBAL) | RANK_BIT(RANK_POINTEE),
	.budget = UINT64_MAX,
	.mapping_max = UINT64_MAX,
};

static void search(struct rig *rig, const struct type *type)
{
	rig->view.type = type;
	ranges_add(&rig->ranges, STACK, STACK + PAGE, RANK_CRASH);
	rule_pointee(&rig->view, &rig->ranges);
	assert_false(rig->ranges.failed);
}

/* 256 KiB of an object's global variables, 4 MiB of all: 20 of 200 KiB, and of one more 96 KiB. */
static void test_globals(void **state)
{
	const uint64_t size = 200 << 10, apart = 1 << 20;
	struct rig rig;

	(void)state;
	build(&rig.b, 200, 1);
	builder_load(&rig.b, GLOBALS, 22 * apart, 22 * apart, RW);
	for (uint64_t i = 0; i < 22; i++) {
		builder_poke_word(&rig.b, GLOBALS + i * apart + (50 << 10), P(2 * i));
		builder_poke_word(&rig.b, GLOBALS + i * apart + (150 << 10),
				  P(100 + 2 * i));
	}
	rig_up(&rig);
	for (uint64_t i = 0; i < 22; i++)
		ranges_add(&rig.ranges, GLOBALS + i * apart, GLOBALS + i * apart + size,
			   RANK_GLOBAL);
	search(&rig, &unweighed);
	for (uint64_t i = 0; i < 22; i++) {
		assert_int_equal(has(&rig, P(2 * i)), i <= 20);
		assert_int_equal(has(&rig, P(100 + 2 * i)), i < 20);
	}
	rig_done(&rig);
}

static void test_large_object(void **state)
{
	const uint64_t size = 300 << 10;
	struct rig rig;

	(void)state;
	build(&rig.b, 10, 1);
	builder_load(&rig.b, GLOBALS, size, size, RW);
	builder_poke_word(&rig.b, GLOBALS + (256 << 10) - 8, P(2));
	builder_poke_word(&rig.b, GLOBALS + (256 << 10), P(6));
	rig_up(&rig);
	ranges_add(&rig.ranges, GLOBALS, GLOBALS + size, RANK_GLOBAL);
	search(&rig, &unweighed);
	assert_true(has(&rig, P(2)));
	assert_false(has(&rig, P(6)));
	rig_done(&rig);
}

/* A window of 512 bytes over the end of a page, and a budget of one. */
static void test_one_page(void **state)
{
	struct type type = unweighed;
	struct rig rig;

	(void)state;
	type.budget = PAGE;
	type.scrub = true; /* as of triage: not weighed */
	build(&rig.b, 10, 1);
	builder_poke_word(&rig.b, STACK, P(4) - 8);
	builder_poke_word(&rig.b, STACK + 8, P(8));
	rig_up(&rig);
	search(&rig, &type);
	assert_true(has(&rig, P(4) - 8));
	assert_false(has(&rig, P(4)));
	assert_false(has(&rig, P(8)));
	rig_done(&rig);
}

struct array {
	const char *name;
	uint64_t second, third; /* behind a pointer to P(10) */
	unsigned int
		pages; /* of these of P(10) to P(29) are found; a window of 512 bytes always is */
};

static const struct array arrays[] = {
	{ "a slice", 1500, 2000, 3 },
	{ "a slice that is full", 1500, 1500, 3 },
	{ "a slice of no elements", 0, 2000, 1 },
	{ "a slice longer than its capacity", 1500, 1400, 1 },
	{ "a slice with more room than memory", 1500, UINT64_MAX, 1 },
	{ "a slice of too many: 64 KiB", 70000, 70000, 16 },
	{ "a vector", P(14), P(16), 4 },
	{ "a vector that is full", P(14), P(14), 4 },
	{ "a vector that is empty", P(10), P(14), 1 },
	{ "a vector that ends before it begins", P(14), P(12), 1 },
	{ "a vector with its room elsewhere", P(14), STACK, 1 },
	{ "a vector to the end of addresses", UINT64_MAX, UINT64_MAX, 1 },
	{ "a vector of too much: 64 KiB", P(29), P(30), 16 },
};

/* A pointer found before, by itself, does not hide it. */
static void test_array(void **state)
{
	const struct array *row = *state;
	struct rig rig;

	build(&rig.b, 40, 1);
	builder_poke_word(&rig.b, STACK, P(10));
	builder_poke_word(&rig.b, STACK + 32, P(10));
	builder_poke_word(&rig.b, STACK + 40, row->second);
	builder_poke_word(&rig.b, STACK + 48, row->third);
	rig_up(&rig);
	search(&rig, &unweighed);
	for (unsigned int i = 0; i < 20; i++) {
		uint64_t page = P(10 + i);
		bool near_end = row->second - page <= PAGE || row->third - page <= PAGE;

		if (!near_end) /* these are pointers, too, and what is before them is kept */
			assert_int_equal(has(&rig, page), i < row->pages);
	}
	rig_done(&rig);
}

/* malloc's size before P(10), with a slice there of so many bytes or words that it would end in P(12). */
struct chunk {
	const char *name;
	uint64_t size;
	unsigned int pages; /* of these from P(10) on are found */
};

static const struct chunk chunks[] = {
	{ "a slice of bytes ends with its chunk", 2 * PAGE, 2 },
	{ "a chunk of a page", PAGE, 1 },
	{ "a slice of words in what is no chunk", 2 * PAGE + 8, 3 },
	{ "a slice longer than its chunk", 1488, 1 },
};

static void test_chunk(void **state)
{
	const struct chunk *row = *state;
	struct rig rig;

	build(&rig.b, 40, 1);
	builder_poke_word(&rig.b, STACK, P(10));
	builder_poke_word(&rig.b, STACK + 8, 1500);
	builder_poke_word(&rig.b, STACK + 16, 1500);
	builder_poke_word(&rig.b, P(10) - 8, row->size | 1);
	builder_poke_word(&rig.b, P(10) - 8 + row->size, 64 | 1);
	rig_up(&rig);
	search(&rig, &unweighed);
	for (unsigned int i = 0; i < 20; i++)
		assert_int_equal(has(&rig, P(10 + i)), i < row->pages);
	rig_done(&rig);
}

/* Small numbers are no pointers, whatever is mapped at 0 (vm.mmap_min_addr). */
static void test_first_page(void **state)
{
	struct rig rig;

	(void)state;
	builder_init(&rig.b, EM_X86_64);
	builder_thread(&rig.b, 1, STACK, 0, 0);
	builder_load(&rig.b, 0, 4 * PAGE, 4 * PAGE, RW);
	builder_load(&rig.b, STACK, PAGE, PAGE, RW);
	builder_poke_word(&rig.b, STACK, 8);
	builder_poke_word(&rig.b, STACK + 8, 3 * PAGE);
	rig_up(&rig);
	search(&rig, &unweighed);
	assert_false(has(&rig, 8));
	assert_true(has(&rig, 3 * PAGE));
	rig_done(&rig);
}

/* Pages that are kept anyway cost nothing, but 16,384 of them are enough to look at. */
static void check_visits(uint64_t count, bool found)
{
	const uint64_t stack = page_up((count + 1) * 8) / PAGE;
	struct type type = unweighed;
	struct rig rig;

	type.budget = 2 * PAGE;
	type.scrub = true;
	build(&rig.b, 10, stack);
	builder_load(&rig.b, GLOBALS, 20000 * PAGE, 20000 * PAGE, RW);
	for (uint64_t i = 0; i < count; i++)
		builder_poke_word(&rig.b, STACK + 8 * i, GLOBALS + i * PAGE + 64);
	builder_poke_word(&rig.b, STACK + 8 * count, P(4) + 64);
	rig_up(&rig);
	ranges_add(&rig.ranges, GLOBALS, GLOBALS + 20000 * PAGE, RANK_GLOBAL);
	search(&rig, &type);
	assert_int_equal(has(&rig, P(4)), found);
	rig_done(&rig);
}

static void test_visits(void **state)
{
	(void)state;
	check_visits(16000, true);
	check_visits(17000, false);
}

/*
 * Pages around 200 pointees are too many for the file, windows are not: four steps away from the stack is
 * kept, and what is beside it is not.
 */
static void test_far(void **state)
{
	struct planned f;

	(void)state;
	build(&f.b, 2000, 1);
	for (uint64_t i = 0; i < 200; i++) {
		builder_poke_word(&f.b, STACK + 8 * i, P(2 * i) + 1024);
		for (uint64_t step = 0; step < 3; step++)
			builder_poke_word(&f.b, P(2 * i + 400 * step) + 1024,
					  P(2 * i + 400 * (step + 1)) + 1024);
	}
	planned_build(&f);
	planned_look(&f);
	planned_make(&f);
	for (uint64_t i = 0; i < 200; i++) {
		uint64_t far = P(2 * i + 1200) + 1024;

		assert_fate(&f, far, FATE_KEPT, RANK_POINTEE);
		assert_true(built_has(&f.output, far, far + 8));
		assert_fate(&f, far + 2048, FATE_PACKED, RANK_POINTEE);
	}
	planned_done(&f);
}

#define NEAR(i) P(100 + 2 * (uint64_t)(i))
#define FAR(i)	P(300 + 2 * (uint64_t)(i))
#define FAR_ALL 60

static void poke_noise(struct core_builder *b, uint64_t page)
{
	uint64_t noise[PAGE / 8], x = page | 1;

	for (size_t i = 0; i < ARRAY_SIZE(noise); i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		noise[i] = x | UINT64_C(1) << 63; /* no address */
	}
	builder_poke(b, page, noise, sizeof(noise));
}

/* How many pages of [first, end), every other one, are kept. */
static unsigned int kept_of(const struct planned *f, uint64_t first, uint64_t end)
{
	unsigned int n = 0;

	for (uint64_t at = first; at < end; at += 2 * PAGE)
		n += built_has(&f->output, at, at + 8);
	return n;
}

static const struct dense {
	const char *name;
	unsigned int near; /* pages of noise, of which a file may have 51 */
	unsigned int least, most; /* of those that are farther */
} denses[] = {
	{ "less than half", 22, 26, 28 },
	{ "more than half", 32, 8, 10 },
	{ "a fifth", 10, 38, 40 },
};

/*
 * Whole pages of what is nearest are more than half of a file, or less. No pointer is beside another: these
 * would be arrays.
 */
static void test_dense(void **state)
{
	const struct dense *row = *state;
	struct type type = *type_find("mini");
	unsigned int far;
	struct planned f;

	type.budget = 1 << 20; /* of which a file may have a fifth */
	build(&f.b, 5000, 1);
	builder_poke_word(&f.b, STACK, P(10) + 1024);
	builder_poke_word(&f.b, P(10) + 1024, P(12) + 1024);
	builder_poke_word(&f.b, P(10) + 1024 + 16, P(13) + 1024);
	for (unsigned int i = 0; i < row->near; i++) {
		builder_poke_word(&f.b, STACK + 16 + 16 * (uint64_t)i, NEAR(i) + 1024);
		poke_noise(&f.b, NEAR(i));
	}
	for (unsigned int i = 0; i < FAR_ALL; i++) {
		builder_poke_word(&f.b, P(12 + i / 30) + 1024 + 16 * (uint64_t)(i % 30),
				  FAR(i) + 1024);
		poke_noise(&f.b, FAR(i));
	}
	planned_build(&f);
	planned_look(&f);
	f.input.type = &type;
	planned_make(&f);
	assert_int_equal(kept_of(&f, NEAR(0), NEAR(row->near)), row->near);
	far = kept_of(&f, FAR(0), FAR(FAR_ALL));
	print_message("%u farther\n", far);
	assert_in_range(far, row->least, row->most);
	assert_false(
		built_has(&f.output, P(11), P(11) + 8)); /* between two that are kept */
	planned_done(&f);
}

/* Hints come before pointees, and have used up the budget but for a page. */
static void test_after_hints(void **state)
{
	static const uint8_t zeros[PAGE];
	struct hint hint = { HINT_KEEP, GLOBALS, GLOBALS + 1022 * PAGE, 0, "" };
	struct type type = *type_find("mini");
	struct planned f;

	(void)state;
	type.budget = 1024 * PAGE;
	build(&f.b, 40, 1);
	builder_load(&f.b, GLOBALS, 1024 * PAGE, 1024 * PAGE, RW);
	for (uint64_t i = 0; i < 1024; i++)
		builder_poke(&f.b, GLOBALS + i * PAGE, zeros, PAGE);
	for (uint64_t i = 0; i < 5; i++)
		builder_poke_word(&f.b, STACK + 8 * i, P(4 * i) + 1024);
	planned_build(&f);
	planned_look(&f);
	planned_hint(&f, &hint, 1);
	f.input.type = &type;
	planned_make(&f);
	for (uint64_t i = 0; i < 5; i++)
		assert_fate(&f, P(4 * i) + 1024, i < 2 ? FATE_KEPT : FATE_BUDGET,
			    RANK_POINTEE);
	planned_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_globals),	    cmocka_unit_test(test_large_object),
		cmocka_unit_test(test_one_page),    cmocka_unit_test(test_first_page),
		cmocka_unit_test(test_visits),	    cmocka_unit_test(test_far),
		cmocka_unit_test(test_after_hints),
	};

	return RUN_TABLE(arrays, test_array) + RUN_TABLE(chunks, test_chunk) +
	       RUN_TABLE(denses, test_dense) + cmocka_run_group_tests(tests, NULL, NULL);
}
