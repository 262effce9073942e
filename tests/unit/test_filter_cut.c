/* SPDX-License-Identifier: MIT */
/*
 * Cut at every page and a bit beside it: the header stays as long, and true.
 */
#include "tests/unit/planned.h"
#include "tests/unit/table.h"

struct cut {
	const char *name;
	const char *type;
	uint16_t machine;
	uint32_t shuffle;
	bool notes_late;
	bool looks; /* with a window, and secrets */
	bool sorted; /* headers in memory's order */
	bool by_rank; /* and from the middle on as the input has it */
};

static const struct cut cuts[] = {
	{ "stacks", "stacks", EM_X86_64, 0, false, false, false, false },
	{ "mini", "mini", EM_X86_64, 0, false, false, false, false },
	{ "mini, i386", "mini", EM_386, 0, false, false, false, false },
	{ "mini, aarch64, any order", "mini", EM_AARCH64, 9, false, false, false, false },
	{ "full", "full", EM_X86_64, 0, false, false, false, false },
	{ "full, i386, any order", "full", EM_386, 5, false, false, false, false },
	{ "full, notes late", "full", EM_X86_64, 0, true, false, false, false },
	{ "full, headers in any order", "full", EM_X86_64, 3, false, false, true, false },
	{ "mini, headers in any order", "mini", EM_X86_64, 4, false, true, true, false },
	{ "stacks with secrets", "stacks", EM_X86_64, 0, false, true, false, false },
	{ "full with secrets, any order", "full", EM_AARCH64, 6, false, true, false,
	  false },
	{ "triage", "triage", EM_X86_64, 0, false, true, false, false },
	{ "triage, i386, any order", "triage", EM_386, 7, false, true, false, false },
	{ "mini by rank", "mini", EM_X86_64, 0, false, true, false, true },
	{ "heap by rank, i386, any order", "heap", EM_386, 4, false, false, true, true },
	{ "triage by rank", "triage", EM_AARCH64, 7, false, true, false, true },
	{ "stacks by rank", "stacks", EM_X86_64, 3, false, true, false, true },
};

/* In a file's data, over the end of a stack's page, most of a heap's page, all of two. */
static struct hint secrets[] = {
	{ .kind = HINT_SECRET, .start = 0x10004010, .end = 0x10004021 },
	{ .kind = HINT_SECRET, .start = 0x60004ff1, .end = 0x60005003 },
	{ .kind = HINT_SECRET, .start = 0x20002008, .end = 0x20003000 },
	{ .kind = HINT_SECRET, .start = 0x7fff2000, .end = 0x7fff4000 },
};

static void test_cut(void **state)
{
	static const int64_t beside[] = { -1, 0, 1, 77 };
	const struct cut *row = *state;
	struct planned f;
	uint64_t whole;

	builder_usual(&f.b, row->machine);
	f.b.shuffle = row->shuffle;
	f.b.notes_late = row->notes_late;
	f.b.sorted = row->sorted;
	planned_build(&f);
	f.input.type = type_find(row->type);
	f.input.by_rank = row->by_rank;
	if (row->looks) {
		planned_look(&f);
		planned_hint(&f, secrets, ARRAY_SIZE(secrets));
	}
	planned_make(&f);
	whole = f.plan.size;
	for (uint64_t page = 0; page <= whole; page += PAGE) {
		for (size_t i = 0; i < ARRAY_SIZE(beside); i++) {
			uint64_t size = page + (uint64_t)beside[i];

			if (size < f.plan.header_size || size > whole)
				continue;
			planned_again(&f);
			if (f.plan.by_rank && i == 2)
				planned_follow(&f, page_down(size / 2 > f.plan.header_size
								     ? size / 2
								     : size));
			planned_cut(&f, size);
		}
	}
	planned_again(&f);
	planned_cut(&f, whole);
	assert_int_equal(f.memory, f.plan.memory);
	planned_done(&f);
}

int main(void)
{
	return RUN_TABLE(cuts, test_cut);
}
