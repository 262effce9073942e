/* SPDX-License-Identifier: MIT */
/*
 * Notes that lie about their sizes, are cut at every byte, or are random.
 */
#include "tests/unit/built_notes.h"
#include "tests/unit/machines.h"
#include "tests/unit/table.h"

static const struct elf_header x86_64 = { .word = 8, .machine = EM_X86_64 };

/* Notes of a good core cut at every byte, in a buffer just as long. */
static void test_cut(void **state)
{
	const struct machine_row *row = *state;
	struct core_builder b;
	struct elf_header header;
	struct notes whole;

	builder_usual(&b, row->machine);
	header = header_of(&b);
	read_built(&b, &whole);
	for (size_t n = 0; n < b.notes.n; n++) {
		uint8_t *copy = malloc(n + !n);
		struct notes notes;

		memcpy(copy, b.notes.p, n);
		notes_read(&header, (struct bytes){ copy, n }, &notes);
		assert_true(notes.thread_count <= whole.thread_count);
		assert_true(notes.file_count <= whole.file_count);
		assert_true(n == 0 || !notes.has_files || notes.thread_count > 0);
		notes_done(&notes);
		free(copy);
	}
	notes_done(&whole);
	builder_done(&b);
}

struct sizes {
	const char *name;
	uint32_t namesz, descsz;
	size_t n; /* bytes that are there */
	bool taken;
	bool broken;
};

static const struct sizes sizes[] = {
	{ "good", 5, 8, 28, true, false },
	{ "last padding missing", 5, 7, 27, true, false },
	{ "name and description empty", 0, 0, 12, true, false },
	{ "no name", 0, 16, 28, true, false },
	{ "rest of less than a header", 5, 0, 31, true, true },
	{ "nothing", 0, 0, 0, false, false },
	{ "a byte", 0, 0, 1, false, true },
	{ "header without its last byte", 0, 0, 11, false, true },
	{ "description past the end", 5, 9, 28, false, true },
	{ "name past the end", 17, 0, 28, false, true },
	{ "namesz largest", 0xffffffff, 0, 28, false, true },
	{ "namesz whose padding is 2^32", 0xfffffffd, 8, 28, false, true },
	{ "descsz largest", 5, 0xffffffff, 28, false, true },
	{ "both largest", 0xffffffff, 0xffffffff, 28, false, true },
};

static void test_size(void **state)
{
	const struct sizes *row = *state;
	uint8_t *p = calloc(1, row->n + !row->n);
	uint8_t header[12];
	struct bytes b = { p, row->n };
	struct note note;
	struct notes notes;
	size_t at = 0;

	builder_put(header, row->namesz, 4);
	builder_put(header + 4, row->descsz, 4);
	builder_put(header + 8, 77, 4);
	memcpy(p, header, row->n < 12 ? row->n : 12);
	assert_int_equal(note_next(b, &at, &note), row->taken);
	assert_int_equal(at > 0, row->taken);
	if (row->taken) {
		assert_int_equal(note.type, 77);
		assert_int_equal(note.desc.n, row->descsz);
	}
	notes_read(&x86_64, b, &notes);
	assert_int_equal(notes.broken, row->broken);
	notes_done(&notes);
	free(p);
}

/* Random bytes, and good notes with random bytes changed. */
static void test_random(void **state)
{
	const struct machine_row *row = *state;
	uint32_t seed = 99;
	struct core_builder b;

	builder_usual(&b, row->machine);
	for (int round = 0; round < 3000; round++) {
		size_t n = b.notes.n - builder_random(&seed) % 40;
		uint8_t *copy = malloc(n);
		struct elf_header header = header_of(&b);
		struct notes notes;
		uint64_t value;

		memcpy(copy, b.notes.p, n);
		for (int i = 0; i < 4; i++)
			copy[builder_random(&seed) % n] = (uint8_t)builder_random(&seed);
		for (size_t i = 0; round % 3 == 0 && i < n; i++)
			copy[i] = (uint8_t)builder_random(&seed);
		notes_read(&header, (struct bytes){ copy, n }, &notes);
		(void)notes_auxv(&notes, AT_ENTRY, &value);
		(void)notes_file_at(&notes, builder_random(&seed));
		notes_done(&notes);
		free(copy);
	}
	builder_done(&b);
}

int main(void)
{
	int failed = RUN_TABLE(machines, test_cut);

	failed += RUN_TABLE(machines, test_random);
	return failed + RUN_TABLE(sizes, test_size);
}
