/* SPDX-License-Identifier: MIT */
/*
 * What the functions of hints/dumpd-hints.h write; and that a table is found, and read as
 * it was meant.
 */
#include <stdlib.h>

#include "tests/unit/hints_world.h"
#include "tests/unit/table.h"

/* What filter/ repeats because it may not include it. */
static void test_abi(void **state)
{
	(void)state;
	assert_int_equal(TABLE_MAGIC, DUMPD_HINTS_MAGIC);
	assert_int_equal(TABLE_VERSION, DUMPD_HINTS_VERSION);
	assert_int_equal(TABLE_HEADER_SIZE, DUMPD_HINTS_HEADER_SIZE);
	assert_int_equal(TABLE_ENTRY_SIZE, DUMPD_HINTS_ENTRY_SIZE);
	assert_int_equal(ENTRY_FREE, DUMPD_HINTS_FREE);
	assert_int_equal(ENTRY_BUSY, DUMPD_HINTS_BUSY);
	assert_int_equal(ENTRY_SET, DUMPD_HINTS_SET);
	assert_int_equal(ENTRY_KEEP, DUMPD_HINT_KEEP);
	assert_int_equal(ENTRY_KEEP_POINTEE, DUMPD_HINT_KEEP_POINTEE);
	assert_int_equal(ENTRY_DROP, DUMPD_HINT_DROP);
	assert_int_equal(ENTRY_SECRET, DUMPD_HINT_SECRET);
	assert_int_equal(ENTRY_TEXT, DUMPD_HINT_TEXT);
	assert_int_equal(sizeof(((struct hint *)0)->tag), DUMPD_HINTS_TAG_SIZE);
	assert_memory_equal(&(uint32_t){ DUMPD_HINTS_MAGIC }, "DHNT", 4);
}

/* A process with so many mappings that the kernel left NT_FILE out. */
static void test_by_names(void **state)
{
	const struct dumpd_hint secret = { SET(DUMPD_HINT_SECRET, 0x1000, 16) };
	struct named named[] = {
		{ DATA_AT, DATA_AT + DATA_SIZE, 0, world_text("[heap]") },
		{ TABLE_AT, TABLE_AT + TABLE_ROOM, 0, world_text(MEMFD) },
	};
	struct names names = { named, ARRAY_SIZE(named), false };
	struct world *w = world_new(16);
	struct hints hints;

	(void)state;
	world_set_entry(w, 0, &secret);
	assert_int_equal(world_read_names(w, &names, &hints), 0);
	assert_true(hints.found);
	assert_false(hints.unreadable);
	assert_int_equal(hints.count, 1);
	assert_int_equal(hints.hints[0].start, 0x1000);
	assert_int_equal(hints.hints[0].end, 0x1010);
	hints_done(&hints);
	names.count = 1;
	assert_int_equal(world_read_names(w, &names, &hints), 0);
	assert_false(hints.found || hints.unreadable);
	hints_done(&hints);
	free(w);
}

static size_t read_own(void *context, uint64_t address, void *to, size_t n)
{
	(void)context;
	memcpy(to, (const void *)(uintptr_t)address, n);
	return n;
}

static void same_range(const struct hint *hint, enum hint_kind kind, const void *p,
		       size_t n, unsigned int priority, const char *tag)
{
	assert_int_equal(hint->kind, kind);
	assert_int_equal(hint->start, (uintptr_t)p);
	assert_int_equal(hint->end, (uintptr_t)p + n);
	assert_int_equal(hint->priority, priority);
	assert_string_equal(hint->tag, tag);
}

/* What the header's functions write in this very process. */
static void test_own(void **state)
{
	static char memory[64] = "said by itself";
	char *pointer = memory + 8;
	uint16_t length = 24;
	struct notes notes = { .word = sizeof(void *),
			       .file_count = 1,
			       .has_files = true };
	const struct memory own = { .read = read_own };
	struct file_mapping file = { .path = world_text(MEMFD) };
	dumpd_hint_id removed;
	struct hints hints;

	(void)state;
	assert_int_equal(dumpd_hints_prepare(), 0);
	file.start = (uintptr_t)dumpd_hints_table_1;
	file.end = file.start + 17 * PAGE;
	notes.files = &file;
	assert_true(dumpd_hints_add(dumpd_keep(memory, 16, 7, "keep")) > 0);
	removed = dumpd_hints_add(dumpd_secret(memory, 16, "removed"));
	assert_true(removed > 0);
	assert_true(dumpd_hints_add(dumpd_keep_pointee(&pointer, 4, 1, "pointee")) > 0);
	assert_true(dumpd_hints_add(dumpd_keep_pointee_of(
			    &pointer, &length, sizeof(length), 0, 2, "of")) > 0);
	assert_true(dumpd_hints_add(dumpd_drop(memory + 1, 2, "drop")) > 0);
	assert_true(dumpd_hints_add(dumpd_secret(memory + 40, 3, "secret")) > 0);
	assert_true(dumpd_hints_add(dumpd_text(memory, sizeof(memory) / 2, "text")) > 0);
	assert_int_equal(dumpd_hints_remove(removed), 0);
	assert_int_equal(hints_read(&notes, NULL, &own, &hints), 0);
	assert_false(hints.unreadable);
	assert_int_equal(hints.count, 6);
	same_range(&hints.hints[0], HINT_KEEP, memory, 16, 7, "keep");
	same_range(&hints.hints[1], HINT_KEEP, pointer, 4, 1, "pointee");
	same_range(&hints.hints[2], HINT_KEEP, pointer, 24, 2, "of");
	same_range(&hints.hints[3], HINT_DROP, memory + 1, 2, 0, "drop");
	same_range(&hints.hints[4], HINT_SECRET, memory + 40, 3, 0, "secret");
	same_range(&hints.hints[5], HINT_TEXT, memory, 32, 0, "text");
	assert_int_equal(hints.text_count, 1);
	assert_int_equal(hints.texts[0].n, 14);
	assert_memory_equal(hints.texts[0].bytes, "said by itself", 14);
	hints_done(&hints);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_abi),
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_by_names),
	};

	return cmocka_run_group_tests_name("hints", tests, NULL, NULL);
}
