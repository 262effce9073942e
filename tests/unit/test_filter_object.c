/* SPDX-License-Identifier: MIT */
/*
 * What the program headers of mapped objects tell, true and not; then the rules that go by
 * them: an object's first page and build-id, and changed pages of files.
 */
#include "tests/unit/rig.h"
#include "tests/unit/table.h"

#include "filter/object.h"

#define BASE  UINT64_C(0x100000)
#define NOTE  UINT64_C(0x103000) /* in the file, beyond its first page */
#define PAGES 16

struct expected {
	uint64_t bias, dynamic, dynamic_size, tls_size, build_id;
};

struct row {
	const char *name;
	struct segment segments[5];
	struct expected object;
	uint16_t phnum; /* 0: those above */
	uint64_t phoff; /* 0: behind the header */
	struct span hole;
	const char *what_note; /* name in the note; NULL: GNU */
	bool header_is_bad, other_class, unreadable;
	const char *rule; /* what rule_object names */
};

#define LOAD(at)                                              \
	{                                                     \
		.type = PT_LOAD, .vaddr = (at), .memsz = PAGE \
	}
#define BUILD_ID                                                \
	{                                                       \
		.type = PT_NOTE, .vaddr = 0x3000, .memsz = 0x24 \
	}
#define FIRST	    "100-101:3"
#define FIRST_AND_3 "100-101:3 103-104:3"

static const struct row rows[] = {
	{ "a shared object",
	  { LOAD(0),
	    { .type = PT_DYNAMIC, .vaddr = 0x2000, .memsz = 0x1d0 },
	    { .type = PT_TLS, .vaddr = 0x2800, .memsz = 0x98 },
	    BUILD_ID },
	  { BASE, BASE + 0x2000, 0x1d0, 0x98, NOTE },
	  .rule = FIRST_AND_3 },
	{ "linked to an address of its own",
	  { LOAD(0x400010), { .type = PT_DYNAMIC, .vaddr = 0x402000, .memsz = 8 } },
	  { BASE - 0x400000, BASE + 0x2000, 8, 0, 0 },
	  .rule = FIRST },
	{ "no PT_LOAD", { BUILD_ID }, { BASE, 0, 0, 0, NOTE }, .rule = FIRST_AND_3 },
	{ "the first of two notes with a build-id",
	  { LOAD(0),
	    { .type = PT_NOTE, .vaddr = 0x5000, .memsz = 0x24 },
	    BUILD_ID,
	    { .type = PT_NOTE, .vaddr = 0x5000, .memsz = 0x24 } },
	  { BASE, 0, 0, 0, NOTE },
	  .rule = FIRST_AND_3 },
	{ "notes beyond the fourth",
	  { { .type = PT_NOTE },
	    { .type = PT_NOTE },
	    { .type = PT_NOTE },
	    { .type = PT_NOTE },
	    BUILD_ID },
	  { BASE, 0, 0, 0, 0 },
	  .rule = FIRST },
	{ "a note of somebody else",
	  { LOAD(0), BUILD_ID },
	  { BASE, 0, 0, 0, 0 },
	  .what_note = "XYZ",
	  .rule = FIRST },
	{ "a note that is shorter than its header",
	  { LOAD(0), { .type = PT_NOTE, .vaddr = 0x3000, .memsz = 11 } },
	  { BASE, 0, 0, 0, 0 },
	  .rule = FIRST },
	{ "a note that is not there",
	  { LOAD(0), BUILD_ID },
	  { BASE, 0, 0, 0, 0 },
	  .hole = { 0x103000, 0x104000 },
	  .rule = FIRST },
	{ "a note nowhere",
	  { LOAD(0), { .type = PT_NOTE, .vaddr = 0xdead0000, .memsz = UINT64_MAX } },
	  { BASE, 0, 0, 0, 0 },
	  .rule = FIRST },
	{ "addresses that wrap",
	  { LOAD(0), { .type = PT_DYNAMIC, .vaddr = UINT64_MAX - 7, .memsz = 8 } },
	  { BASE, BASE - 8, 8, 0, 0 },
	  .rule = FIRST },
	{ "no header",
	  { LOAD(0), BUILD_ID },
	  .header_is_bad = true,
	  .unreadable = true,
	  .rule = FIRST },
	{ "of another class",
	  { LOAD(0), BUILD_ID },
	  .other_class = true,
	  .unreadable = true,
	  .rule = FIRST },
	{ "a page that is not there",
	  { LOAD(0), BUILD_ID },
	  .hole = { BASE, BASE + PAGE },
	  .unreadable = true,
	  .rule = FIRST },
	{ "headers nowhere",
	  { LOAD(0) },
	  .phoff = 0xdead0000,
	  .unreadable = true,
	  .rule = FIRST },
	{ "headers behind the end",
	  { LOAD(0) },
	  .phoff = PAGES * PAGE - 8,
	  .unreadable = true,
	  .rule = FIRST },
	{ "headers before the object",
	  { LOAD(0) },
	  .phoff = UINT32_MAX,
	  .unreadable = true,
	  .rule = FIRST },
	{ "65,535 headers",
	  { LOAD(0), BUILD_ID },
	  { BASE, 0, 0, 0, NOTE },
	  .phnum = 65535,
	  .rule = FIRST_AND_3 },
};

static void poke_segments(struct core_builder *b, uint64_t at,
			  const struct segment *segments, size_t count)
{
	uint8_t raw[sizeof(Elf64_Phdr)] = { 0 };

	for (size_t i = 0; i < count; i++) {
		elf_segment_write(b->word, &segments[i], raw);
		builder_poke(b, at + i * elf_segment_size(b->word), raw,
			     elf_segment_size(b->word));
	}
}

static void poke_header(struct core_builder *b, const struct row *row)
{
	uint8_t raw[sizeof(Elf64_Ehdr)] = { 0 };
	unsigned int word = row->other_class ? 12 - b->word : b->word;
	uint64_t phoff = row->phoff ? row->phoff : elf_header_size(word);

	memcpy(raw, ELFMAG, SELFMAG);
	raw[EI_CLASS] = word == 8 ? ELFCLASS64 : ELFCLASS32;
	raw[EI_DATA] = ELFDATA2LSB;
	raw[EI_VERSION] = EV_CURRENT;
	builder_put(raw + 16, ET_DYN, 2);
	builder_put(raw + (word == 8 ? 32 : 28), phoff, word);
	builder_put(raw + (word == 8 ? 54 : 42), elf_segment_size(word), 2);
	builder_put(raw + (word == 8 ? 56 : 44), row->phnum ? row->phnum : 5, 2);
	if (row->header_is_bad)
		raw[1] = 'e';
	builder_poke(b, BASE, raw, sizeof(raw));
}

static void poke_note(struct core_builder *b, const char *name)
{
	uint8_t raw[0x24] = { 0 };

	builder_put(raw, 4, 4);
	builder_put(raw + 4, 20, 4);
	builder_put(raw + 8, NT_GNU_BUILD_ID, 4);
	memcpy(raw + 12, name ? name : "GNU", 4);
	builder_poke(b, NOTE, raw, sizeof(raw));
}

static void build(struct core_builder *b, uint16_t machine, const struct row *row)
{
	static const uint8_t zeros[PAGE];

	builder_init(b, machine);
	builder_load(b, BASE, PAGES * PAGE, PAGES * PAGE, PF_R);
	builder_file(b, BASE, BASE + PAGES * PAGE, 0, "/lib/x.so");
	builder_files(b);
	builder_poke(b, BASE, zeros, PAGE);
	builder_poke(b, BASE + PAGE, zeros, PAGE);
	poke_header(b, row);
	poke_segments(b, BASE + elf_header_size(b->word), row->segments,
		      ARRAY_SIZE(row->segments));
	poke_note(b, row->what_note);
}

static void check_object(const struct object *object, const struct expected *expected,
			 uint64_t mask)
{
	assert_int_equal(object->bias & mask, expected->bias & mask);
	assert_int_equal(object->dynamic & mask, expected->dynamic & mask);
	assert_int_equal(object->dynamic_size, expected->dynamic_size);
	assert_int_equal(object->tls_size, expected->tls_size);
	assert_int_equal(object->build_id, expected->build_id);
}

static void check(uint16_t machine, const struct row *row)
{
	struct object object;
	struct rig rig;

	build(&rig.b, machine, row);
	rig_up(&rig);
	if (row->hole.end)
		core_memory_hole(&rig.window, row->hole.start, row->hole.end);
	assert_int_equal(object_read(&rig.view, BASE, &object), !row->unreadable);
	if (!row->unreadable)
		check_object(&object, &row->object,
			     rig.b.word == 8 ? UINT64_MAX : UINT32_MAX);
	rig_check(&rig, rule_object, row->rule);
	assert_true(rig.window.reads < 20);
	rig_done(&rig);
}

static void test_row(void **state)
{
	check(EM_X86_64, *state);
	check(EM_386, *state);
	check(EM_AARCH64, *state);
}

struct executable {
	const char *name;
	uint64_t phdr, phnum;
	struct segment segments[3];
	bool found;
	struct expected object;
};

static const struct executable executables[] = {
	{ "position independent",
	  BASE + 0x40,
	  3,
	  { { .type = PT_PHDR, .vaddr = 0x40 },
	    LOAD(0),
	    { .type = PT_DYNAMIC, .vaddr = 0x2000, .memsz = 64 } },
	  true,
	  { BASE, BASE + 0x2000, 64, 0, 0 } },
	{ "at its own address: no PT_PHDR",
	  BASE + 0x40,
	  3,
	  { LOAD(0),
	    { .type = PT_TLS, .memsz = 5 },
	    { .type = PT_DYNAMIC, .vaddr = BASE + 0x2000, .memsz = 64 } },
	  true,
	  { 0, BASE + 0x2000, 64, 5, 0 } },
	{ "fewer than there are",
	  BASE + 0x40,
	  1,
	  { { .type = PT_PHDR, .vaddr = 0x40 }, { .type = PT_DYNAMIC, .vaddr = 0x2000 } },
	  true,
	  { BASE, 0, 0, 0, 0 } },
	{ "nowhere", 0xdead0000, 3, { LOAD(0) }, false, { 0 } },
	{ "at the last address", UINT64_MAX, 3, { LOAD(0) }, false, { 0 } },
	{ "none", BASE + 0x40, 0, { LOAD(0) }, false, { 0 } },
	{ "more than there can be",
	  BASE + 0x40,
	  UINT64_MAX,
	  { { .type = PT_PHDR, .vaddr = 0x40 } },
	  true,
	  { BASE, 0, 0, 0, 0 } },
};

static void test_executable(void **state)
{
	const struct executable *row = *state;
	const uint64_t auxv[][2] = { { AT_PHDR, row->phdr }, { AT_PHNUM, row->phnum } };
	static const uint8_t zeros[2 * PAGE];
	struct object object;
	struct rig rig;

	builder_init(&rig.b, EM_X86_64);
	builder_auxv(&rig.b, auxv, 2);
	builder_load(&rig.b, BASE, PAGES * PAGE, PAGES * PAGE, PF_R);
	builder_poke(&rig.b, BASE, zeros, sizeof(zeros));
	poke_segments(&rig.b, BASE + 0x40, row->segments, ARRAY_SIZE(row->segments));
	rig_up(&rig);
	assert_int_equal(object_read_executable(&rig.view, &object), row->found);
	check_object(&object, &row->object, UINT64_MAX);
	rig_done(&rig);
}

/* 5,000 objects: each one's first page; the build-id of as many as are looked at. */
static void test_many(void **state)
{
	struct rig rig;

	(void)state;
	builder_init(&rig.b, EM_X86_64);
	for (uint64_t i = 0; i < 5000; i++) {
		builder_load(&rig.b, BASE + 2 * i * PAGE, PAGE, PAGE, PF_R);
		builder_file(&rig.b, BASE + 2 * i * PAGE, BASE + (2 * i + 1) * PAGE, 0,
			     "/x");
	}
	builder_files(&rig.b);
	rig_up(&rig);
	rule_object(&rig.view, &rig.ranges);
	assert_int_equal(rig.ranges.count, 5000);
	assert_true(rig.window.reads <= 4096);
	rig_done(&rig);
}

struct changed {
	const char *name;
	uint64_t content, pages; /* of a file's area */
	struct span changed[3];
	const char *expected;
};

/* An area of a file at page 1000; what is no larger than 64 pages is kept as it comes. */
static const struct changed changes[] = {
	{ "small: all of it", 64, 64, { { 0x1001, 0x1002 } }, "1000-1040:6" },
	{ "large: changed pages",
	  65,
	  65,
	  { { 0x1001, 0x1002 }, { 0x1010, 0x1030 } },
	  "1001-1002:6 1010-1030:6" },
	{ "large: none", 65, 80, { { 1, 2 } }, "" },
	{ "large: the last, cut to what there is",
	  65,
	  80,
	  { { 0x103f, 0x2000 } },
	  "103f-1041:6" },
	{ "not known: all of it", 65, 80, { { 0, 0 } }, "1000-1041:6" },
};

static void test_changed(void **state)
{
	const struct changed *row = *state;
	uint64_t start = 0x1000 * PAGE;
	struct rig rig;

	builder_init(&rig.b, EM_X86_64);
	builder_load(&rig.b, start, row->content * PAGE, row->pages * PAGE, RW);
	builder_file(&rig.b, start, start + row->pages * PAGE, 1, "/lib/x.so");
	builder_files(&rig.b);
	rig_up(&rig);
	for (size_t i = 0; row->changed[i].end; i++)
		core_memory_changed(&rig.window, row->changed[i].start * PAGE,
				    row->changed[i].end * PAGE);
	rig_check(&rig, rule_global, row->expected);
	rig_done(&rig);
}

/* Whoever answers with what was not asked for ends it. */
static bool stuck(void *context, uint64_t start, uint64_t end, uint64_t *ret_start,
		  uint64_t *ret_end)
{
	(*(size_t *)context)++;
	(void)end;
	*ret_start = start;
	*ret_end = start;
	return true;
}

static void test_stuck(void **state)
{
	struct memory memory = { .next_changed = stuck };
	size_t asked = 0;
	struct rig rig;

	(void)state;
	builder_init(&rig.b, EM_X86_64);
	builder_load(&rig.b, BASE, 100 * PAGE, 100 * PAGE, RW);
	builder_file(&rig.b, BASE, BASE + 100 * PAGE, 1, "/lib/x.so");
	builder_files(&rig.b);
	rig_up(&rig);
	memory.context = &asked;
	rig.view.memory = &memory;
	rig_check(&rig, rule_global, "");
	assert_int_equal(asked, 1);
	rig_done(&rig);
}

static bool every_second(void *context, uint64_t start, uint64_t end, uint64_t *ret_start,
			 uint64_t *ret_end)
{
	(void)context;
	*ret_start = start + start / PAGE % 2 * PAGE;
	*ret_end = *ret_start + PAGE;
	return *ret_start < end;
}

/* More runs than there is time for: from then on 64 MiB at once. */
static void test_runs(void **state)
{
	const uint64_t start = 0x100000 * PAGE, pages = 2 * 32768 + 20000;
	struct rig rig;

	(void)state;
	builder_init(&rig.b, EM_X86_64);
	builder_load(&rig.b, start, pages * PAGE, pages * PAGE, RW);
	builder_file(&rig.b, start, start + pages * PAGE, 1, "/lib/x.so");
	builder_files(&rig.b);
	rig_up(&rig);
	rig.window.memory.next_changed = every_second;
	rule_global(&rig.view, &rig.ranges);
	assert_int_equal(rig.ranges.count, 32768 + 2);
	for (uint64_t i = 0; i < 32770; i++) {
		const struct range *r = &rig.ranges.ranges[i];
		uint64_t coarse = i - 32768;

		assert_int_equal(r->start, start + (i <= 32768 ? 2 * i : 81920) * PAGE);
		assert_int_equal(r->end, coarse == 0   ? start + 81920 * PAGE
					 : coarse == 1 ? start + pages * PAGE
						       : r->start + PAGE);
	}
	rig_done(&rig);
}

/* .bss behind a file's data: at most 1 MiB of it. */
static void test_bss(void **state)
{
	struct rig rig;

	(void)state;
	builder_init(&rig.b, EM_X86_64);
	builder_load(&rig.b, BASE, PAGE, PAGE, RW);
	builder_load(&rig.b, BASE + PAGE, 300 * PAGE, 300 * PAGE, RW);
	builder_file(&rig.b, BASE, BASE + PAGE, 1, "/lib/x.so");
	builder_files(&rig.b);
	rig_up(&rig);
	rig_check(&rig, rule_global, "100-101:6 101-201:6");
	rig_done(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_many),
					    cmocka_unit_test(test_stuck),
					    cmocka_unit_test(test_runs),
					    cmocka_unit_test(test_bss) };
	int failed = RUN_TABLE(rows, test_row);

	failed += RUN_TABLE(executables, test_executable);
	failed += RUN_TABLE(changes, test_changed);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
