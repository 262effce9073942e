/* SPDX-License-Identifier: MIT */
/*
 * Whether a secret is among the strings of arguments and environment, of which others have copies.
 */
#include <elf.h>

#include "filter/strings.h"
#include "tests/unit/core_builder.h"
#include "tests/unit/table.h"

#define STACK	  0x7ffd0000u
#define STACK_END 0x7ffe0000u
#define RANDOM	  0x7ffdf109u /* of all marks the lowest */
#define WORD	  0x7ffdf108u /* that it lies in */

struct secret {
	const char *name;
	uint64_t random, platform; /* 0: the auxiliary vector has none */
	uint64_t start, end; /* of the hint; 0: none */
	enum hint_kind kind;
	bool unreadable, want;
};

static const struct secret rows[] = {
	{ "no hint", RANDOM, 0, 0, 0, HINT_SECRET, false, false },
	{ "an argument", RANDOM, 0, 0x7ffdf800, 0x7ffdf808, HINT_SECRET, false, true },
	{ "kept, no secret", RANDOM, 0, 0x7ffdf800, 0x7ffdf808, HINT_KEEP, false, false },
	{ "the last byte", RANDOM, 0, STACK_END - 1, STACK_END, HINT_SECRET, false,
	  true },
	{ "behind it", RANDOM, 0, STACK_END, STACK_END + 8, HINT_SECRET, false, false },
	{ "on the stack below", RANDOM, 0, STACK, WORD, HINT_SECRET, false, false },
	{ "over the beginning", RANDOM, 0, STACK, WORD + 1, HINT_SECRET, false, true },
	{ "elsewhere", RANDOM, 0, 0x1000, 0x2000, HINT_SECRET, false, false },
	{ "the lowest mark counts", RANDOM, WORD - 16, STACK, WORD - 15, HINT_SECRET,
	  false, true },
	{ "nobody knows where", 0, 0, 0x1000, 0x2000, HINT_SECRET, false, true },
	{ "a mark outside memory", 0x500, 0, 0x1000, 0x2000, HINT_SECRET, false, true },
	{ "nobody knows, no hint", 0, 0, 0, 0, HINT_SECRET, false, false },
	{ "unreadable", RANDOM, 0, 0, 0, HINT_SECRET, true, true },
};

static void test_row(void **state)
{
	const struct secret *row = *state;
	struct segment segments[] = {
		{ .type = PT_NOTE, .filesz = 8, .memsz = UINT64_MAX },
		{ .type = PT_LOAD, .vaddr = 0x1000, .memsz = 0x1000 },
		{ .type = PT_LOAD, .vaddr = STACK, .memsz = STACK_END - STACK },
	};
	const struct core core = { .segments = segments, .count = 3 };
	uint8_t auxv[48] = { 0 };
	const struct notes notes = { .word = 8, .auxv = { auxv, sizeof(auxv) } };
	struct hint hint = { .kind = row->kind, .start = row->start, .end = row->end };
	const struct hints hints = { .hints = &hint,
				     .count = row->end != 0,
				     .unreadable = row->unreadable };

	builder_put(auxv, row->random ? AT_RANDOM : AT_IGNORE, 8);
	builder_put(auxv + 8, row->random, 8);
	builder_put(auxv + 16, row->platform ? AT_PLATFORM : AT_IGNORE, 8);
	builder_put(auxv + 24, row->platform, 8);
	assert_int_equal(strings_are_secret(&core, &notes, &hints), row->want);
	assert_false(strings_are_secret(&core, &notes, NULL));
}

int main(void)
{
	return RUN_TABLE(rows, test_row);
}
