/* SPDX-License-Identifier: MIT */
/*
 * PT_NOTE: what each machine tells of the process, and what is told without a machine.
 */
#include "tests/unit/built_notes.h"
#include "tests/unit/machines.h"
#include "tests/unit/table.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_auxv_ends),
		cmocka_unit_test(test_unknown_machine),
	};
	int failed = RUN_TABLE(machines, test_process);

	failed += RUN_TABLE(machines, test_full_texts);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
