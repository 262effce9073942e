/* SPDX-License-Identifier: MIT */
/*
 * The header stream: chunks of any size, cuts at every byte, absurd numbers.
 */
#include <errno.h>

#include "tests/unit/core_builder.h"
#include "tests/unit/table.h"

struct machine_row {
	const char *name;
	uint16_t machine;
};

static const struct machine_row machines[] = {
	{ "x86-64", EM_X86_64 },
	{ "i386", EM_386 },
	{ "aarch64", EM_AARCH64 },
};

/* A core whose whole length can be fed in every way: no memory but a page. */
static struct built small(uint16_t machine)
{
	struct core_builder b;
	struct built core;

	builder_init(&b, machine);
	builder_thread(&b, 7, 0x2000, 0x1000, 0);
	builder_psinfo(&b, 7, 0, "small", "small");
	builder_load(&b, 0x1000, 0x1000, 0x3000, PF_R);
	builder_load(&b, 0x8000, 0, 0x1000, PF_R);
	core = builder_build(&b);
	builder_done(&b);
	return core;
}

static void assert_same(const struct core *a, const struct core *b)
{
	assert_memory_equal(&a->header, &b->header, sizeof(a->header));
	assert_int_equal(a->count, b->count);
	assert_memory_equal(a->segments, b->segments, a->count * sizeof(*a->segments));
	assert_int_equal(a->notes.n, b->notes.n);
	assert_memory_equal(a->notes.p, b->notes.p, a->notes.n);
	assert_int_equal(a->header_bytes.n, b->header_bytes.n);
	assert_memory_equal(a->header_bytes.p, b->header_bytes.p, a->header_bytes.n);
	assert_int_equal(a->data_start, b->data_start);
	assert_int_equal(a->size, b->size);
	assert_int_equal(a->notes_late, b->notes_late);
}

static void test_fields(void **state)
{
	const struct machine_row *row = *state;
	struct built file = small(row->machine);
	struct core core;
	uint64_t table;
	size_t used;

	core_init(&core);
	assert_int_equal(core_feed(&core, file.p, file.n, &used), 1);
	table = elf_header_size(core.header.word) +
		3 * elf_segment_size(core.header.word);
	assert_int_equal(core.header.machine, row->machine);
	assert_int_equal(core.count, 3);
	assert_int_equal(core.segments[0].type, PT_NOTE);
	assert_int_equal(core.segments[0].offset, table);
	assert_int_equal(core.notes.n, core.segments[0].filesz);
	assert_int_equal(core.data_start, page_up(table + core.notes.n));
	assert_int_equal(core.size, core.data_start + 0x1000);
	assert_int_equal(core.size, file.n);
	assert_int_equal(used, table + core.notes.n);
	assert_int_equal(core.header_bytes.n, used);
	assert_memory_equal(core.header_bytes.p, file.p, used);
	assert_false(core.notes_late);
	/* all is here: nothing more is taken */
	assert_int_equal(core_feed(&core, file.p + used, file.n - used, &used), 1);
	assert_int_equal(used, 0);
	core_done(&core);
	built_done(&file);
}

/* Two chunks, cut everywhere; and every even division. */
static void test_chunks(void **state)
{
	const struct machine_row *row = *state;
	struct built file = small(row->machine);
	struct core whole;

	core_init(&whole);
	assert_int_equal(built_feed(&file, file.n, &whole), 1);
	for (size_t cut = 1; cut < whole.header_bytes.n + 2; cut++) {
		struct core core;
		size_t used, more = 0;
		int r;

		core_init(&core);
		r = core_feed(&core, file.p, cut, &used);
		assert_int_equal(r, cut >= whole.header_bytes.n);
		if (r == 0) {
			assert_int_equal(used, cut);
			r = core_feed(&core, file.p + cut, file.n - cut, &more);
		}
		assert_int_equal(r, 1);
		assert_int_equal(used + more, whole.header_bytes.n);
		assert_same(&core, &whole);
		core_done(&core);
		core_init(&core);
		assert_int_equal(built_feed(&file, cut, &core), 1);
		assert_same(&core, &whole);
		core_done(&core);
	}
	core_done(&whole);
	built_done(&file);
}

static void test_random_chunks(void **state)
{
	const struct machine_row *row = *state;
	struct built file = small(row->machine);
	uint32_t seed = 20240607;
	struct core whole;

	core_init(&whole);
	assert_int_equal(built_feed(&file, file.n, &whole), 1);
	for (int round = 0; round < 300; round++) {
		struct core core;
		size_t at = 0;
		int r = 0;

		core_init(&core);
		while (r == 0 && at < file.n) {
			size_t n = builder_random(&seed) % 97, used; /* 0 too */

			n = n < file.n - at ? n : file.n - at;
			r = core_feed(&core, file.p + at, n, &used);
			at += used;
		}
		assert_int_equal(r, 1);
		assert_same(&core, &whole);
		core_done(&core);
	}
	core_done(&whole);
	built_done(&file);
}

/* A prefix is never complete and never malformed; its buffer is just as long. */
static void test_truncated(void **state)
{
	const struct machine_row *row = *state;
	struct built file = small(row->machine);
	struct core whole;

	core_init(&whole);
	assert_int_equal(built_feed(&file, file.n, &whole), 1);
	for (size_t n = 0; n < whole.header_bytes.n; n++) {
		uint8_t *copy = malloc(n + !n);
		struct core core;
		size_t used;

		memcpy(copy, file.p, n);
		core_init(&core);
		assert_int_equal(core_feed(&core, copy, n, &used), 0);
		assert_int_equal(used, n);
		assert_null(core.problem);
		assert_true(core.needed > n);
		core_done(&core);
		free(copy);
	}
	core_done(&whole);
	built_done(&file);
}

/* Every byte of the headers changed to some other: no answer but the three, no crash. */
static void test_flipped(void **state)
{
	const struct machine_row *row = *state;
	struct built file = small(row->machine);
	static const uint8_t changes[] = { 0x01, 0x80, 0xff };

	for (size_t i = 0; i < 3 * sizeof(changes) * 100; i++) {
		size_t at = i / sizeof(changes);
		struct core core;
		int r;

		file.p[at] ^= changes[i % sizeof(changes)];
		core_init(&core);
		r = built_feed(&file, 13, &core);
		assert_true(r == 0 || r == 1 || r == -EBADMSG);
		assert_int_equal(r == -EBADMSG, core.problem != NULL);
		if (r == 1)
			assert_true(core.size >= core.data_start &&
				    core.data_start >= core.header_bytes.n);
		core_done(&core);
		file.p[at] ^= changes[i % sizeof(changes)];
	}
	built_done(&file);
}

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
	core_init(&core);
	assert_int_equal(built_feed(&file, file.n, &core), -EBADMSG);
	assert_string_equal(core.problem, TOO_LARGE);
	core_done(&core);
	built_done(&file);
}

static void build_many(struct core_builder *b, uint16_t machine, size_t count)
{
	builder_init(b, machine);
	builder_thread(b, 1, 0x10000, 0x10000, 0);
	for (size_t i = 0; i < count; i++)
		builder_load(b, 0x10000 + i * 0x2000, i % 64 ? 0 : 0x1000, 0x1000, PF_R);
}

static void test_many(void **state)
{
	const struct machine_row *row = *state;
	static const size_t counts[] = { 65533, 65534, 70000 };

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		struct core_builder b;
		struct built file;
		struct core core;

		build_many(&b, row->machine, counts[i]);
		file = builder_build(&b);
		core_init(&core);
		assert_int_equal(built_feed(&file, 4096, &core), 1);
		assert_int_equal(core.header.phnum,
				 counts[i] + 1 < PN_XNUM ? counts[i] + 1 : PN_XNUM);
		assert_int_equal(core.count, counts[i] + 1);
		assert_int_equal(core.size, file.n);
		assert_int_equal(core.segments[counts[i]].vaddr,
				 0x10000 + (counts[i] - 1) * 0x2000);
		core_done(&core);
		built_done(&file);
		builder_done(&b);
	}
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
	core_done(&core);
	built_done(&file);
}

/* Memory in any order in the file; program headers in any order of addresses. */
static void test_any_order(void **state)
{
	const struct machine_row *row = *state;

	for (uint32_t seed = 1; seed < 50; seed++) {
		struct core_builder b;
		struct built file;
		struct core core;
		uint64_t memory;

		builder_usual(&b, row->machine);
		b.shuffle = seed;
		file = builder_build(&b);
		core_init(&core);
		assert_int_equal(built_feed(&file, 1000, &core), 1);
		assert_int_equal(core.size, file.n);
		assert_int_equal(core.data_start, page_up(core.header_bytes.n));
		assert_null(built_check(&file, &memory));
		core_done(&core);
		built_done(&file);
		builder_done(&b);
	}
}

static void test_notes_late(void **state)
{
	const struct machine_row *row = *state;
	struct core_builder b;
	struct built file;
	struct core core;
	uint64_t offset, size;

	builder_usual(&b, row->machine);
	b.notes_late = true;
	file = builder_build(&b);
	core_init(&core);
	assert_int_equal(built_feed(&file, 1000, &core), 1);
	assert_true(core.notes_late);
	assert_int_equal(core.notes.n, 0);
	assert_int_equal(core.size, file.n);
	core_late_notes(&core, &offset, &size);
	assert_int_equal(offset, file.n - b.notes.n);
	assert_int_equal(size, b.notes.n);
	assert_int_equal(core_set_notes(&core, file.p + offset, size), 0);
	assert_int_equal(core.notes.n, size);
	assert_memory_equal(core.notes.p, b.notes.p, size);
	assert_int_equal(core_set_notes(&core, file.p, 0), 0); /* again: no leak */
	core_done(&core);
	built_done(&file);
	builder_done(&b);
}

static void test_without_memory(void **state)
{
	const struct machine_row *row = *state;
	struct core_builder b;
	struct built file;
	struct core core;

	builder_init(&b, row->machine);
	builder_psinfo(&b, 1, 0, "x", "x");
	file = builder_build(&b);
	core_init(&core);
	assert_int_equal(built_feed(&file, 1, &core), 1);
	assert_int_equal(core.count, 1);
	assert_int_equal(core.data_start, core.size);
	assert_int_equal(core.size, core.header_bytes.n);
	core_done(&core);
	built_done(&file);
	builder_done(&b);
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
	int failed = RUN_TABLE(machines, test_fields);

	failed += RUN_TABLE(machines, test_chunks);
	failed += RUN_TABLE(machines, test_random_chunks);
	failed += RUN_TABLE(machines, test_truncated);
	failed += RUN_TABLE(machines, test_flipped);
	failed += RUN_TABLE(machines, test_many);
	failed += RUN_TABLE(machines, test_any_order);
	failed += RUN_TABLE(machines, test_notes_late);
	failed += RUN_TABLE(machines, test_without_memory);
	failed += RUN_TABLE(absurds, test_absurd);
	failed += RUN_TABLE(xnums, test_xnum);
	failed += RUN_TABLE(ends, test_end);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
