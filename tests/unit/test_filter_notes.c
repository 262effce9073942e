/* SPDX-License-Identifier: MIT */
/*
 * PT_NOTE: what each machine's threads carry, and notes that lie about their sizes.
 */
#include "tests/unit/core_builder.h"
#include "tests/unit/table.h"

#define NOTE_SIGINFO 0x53494749
#define NOTE_FILE    0x46494c45

static const struct elf_header x86_64 = { .word = 8, .machine = EM_X86_64 };

struct machine_row {
	const char *name;
	uint16_t machine;
	uint64_t high; /* of an address that only this word can hold */
};

static const struct machine_row machines[] = {
	{ "x86-64", EM_X86_64, UINT64_C(0x7ffff00000000000) },
	{ "i386", EM_386, 0xf0000000 },
	{ "aarch64", EM_AARCH64, UINT64_C(0xffff00000000) },
};

static struct elf_header header_of(const struct core_builder *b)
{
	return (struct elf_header){ .word = b->word, .machine = b->machine };
}

static void read_built(struct core_builder *b, struct notes *ret)
{
	struct elf_header header = header_of(b);

	notes_read(&header, (struct bytes){ b->notes.p, b->notes.n }, ret);
}

static void test_threads(void **state)
{
	const struct machine_row *row = *state;
	struct core_builder b;
	struct notes notes;

	builder_init(&b, row->machine);
	for (uint32_t i = 0; i < 9; i++) { /* more than doubling once */
		builder_thread(&b, 100 + i, row->high + 0x10 * i, row->high + i,
			       row->high + 0x1000 * i);
		builder_note(&b, "CORE", NT_FPREGSET, "fpregset", i % 9);
		builder_note(&b, "LINUX", NT_X86_XSTATE, "xstate", 6 - i % 6);
		if (i == 0)
			builder_psinfo(&b, 4711, 33, "comm", "comm -x");
	}
	read_built(&b, &notes);
	assert_false(notes.broken);
	assert_int_equal(notes.thread_count, 9);
	for (uint32_t i = 0; i < 9; i++) {
		const struct thread *t = &notes.threads[i];

		assert_int_equal(t->tid, 100 + i);
		assert_int_equal(t->sp, row->high + 0x10 * i);
		assert_int_equal(t->pc, row->high + i);
		assert_int_equal(t->tls, row->high + 0x1000 * i);
		assert_int_equal(t->prstatus.n, notes.machine->prstatus_size);
		assert_int_equal(t->fpregset.n, i);
		assert_int_equal(t->xstate.n, 6 - i % 6);
	}
	notes_done(&notes);
	builder_done(&b);
}

static void test_process(void **state)
{
	const struct machine_row *row = *state;
	struct core_builder b;
	struct notes notes;
	uint64_t value = 5;

	builder_usual(&b, row->machine);
	read_built(&b, &notes);
	assert_false(notes.broken);
	assert_true(notes.has_psinfo && notes.has_siginfo && notes.has_files);
	assert_int_equal(notes.pid, 1000);
	assert_int_equal(notes.uid, 33);
	assert_int_equal(notes.fname.n, 5);
	assert_memory_equal(notes.fname.p, "usual", 5);
	assert_int_equal(notes.psargs.n, 22);
	assert_memory_equal(notes.psargs.p, "usual --with arguments", 22);
	assert_int_equal(notes.signal, 11);
	assert_int_equal(notes.signal_code, 1);
	assert_int_equal(notes.fault_address, 0x20002000);
	assert_int_equal(notes.file_count, 5);
	assert_int_equal(notes.files[2].offset, 4 * PAGE);
	assert_int_equal(notes.files[3].path.n, 18);
	assert_memory_equal(notes.files[3].path.p, "/usr/lib/libc.so.6", 18);
	assert_true(notes_auxv(&notes, AT_ENTRY, &value));
	assert_int_equal(value, 0x10001010);
	assert_false(notes_auxv(&notes, AT_PHDR, &value));
	assert_false(notes_auxv(&notes, AT_NULL, &value));
	notes_done(&notes);
	builder_done(&b);
}

/* Names and arguments fill their fields to the last byte: no NUL. */
static void test_full_texts(void **state)
{
	const struct machine_row *row = *state;
	struct core_builder b;
	struct notes notes;
	char long_text[100];

	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	builder_init(&b, row->machine);
	builder_psinfo(&b, 1, 0, long_text, long_text);
	read_built(&b, &notes);
	assert_int_equal(notes.fname.n, 16);
	assert_int_equal(notes.psargs.n, 80);
	notes_done(&notes);
	builder_done(&b);
}

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

/* A note for a thread when there is none; a machine that has another form. */
static void test_out_of_place(void **state)
{
	const struct machine_row *row = *state;
	struct core_builder b;
	struct notes notes;
	uint8_t desc[64] = { 0x11 };

	builder_init(&b, row->machine);
	builder_note(&b, "LINUX", NT_386_TLS, desc, 48);
	builder_note(&b, "LINUX", NT_ARM_TLS, desc, 8);
	builder_note(&b, "CORE", NT_FPREGSET, desc, 64);
	builder_note(&b, "LINUX", NT_X86_XSTATE, desc, 64);
	builder_note(&b, "CORE", NT_PRSTATUS, desc, 64); /* too short */
	builder_note(&b, "CORE", NOTE_SIGINFO, desc, 12); /* too short */
	read_built(&b, &notes);
	assert_false(notes.broken || notes.has_siginfo);
	assert_int_equal(notes.thread_count, 0);
	notes_done(&notes);
	builder_thread(&b, 1, 2, 3, 0x7777);
	builder_note(&b, row->machine == EM_386 ? "NONE" : "LINUX", NT_386_TLS, desc, 48);
	builder_note(&b, row->machine == EM_AARCH64 ? "NONE" : "LINUX", NT_ARM_TLS, desc,
		     8);
	read_built(&b, &notes);
	assert_int_equal(notes.threads[0].tls, 0x7777);
	notes_done(&notes);
	builder_done(&b);
}

/* What of a pointer is an address, by NT_ARM_PAC_MASK's {data, instructions}. */
struct mask {
	const char *name;
	uint16_t machine;
	uint64_t masks[2];
	size_t n;
	uint64_t pointer, address;
};

#define SIGNED UINT64_C(0x5a37aaaac0a31e7c)

static const struct mask masks[] = {
	{ "no mask: a tag only", EM_AARCH64, { 0 }, 0, SIGNED, 0x37aaaac0a31e7c },
	{ "48 bits",
	  EM_AARCH64,
	  { 0, UINT64_C(0x7f) << 48 },
	  16,
	  SIGNED,
	  0xaaaac0a31e7c },
	{ "39 bits",
	  EM_AARCH64,
	  { 0, UINT64_C(0xffff) << 39 },
	  16,
	  SIGNED,
	  0x2ac0a31e7c },
	{ "of data only", EM_AARCH64, { UINT64_MAX, 0 }, 16, SIGNED, 0x37aaaac0a31e7c },
	{ "all bits are no mask",
	  EM_AARCH64,
	  { 0, UINT64_MAX },
	  16,
	  SIGNED,
	  0xac0a31e7c },
	{ "cut", EM_AARCH64, { 0, UINT64_MAX }, 15, SIGNED, 0x37aaaac0a31e7c },
	{ "another machine's", EM_X86_64, { 0, UINT64_MAX }, 16, SIGNED, SIGNED },
	{ "a word of 32 bits", EM_386, { 0, UINT64_MAX }, 16, 0xffffffff, 0xffffffff },
};

static void test_mask(void **state)
{
	const struct mask *row = *state;
	struct core_builder b;
	struct notes notes;
	uint8_t desc[16];

	builder_put(desc, row->masks[0], 8);
	builder_put(desc + 8, row->masks[1], 8);
	builder_init(&b, row->machine);
	builder_thread(&b, 1, 2, 3, 4);
	builder_note(&b, "LINUX", NT_ARM_PAC_MASK, desc, row->n);
	read_built(&b, &notes);
	assert_false(notes.broken);
	assert_int_equal(notes_address(&notes, row->pointer), row->address);
	notes_done(&notes);
	builder_done(&b);
}

/* i386: gs selects a descriptor; without it the thread pointer is not known. */
struct gdt {
	const char *name;
	bool note;
	uint32_t selector;
	size_t n; /* bytes of NT_386_TLS */
	uint64_t tls;
};

static const struct gdt gdts[] = {
	{ "first entry", true, 12 << 3 | 3, 48, 0x1111 },
	{ "last entry", true, 14 << 3 | 3, 48, 0x3333 },
	{ "no such entry", true, 15 << 3 | 3, 48, 0 },
	{ "no selector", true, 0, 48, 0 },
	{ "no note", false, 12 << 3 | 3, 0, 0 },
	{ "empty note", true, 12 << 3 | 3, 0, 0 },
	{ "cut before the base", true, 12 << 3 | 3, 4, 0 },
	{ "cut in the base", true, 12 << 3 | 3, 7, 0 },
	{ "cut behind the first", true, 12 << 3 | 3, 16, 0x1111 },
	{ "cut before the last", true, 14 << 3 | 3, 32, 0 },
};

static void test_gdt(void **state)
{
	const struct gdt *row = *state;
	const struct machine *m = machine_find(EM_386, 4);
	uint8_t status[144] = { 0 }, desc[48] = { 0 };
	struct core_builder b;
	struct notes notes;

	builder_init(&b, EM_386);
	builder_put(status + m->tls, row->selector, 4);
	builder_note(&b, "CORE", NT_PRSTATUS, status, sizeof(status));
	for (size_t i = 0; i < 3; i++) {
		builder_put(desc + 16 * i, 12 + i, 4);
		builder_put(desc + 16 * i + 4, 0x1111 * (i + 1), 4);
	}
	if (row->note)
		builder_note(&b, "LINUX", NT_386_TLS, desc, row->n);
	read_built(&b, &notes);
	assert_int_equal(notes.thread_count, 1);
	assert_int_equal(notes.threads[0].tls, row->tls);
	notes_done(&notes);
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

static void test_name(void **state)
{
	struct note note = { { (const uint8_t *)"CORE", 4 }, 1, { NULL, 0 } };

	(void)state;
	assert_true(note_is(&note, "CORE", 1));
	assert_false(note_is(&note, "CORE", 2));
	assert_false(note_is(&note, "COR", 1));
	assert_false(note_is(&note, "CORES", 1));
	assert_false(note_is(&note, "", 1));
}

/* NT_FILE by hand: count, page size, one row, and what follows it. */
struct file_row {
	const char *name;
	uint64_t count, page_size, pages;
	size_t n; /* bytes of the note */
	const char *names; /* 8 bytes behind the row */
	bool broken, has_files;
	size_t files;
	uint64_t offset;
};

static const struct file_row file_rows[] = {
	{ "good", 1, 4096, 3, 48, "/file\0\0", false, true, 1, 12288 },
	{ "no files", 0, 4096, 0, 16, "", false, true, 0, 0 },
	{ "no files, but names", 0, 4096, 0, 48, "/file\0\0", false, true, 0, 0 },
	{ "empty note", 0, 0, 0, 0, "", true, false, 0, 0 },
	{ "count alone", 1, 0, 0, 8, "", true, false, 0, 0 },
	{ "page size cut", 1, 4096, 0, 15, "", true, false, 0, 0 },
	{ "row cut", 1, 4096, 0, 39, "", true, false, 0, 0 },
	{ "no name", 1, 4096, 0, 40, "", true, true, 0, 0 },
	{ "name without NUL", 1, 4096, 0, 48, "/file/fi", true, true, 0, 0 },
	{ "name cut before its NUL", 1, 4096, 0, 45, "/file\0\0", true, true, 0, 0 },
	{ "empty name", 1, 4096, 0, 41, "", false, true, 1, 0 },
	{ "two files, one name", 2, 4096, 1, 72, "\0\0\0\0\0\0\0", false, true, 2, 4096 },
	{ "count one more than rows", 2, 4096, 0, 63, "", true, false, 0, 0 },
	{ "count of 2^32", UINT64_C(1) << 32, 4096, 0, 48, "/file\0\0", true, false, 0,
	  0 },
	{ "count whose table wraps", UINT64_MAX / 24 + 1, 4096, 0, 48, "/file\0\0", true,
	  false, 0, 0 },
	{ "count largest", UINT64_MAX, 4096, 0, 48, "/file\0\0", true, false, 0, 0 },
	{ "offset wraps", 1, 4096, UINT64_MAX / 4096 + 1, 48, "/file\0\0", false, true, 1,
	  0 },
	{ "offset largest", 1, 1, UINT64_MAX, 48, "/file\0\0", false, true, 1,
	  UINT64_MAX },
	{ "page size 0", 1, 0, 5, 48, "/file\0\0", false, true, 1, 0 },
};

static void test_files(void **state)
{
	const struct file_row *row = *state;
	struct core_builder b;
	struct notes notes;
	uint8_t desc[72] = { 0 };

	builder_put(desc, row->count, 8);
	builder_put(desc + 8, row->page_size, 8);
	builder_put(desc + 16, 0x1000, 8);
	builder_put(desc + 24, 0x2000, 8);
	builder_put(desc + 32, row->pages, 8);
	memcpy(desc + 40, row->names, strlen(row->names));
	builder_init(&b, EM_X86_64);
	builder_note(&b, "CORE", NOTE_FILE, desc, row->n);
	read_built(&b, &notes);
	assert_int_equal(notes.broken, row->broken);
	assert_int_equal(notes.has_files, row->has_files);
	assert_int_equal(notes.file_count, row->files);
	if (row->files)
		assert_int_equal(notes.files[0].offset, row->offset);
	notes_done(&notes);
	builder_done(&b);
}

static void test_files_twice(void **state)
{
	struct core_builder b;
	struct notes notes;

	(void)state;
	builder_usual(&b, EM_X86_64);
	builder_files(&b);
	read_built(&b, &notes);
	assert_true(notes.broken);
	assert_int_equal(notes.file_count, 5);
	notes_done(&notes);
	builder_done(&b);
}

struct lookup {
	const char *name;
	uint64_t address;
	int file; /* -1: none */
};

static const struct lookup lookups[] = {
	{ "zero", 0, -1 },
	{ "before the first", 0x0fffffff, -1 },
	{ "first byte", 0x10000000, 0 },
	{ "last byte of the first", 0x10000fff, 0 },
	{ "next file touches", 0x10001000, 1 },
	{ "last byte of three", 0x10005fff, 2 },
	{ "behind three", 0x10006000, -1 },
	{ "last file", 0x50001fff, 4 },
	{ "behind the last", 0x50002000, -1 },
	{ "largest", UINT64_MAX, -1 },
};

static void test_lookup(void **state)
{
	const struct lookup *row = *state;
	struct core_builder b;
	struct notes notes;

	builder_usual(&b, EM_X86_64);
	read_built(&b, &notes);
	assert_ptr_equal(notes_file_at(&notes, row->address),
			 row->file < 0 ? NULL : &notes.files[row->file]);
	notes_done(&notes);
	builder_done(&b);
}

static void test_auxv_ends(void **state)
{
	const uint64_t pairs[][2] = { { AT_NULL, 0 }, { AT_BASE, 5 } };
	struct core_builder b;
	struct notes notes;
	uint8_t desc[24] = { AT_ENTRY, 0, 0, 0, 0, 0, 0, 0, 1 };
	uint64_t value;

	(void)state;
	builder_init(&b, EM_X86_64);
	builder_auxv(&b, pairs, 2);
	read_built(&b, &notes);
	assert_false(notes_auxv(&notes, AT_BASE, &value)); /* behind AT_NULL */
	notes_done(&notes);
	desc[16] = AT_BASE;
	builder_note(&b, "CORE", NT_AUXV, desc, sizeof(desc));
	read_built(&b, &notes);
	assert_true(notes_auxv(&notes, AT_ENTRY, &value));
	assert_int_equal(value, 1);
	assert_false(notes_auxv(&notes, AT_BASE, &value)); /* no value follows */
	assert_false(notes_auxv(&notes, AT_PHDR, &value)); /* no AT_NULL */
	notes_done(&notes);
	builder_done(&b);
}

/* An unknown machine: files and the auxiliary vector, no registers. */
static void test_unknown_machine(void **state)
{
	struct elf_header header = { .word = 8, .machine = EM_RISCV };
	struct core_builder b;
	struct notes notes;

	(void)state;
	builder_usual(&b, EM_X86_64);
	notes_read(&header, (struct bytes){ b.notes.p, b.notes.n }, &notes);
	assert_null(notes.machine);
	assert_false(notes.has_psinfo || notes.has_siginfo || notes.broken);
	assert_int_equal(notes.thread_count, 0);
	assert_int_equal(notes.file_count, 5);
	notes_done(&notes);
	builder_done(&b);
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
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_files_twice),
		cmocka_unit_test(test_auxv_ends),
		cmocka_unit_test(test_unknown_machine),
	};
	int failed = RUN_TABLE(machines, test_threads);

	failed += RUN_TABLE(machines, test_process);
	failed += RUN_TABLE(machines, test_full_texts);
	failed += RUN_TABLE(machines, test_cut);
	failed += RUN_TABLE(machines, test_out_of_place);
	failed += RUN_TABLE(machines, test_random);
	failed += RUN_TABLE(gdts, test_gdt);
	failed += RUN_TABLE(masks, test_mask);
	failed += RUN_TABLE(sizes, test_size);
	failed += RUN_TABLE(file_rows, test_files);
	failed += RUN_TABLE(lookups, test_lookup);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
