/* SPDX-License-Identifier: MIT */
/*
 * A core out of a stored dump, in pieces of any size: what its headers may say.
 */
#include <elf.h>
#include <stddef.h>
#include <string.h>

#include "tests/unit/core_builder.h"
#include "tests/unit/table.h"

#include "dumpctl/verify_core.h"

static struct built usual(void)
{
	struct core_builder b;
	struct built file;

	builder_usual(&b, EM_X86_64);
	file = builder_build(&b);
	builder_done(&b);
	return file;
}

/* n bytes of it, `step` at a time. */
static const char *verdict(const struct built *file, size_t n, size_t step)
{
	struct verify_core verify;
	const char *problem;

	verify_core_open(&verify);
	for (size_t at = 0; at < n; at += step)
		assert_int_equal(verify_core_take(&verify, file->p + at,
						  n - at < step ? n - at : step),
				 0);
	problem = verify_core_end(&verify);
	verify_core_close(&verify);
	return problem;
}

static void test_steps(void **state)
{
	static const size_t steps[] = { 7, 64, 4096, 2u << 20 };
	struct built file = usual();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		assert_null(verdict(&file, file.n, steps[i]));
	assert_string_equal(verdict(&file, file.n - 1, 4096),
			    "a program header names memory behind the core's end");
	assert_string_equal(verdict(&file, 100, 64), "the core ends in its headers");
	assert_string_equal(verdict(&file, 0, 64), "the core ends in its headers");
	built_done(&file);
}

/* Nothing but notes, the last byte of which is not there. */
static void test_notes(void **state)
{
	struct core_builder b;
	struct built file;
	Elf64_Phdr note;

	(void)state;
	builder_init(&b, EM_X86_64);
	builder_psinfo(&b, 1, 0, "x", "x");
	file = builder_build(&b);
	memcpy(&note, file.p + sizeof(Elf64_Ehdr), sizeof(note));
	assert_null(verdict(&file, note.p_offset + note.p_filesz, 64));
	assert_string_equal(verdict(&file, note.p_offset + note.p_filesz - 1, 64),
			    "the core ends in its headers");
	built_done(&file);
	builder_done(&b);
}

/* The i-th PT_LOAD with memory of a 64-bit core. */
static void change_load(struct built *file, size_t i, size_t member, uint64_t value)
{
	Elf64_Ehdr header;
	Elf64_Phdr segment;

	memcpy(&header, file->p, sizeof(header));
	for (size_t at = header.e_phoff;; at += sizeof(segment)) {
		memcpy(&segment, file->p + at, sizeof(segment));
		if (segment.p_type != PT_LOAD || segment.p_filesz == 0 || i-- > 0)
			continue;
		memcpy(file->p + at + member, &value, sizeof(value));
		return;
	}
}

static void test_headers(void **state)
{
	static const struct {
		size_t member;
		uint64_t value;
	} changes[] = {
		{ offsetof(Elf64_Phdr, p_filesz), UINT64_MAX - 4096 },
		{ offsetof(Elf64_Phdr, p_filesz), UINT64_C(1) << 40 },
		{ offsetof(Elf64_Phdr, p_memsz), 1 },
		{ offsetof(Elf64_Phdr, p_offset), UINT64_C(1) << 40 },
		{ offsetof(Elf64_Phdr, p_offset), 4096 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		struct built file = usual();

		change_load(&file, 1, changes[i].member, changes[i].value);
		assert_non_null(verdict(&file, file.n, 4096));
		built_done(&file);
	}
}

static void test_rubbish(void **state)
{
	struct built file = usual();
	struct verify_core verify;

	(void)state;
	file.p[0] = 'x';
	assert_non_null(verdict(&file, file.n, 4096));
	built_done(&file);
	verify_core_open(&verify);
	assert_int_equal(verify_core_take(&verify, NULL, 100000), 0);
	assert_non_null(verify_core_end(&verify));
	verify_core_close(&verify);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_rubbish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
