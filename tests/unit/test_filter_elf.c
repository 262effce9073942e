/* SPDX-License-Identifier: MIT */
/*
 * ELF header, program headers and the section header of PN_XNUM, both classes; and which
 * machine they name.
 */
#include "tests/unit/core_builder.h"
#include "tests/unit/table.h"

#include "filter/elf.h"
#include "filter/machine.h"

static const unsigned int words[] = { 4, 8 };

struct header {
	const char *name;
	size_t offset; /* of the bytes that differ from a good header */
	size_t offset32; /* in ELF32, where it is another one */
	size_t width;
	uint64_t value;
	const char *problem;
};

static const struct header headers[] = {
	{ "good", 0, 0, 0, 0, NULL },
	{ "no magic", 0, 0, 1, 0x7e, "not an ELF file" },
	{ "magic's last byte", 3, 3, 1, 'f', "not an ELF file" },
	{ "class none", EI_CLASS, EI_CLASS, 1, ELFCLASSNONE,
	  "neither a 32-bit nor a 64-bit ELF file" },
	{ "class 3", EI_CLASS, EI_CLASS, 1, 3, "neither a 32-bit nor a 64-bit ELF file" },
	{ "big endian", EI_DATA, EI_DATA, 1, ELFDATA2MSB,
	  "not a little-endian ELF file" },
	{ "no byte order", EI_DATA, EI_DATA, 1, 0, "not a little-endian ELF file" },
	{ "executable", 16, 16, 2, ET_EXEC, "an ELF file, but not a core" },
	{ "shared object", 16, 16, 2, ET_DYN, "an ELF file, but not a core" },
	{ "processor's type", 16, 16, 2, 0xff04, "an ELF file, but not a core" },
	{ "phentsize 0", 54, 42, 2, 0, "program headers of an impossible size" },
	{ "phentsize 1 less", 54, 42, 2, 31, "program headers of an impossible size" },
	{ "phentsize 64", 54, 42, 2, 64, "program headers of an impossible size" },
	{ "phentsize largest", 54, 42, 2, 65535,
	  "program headers of an impossible size" },
	{ "phoff 0", 32, 28, 4, 0, "program headers inside the ELF header" },
	{ "phoff 51", 32, 28, 4, 51, "program headers inside the ELF header" },
	{ "any machine", 18, 18, 2, 65535, NULL },
	{ "any number", 56, 44, 2, 65535, NULL },
};

static struct built good(unsigned int word)
{
	struct core_builder b;
	struct built core;

	builder_init(&b, word == 8 ? EM_X86_64 : EM_386);
	builder_load(&b, 0x1000, 0x1000, 0x1000, PF_R);
	core = builder_build(&b);
	builder_done(&b);
	return core;
}

static void test_header(void **state)
{
	const struct header *row = *state;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		struct built core = good(words[i]);
		struct elf_header header;
		const char *problem;

		builder_put(core.p + (words[i] == 8 ? row->offset : row->offset32),
			    row->value, row->width);
		problem = elf_header_read((struct bytes){ core.p, core.n }, &header);
		if (row->problem)
			assert_string_equal(problem, row->problem);
		else
			assert_null(problem);
		built_done(&core);
	}
}

static void test_fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		struct built core = good(words[i]);
		struct elf_header header;

		assert_null(elf_header_read((struct bytes){ core.p, core.n }, &header));
		assert_int_equal(header.word, words[i]);
		assert_int_equal(header.type, ET_CORE);
		assert_int_equal(header.machine, words[i] == 8 ? EM_X86_64 : EM_386);
		assert_int_equal(header.phnum, 2);
		assert_int_equal(header.phentsize, words[i] == 8 ? 56 : 32);
		assert_int_equal(header.ehsize, words[i] == 8 ? 64 : 52);
		assert_int_equal(header.phoff, header.ehsize);
		assert_int_equal(header.shoff, 0);
		built_done(&core);
	}
}

/* Each length that is too short, in a buffer of just that length. */
static void test_short(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		struct built core = good(words[i]);
		size_t size = elf_header_size(words[i]);
		struct elf_header header;

		for (size_t n = 0; n <= size; n++) {
			uint8_t *copy = malloc(n + !n);
			const char *problem;

			memcpy(copy, core.p, n);
			problem = elf_header_read((struct bytes){ copy, n }, &header);
			if (n < size)
				assert_string_equal(problem,
						    "shorter than an ELF header");
			else
				assert_null(problem);
			free(copy);
		}
		built_done(&core);
	}
}

static void test_segment(void **state)
{
	const struct segment written = {
		PT_LOAD,    PF_R | PF_X, 0x11121314, 0x21222324,
		0x31323334, 0x41424344,	 0x1000,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t size = elf_segment_size(words[i]);
		uint8_t *p = calloc(1, size + 3);
		struct bytes b = { p, size + 3 };
		struct segment read;

		memset(&read, 0, sizeof(read));
		elf_segment_write(words[i], &written, p + 3);
		assert_false(elf_segment_read(words[i], b, 4, &read));
		assert_false(elf_segment_read(words[i], b, UINT64_MAX, &read));
		assert_true(elf_segment_read(words[i], b, 3, &read));
		assert_memory_equal(&read, &written, sizeof(read));
		free(p);
	}
}

static void test_patch(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		struct built core = good(words[i]);
		struct elf_header header;
		bool wide = words[i] == 8;

		elf_header_patch(words[i], core.p, 100, PN_XNUM, 0x12345678);
		assert_null(elf_header_read((struct bytes){ core.p, core.n }, &header));
		assert_int_equal(header.phoff, 100);
		assert_int_equal(header.phnum, PN_XNUM);
		assert_int_equal(header.shoff, 0x12345678);
		assert_int_equal(core.p[wide ? 58 : 46],
				 wide ? 64 : 40); /* e_shentsize */
		assert_int_equal(core.p[wide ? 60 : 48], 1); /* e_shnum */
		elf_header_patch(words[i], core.p, 100, 7, 0);
		assert_int_equal(core.p[wide ? 58 : 46], 0);
		assert_int_equal(core.p[wide ? 60 : 48], 0);
		assert_int_equal(core.p[wide ? 62 : 50], 0); /* e_shstrndx */
		built_done(&core);
	}
}

static void test_xnum(void **state)
{
	Elf64_Shdr s64;
	Elf32_Shdr s32;
	uint8_t p[sizeof(s64)];

	(void)state;
	assert_int_equal(elf_section_size(8), sizeof(s64));
	assert_int_equal(elf_section_size(4), sizeof(s32));
	elf_xnum_write(8, 70000, p);
	memcpy(&s64, p, sizeof(s64));
	assert_int_equal(s64.sh_info, 70000);
	assert_int_equal(s64.sh_type, SHT_NULL);
	elf_xnum_write(4, 70001, p);
	memcpy(&s32, p, sizeof(s32));
	assert_int_equal(s32.sh_info, 70001);
	assert_int_equal(s32.sh_type, SHT_NULL);
}

struct machine_row {
	const char *name;
	uint16_t elf_machine;
	unsigned int word;
	const char *machine;
};

static const struct machine_row machines[] = {
	{ "x86-64", EM_X86_64, 8, "x86-64" },
	{ "i386", EM_386, 4, "i386" },
	{ "aarch64", EM_AARCH64, 8, "aarch64" },
	{ "x32: registers of one, words of the other", EM_X86_64, 4, NULL },
	{ "i386 with long words", EM_386, 8, NULL },
	{ "aarch64 ILP32", EM_AARCH64, 4, NULL },
	{ "riscv", EM_RISCV, 8, NULL },
	{ "none", EM_NONE, 8, NULL },
	{ "largest", 65535, 8, NULL },
};

static void test_machine(void **state)
{
	const struct machine_row *row = *state;
	const struct machine *m = machine_find(row->elf_machine, row->word);

	if (!row->machine) {
		assert_null(m);
		return;
	}
	assert_string_equal(m->name, row->machine);
	assert_true(m->sp + m->word <= m->prstatus_size);
	assert_true(m->pc + m->word <= m->prstatus_size);
	assert_true(m->tls + m->word <= m->prstatus_size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),	cmocka_unit_test(test_short),
		cmocka_unit_test(test_segment), cmocka_unit_test(test_patch),
		cmocka_unit_test(test_xnum),
	};
	int failed = RUN_TABLE(headers, test_header);

	failed += RUN_TABLE(machines, test_machine);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
