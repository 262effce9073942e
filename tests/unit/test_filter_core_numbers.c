/* SPDX-License-Identifier: MIT */
/*
 * Absurd numbers: one of a good core made another. Which are taken, why the others are
 * not, and where the core then ends.
 */
#include <errno.h>

#include "filter/core_scan.h"
#include "tests/unit/core_builder.h"
#include "tests/unit/table.h"

/*
 * One number of a good core made another. segment 0 is PT_NOTE, 1 and 2 are PT_LOADs of one
 * page each, field is the offset in Elf64_Phdr; segment -1: the field of Elf64_Ehdr.
 */
struct absurd {
	const char *name;
	int segment;
	size_t field;
	uint64_t value;
	const char *problem; /* NULL: the core is taken */
};

#define P_TYPE	 offsetof(Elf64_Phdr, p_type)
#define P_OFFSET offsetof(Elf64_Phdr, p_offset)
#define P_VADDR	 offsetof(Elf64_Phdr, p_vaddr)
#define P_FILESZ offsetof(Elf64_Phdr, p_filesz)
#define P_MEMSZ	 offsetof(Elf64_Phdr, p_memsz)
#define E_PHOFF	 offsetof(Elf64_Ehdr, e_phoff)
#define E_PHNUM	 offsetof(Elf64_Ehdr, e_phnum)
#define E_SHOFF	 offsetof(Elf64_Ehdr, e_shoff)

#define TOO_FAR	   "a segment that ends beyond the largest file"
#define TOO_HIGH   "a segment that ends beyond the address space"
#define IN_FILE	   "segments that overlap in the file"
#define IN_MEMORY  "segments that overlap in memory"
#define IN_HEADERS "memory inside the program headers"
#define TOO_LARGE  "headers and notes of more than 256 MiB"

static const struct absurd absurds[] = {
	{ "good", 0, P_TYPE, PT_NOTE, NULL },
	{ "no program headers", -1, E_PHNUM, 0, "a core without program headers" },
	{ "phoff far", -1, E_PHOFF, CORE_HEADER_MAX + 1,
	  "program headers far behind the beginning" },
	{ "phoff at the limit", -1, E_PHOFF, CORE_HEADER_MAX, TOO_LARGE },
	{ "phoff near the limit: not here yet", -1, E_PHOFF, CORE_HEADER_MAX - 200, "" },
	{ "phoff largest", -1, E_PHOFF, UINT64_MAX,
	  "program headers far behind the beginning" },
	{ "phnum larger than the file", -1, E_PHNUM, 60000, "" },
	{ "phnum PN_XNUM, but notes where three headers end", -1, E_PHNUM, PN_XNUM,
	  "the number of program headers cannot be told" },
	{ "shoff is not looked at without PN_XNUM", -1, E_SHOFF, UINT64_MAX, NULL },
	{ "file end wraps", 1, P_OFFSET, UINT64_MAX, TOO_FAR },
	{ "file end at 2^63", 1, P_OFFSET, INT64_MAX - 0xfff, TOO_FAR },
	{ "file end at 2^63 - 1", 1, P_OFFSET, INT64_MAX - 0x1000, NULL },
	{ "filesz huge", 1, P_FILESZ, UINT64_MAX, TOO_FAR },
	{ "filesz above memsz", 1, P_FILESZ, 0x1001,
	  "a segment with more bytes in the file than in memory" },
	{ "memsz huge", 1, P_MEMSZ, UINT64_MAX, TOO_HIGH },
	{ "memsz to the end of addresses", 1, P_MEMSZ, UINT64_MAX - 0x1000, IN_MEMORY },
	{ "vaddr huge", 1, P_VADDR, UINT64_MAX - 0xffe, TOO_HIGH },
	{ "vaddr of the last page but one", 1, P_VADDR, UINT64_MAX - 0x1fff, NULL },
	{ "same bytes of the file", 2, P_OFFSET, 0x1000, IN_FILE },
	{ "a byte of the file twice", 2, P_OFFSET, 0x1fff, IN_FILE },
	{ "same address", 2, P_VADDR, 0x1000, IN_MEMORY },
	{ "an address twice", 2, P_VADDR, 0x1fff, IN_MEMORY },
	{ "memory in the ELF header", 1, P_OFFSET, 0, IN_HEADERS },
	{ "memory in the program headers", 1, P_OFFSET, 64 + 3 * 56 - 1, IN_HEADERS },
	{ "memory right behind them", 1, P_OFFSET, 64 + 3 * 56, NULL },
	{ "notes in the ELF header", 0, P_OFFSET, 0, "notes inside the program headers" },
	{ "notes in the program headers", 0, P_OFFSET, 64 + 3 * 56 - 1,
	  "notes inside the program headers" },
	{ "notes over memory", 0, P_OFFSET, 0xffc, NULL },
	{ "notes behind memory", 0, P_OFFSET, 0x3000, NULL },
	{ "notes huge", 0, P_FILESZ, UINT64_MAX, TOO_FAR },
	{ "notes of 2^62", 0, P_FILESZ, UINT64_C(1) << 62, NULL },
	{ "notes empty", 0, P_FILESZ, 0, NULL },
	{ "notes' memsz is not looked at", 0, P_MEMSZ, UINT64_MAX, NULL },
	{ "no notes", 0, P_TYPE, PT_NULL, NULL },
	{ "another kind of segment", 1, P_TYPE, PT_INTERP, NULL },
	{ "an unknown kind", 1, P_TYPE, 0xffffffff, NULL },
	{ "two notes: the first counts", 1, P_TYPE, PT_NOTE, NULL },
};

static struct built three(void)
{
	struct core_builder b;
	struct built core;

	builder_init(&b, EM_X86_64);
	builder_psinfo(&b, 7, 0, "three", "three");
	builder_load(&b, 0x1000, 0x1000, 0x1000, PF_R);
	builder_load(&b, 0x8000, 0x1000, 0x1000, PF_R);
	core = builder_build(&b);
	builder_done(&b);
	return core;
}

/* Looked at without keeping them: what the first n bytes come to, and zeros where more is needed to tell. */
static void assert_scan(const struct built *file, size_t n, int r, const char *problem)
{
	struct core_scan scan;
	int got;

	core_scan_init(&scan, NULL, NULL);
	got = core_scan_feed(&scan, file->p, n);
	if (got == 0 && r < 0)
		got = core_scan_feed(&scan, NULL, CORE_HEADER_MAX);
	assert_int_equal(got, r);
	if (problem) {
		assert_string_equal(scan.problem, problem);
		assert_int_equal(core_scan_feed(&scan, file->p, n), r);
	}
	core_scan_done(&scan);
}

static void test_absurd(void **state)
{
	const struct absurd *row = *state;
	struct built file = three();
	size_t at = row->segment < 0 ? 0 : 64 + 56 * (size_t)row->segment;
	size_t width = row->field == E_PHNUM && row->segment < 0   ? 2
		       : row->field == P_TYPE && row->segment >= 0 ? 4
								   : 8;
	struct core core;
	int r;

	builder_put(file.p + at + row->field, row->value, width);
	core_init(&core);
	r = built_feed(&file, file.n, &core);
	if (!row->problem) {
		assert_null(core.problem);
		assert_int_equal(r, 1);
		assert_true(core.capacity <= 8192);
		assert_scan(&file, file.n, 1, NULL);
	} else if (!*row->problem) {
		assert_int_equal(r,
				 0); /* more is needed, no more is buffered than came */
		assert_true(core.capacity <= 32768);
	} else {
		size_t used = 1;

		assert_int_equal(r, -EBADMSG);
		assert_string_equal(core.problem, row->problem);
		assert_int_equal(core_feed(&core, file.p, 1, &used), -EBADMSG);
		assert_int_equal(used, 0);
		assert_scan(&file, file.n, -EBADMSG, row->problem);
	}
	core_done(&core);
	built_done(&file);
}

/* Notes that are announced but larger than all that may be buffered. */
static void test_large_notes(void **state)
{
	struct built file = three();
	struct core core;

	(void)state;
	builder_put(file.p + 64 + P_FILESZ, CORE_HEADER_MAX, 8);
	builder_put(file.p + 64 + 56 + P_OFFSET, CORE_HEADER_MAX * UINT64_C(2), 8);
	builder_put(file.p + 64 + 2 * 56 + P_OFFSET, CORE_HEADER_MAX * UINT64_C(3), 8);
	for (int skip = 0; skip < 2; skip++) {
		core_init(&core);
		core.skip_notes = skip;
		assert_int_equal(built_feed(&file, file.n, &core), -EBADMSG);
		assert_string_equal(core.problem, TOO_LARGE);
		core_done(&core);
	}
	assert_scan(&file, file.n, -EBADMSG, TOO_LARGE);
	built_done(&file);
}

/* With PN_XNUM the number comes from where the notes begin. */
struct xnum {
	const char *name;
	uint32_t type; /* of the first program header */
	uint64_t offset; /* of its contents */
	const char *problem;
};

#define TABLE(n) (64 + UINT64_C(56) * (n))

#define CANNOT "the number of program headers cannot be told"
#define FIRST  "more than 65,534 program headers, and PT_NOTE not first"

static const struct xnum xnums[] = {
	{ "fewest", PT_NOTE, TABLE(65535), NULL },
	{ "too few for PN_XNUM", PT_NOTE, TABLE(65534), CANNOT },
	{ "no whole number", PT_NOTE, TABLE(65536) + 1, CANNOT },
	{ "a load comes first", PT_LOAD, TABLE(65536), FIRST },
	{ "notes before the table", PT_NOTE, 63, FIRST },
	{ "notes at its beginning", PT_NOTE, 64, CANNOT },
	{ "a table of 256 MiB", PT_NOTE, TABLE(4793489), NULL },
	{ "a table of more", PT_NOTE, TABLE(4793489 + 1), TOO_LARGE },
	{ "a table of 2^63", PT_NOTE, TABLE(UINT64_C(164703072086692424)), TOO_LARGE },
	{ "a table to the end of numbers", PT_NOTE, UINT64_MAX - 8, CANNOT },
};

static void test_xnum(void **state)
{
	const struct xnum *row = *state;
	struct segment first = {
		.type = row->type,
		.offset = row->offset,
		.filesz = 0x100,
	};
	struct built file = three();
	struct core core;
	size_t used;
	int r;

	elf_header_patch(8, file.p, 64, PN_XNUM, 0);
	elf_segment_write(8, &first, file.p + 64);
	core_init(&core);
	r = core_feed(&core, file.p, TABLE(1), &used);
	if (row->problem) {
		assert_int_equal(r, -EBADMSG);
		assert_string_equal(core.problem, row->problem);
	} else {
		assert_int_equal(r, 0);
		assert_int_equal(core.needed, row->offset);
	}
	assert_scan(&file, TABLE(1), r, row->problem);
	core_done(&core);
	built_done(&file);
}

/* Where a core of three() ends when its last segment is of another kind. */
struct end {
	const char *name;
	uint32_t type;
	uint64_t offset, filesz, size;
};

static const struct end ends[] = {
	{ "allocation tags behind memory", PT_AARCH64_MEMTAG_MTE, 0x2000, 0x500, 0x2500 },
	{ "unknown, behind memory", 0xffffffff, 0x2000, 1, 0x2001 },
	{ "empty, at the end", 0xffffffff, 0x2000, 0, 0x2000 },
	{ "nothing", PT_NULL, 0x2000, 0x500, 0x2000 },
	{ "more than can be", PT_AARCH64_MEMTAG_MTE, 0x2000, INT64_MAX, 0x2000 },
	{ "around the end", PT_AARCH64_MEMTAG_MTE, 0x2000, UINT64_MAX, 0x2000 },
};

static void test_end(void **state)
{
	const struct end *row = *state;
	struct built file = three();
	uint8_t *segment = file.p + 64 + 56 * 2;
	struct core core;

	builder_put(segment + P_TYPE, row->type, 4);
	builder_put(segment + P_OFFSET, row->offset, 8);
	builder_put(segment + P_FILESZ, row->filesz, 8);
	core_init(&core);
	assert_int_equal(built_feed(&file, file.n, &core), 1);
	assert_int_equal(core.size, row->size);
	assert_int_equal(core.data_start, 0x1000);
	core_done(&core);
	built_done(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_large_notes) };
	int failed = RUN_TABLE(absurds, test_absurd);

	failed += RUN_TABLE(xnums, test_xnum);
	failed += RUN_TABLE(ends, test_end);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
