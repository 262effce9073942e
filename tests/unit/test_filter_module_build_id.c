/* SPDX-License-Identifier: MIT */
/*
 * Build-ids out of memory and out of files: the same rules for both, and notes that lie.
 */
#include <string.h>

#include "tests/unit/core_builder.h"
#include "tests/unit/table.h"

#include "filter/elf.h"
#include "filter/module_build_id.h"
#include "filter/modules.h"

#define BASE  UINT64_C(0x7f0000100000)
#define BASE4 UINT64_C(0x8100000)
#define SIZE  (4 * PAGE)

/* Memory, or a file, that begins at an address, with a hole. */
struct image {
	struct memory memory;
	uint64_t base, hole, hole_end;
	size_t reads;
	uint8_t bytes[SIZE];
};

static size_t image_read(void *context, uint64_t address, void *to, size_t n)
{
	struct image *image = context;
	uint64_t end = image->base + SIZE;

	image->reads++;
	if (address < image->base || address >= end ||
	    (address >= image->hole && address < image->hole_end))
		return 0;
	if (image->hole > address && image->hole < end)
		end = image->hole;
	n = n < end - address ? n : (size_t)(end - address);
	memcpy(to, image->bytes + (address - image->base), n);
	return n;
}

struct note_row {
	uint32_t at; /* in the file; 0: no more */
	uint32_t size; /* of the segment; 0: that of the note */
	uint32_t desc; /* bytes that it says it has */
	uint32_t first; /* its first byte, of 20 that count upwards */
	const char *name; /* NULL: GNU */
};

struct row {
	const char *name;
	struct note_row notes[10];
	uint64_t hole; /* a page of the file */
	enum build_id_state state;
	uint8_t n, first;
	uint64_t vaddr; /* of the first PT_LOAD */
	uint16_t phnum; /* 0: those there are */
	bool bad_header;
};

static const struct row rows[] = {
	{ "one", { { 0x400, 0, 20, 1, NULL } }, .n = 20, .first = 1 },
	{ "in another page than the header",
	  { { 0x2400, 0, 20, 1, NULL } },
	  .n = 20,
	  .first = 1 },
	{ "linked to an address",
	  { { 0x400, 0, 20, 1, NULL } },
	  .n = 20,
	  .first = 1,
	  .vaddr = 0x400000 },
	{ "the shortest", { { 0x400, 0, 4, 7, NULL } }, .n = 4, .first = 7 },
	{ "the longest", { { 0x400, 0, 64, 7, NULL } }, .n = 64, .first = 7 },
	{ "behind a note of somebody else",
	  { { 0x400, 0, 16, 1, "XYZ" }, { 0x500, 0, 20, 9, NULL } },
	  .n = 20,
	  .first = 9 },
	{ "none", { { 0 } }, .state = BUILD_ID_NONE },
	{ "somebody else's only",
	  { { 0x400, 0, 16, 1, "XYZ" } },
	  .state = BUILD_ID_NONE },
	{ "three bytes", { { 0x400, 0, 3, 1, NULL } }, .state = BUILD_ID_BAD_SIZE },
	{ "65 bytes", { { 0x400, 0, 65, 1, NULL } }, .state = BUILD_ID_BAD_SIZE },
	{ "no byte", { { 0x400, 16, 0, 1, NULL } }, .state = BUILD_ID_BAD_SIZE },
	{ "longer than its segment",
	  { { 0x400, 24, 20, 1, NULL } },
	  .state = BUILD_ID_BAD_SIZE },
	{ "4 GiB", { { 0x400, 64, UINT32_MAX, 1, NULL } }, .state = BUILD_ID_BAD_SIZE },
	{ "a segment of less than a note",
	  { { 0x400, 11, 20, 1, NULL } },
	  .state = BUILD_ID_BAD_SIZE },
	{ "behind the module",
	  { { SIZE, 0, 20, 1, NULL } },
	  .state = BUILD_ID_BAD_PLACE },
	{ "across its end",
	  { { SIZE - 16, 36, 20, 1, NULL } },
	  .state = BUILD_ID_BAD_PLACE },
	{ "before it",
	  { { UINT32_MAX - 0xff, 36, 20, 1, NULL } },
	  .state = BUILD_ID_BAD_PLACE },
	{ "twice, the same",
	  { { 0x400, 0, 20, 1, NULL }, { 0x500, 0, 20, 1, NULL } },
	  .n = 20,
	  .first = 1 },
	{ "twice, and they differ",
	  { { 0x400, 0, 20, 1, NULL }, { 0x500, 0, 20, 2, NULL } },
	  .state = BUILD_ID_TWO },
	{ "twice, one shorter",
	  { { 0x400, 0, 20, 1, NULL }, { 0x500, 0, 16, 1, NULL } },
	  .state = BUILD_ID_TWO },
	{ "a third after two that differ",
	  { { 0x400, 0, 20, 1, NULL },
	    { 0x500, 0, 20, 2, NULL },
	    { 0x600, 0, 20, 1, NULL } },
	  .state = BUILD_ID_TWO },
	{ "in the wrong place, then in the right one",
	  { { SIZE, 0, 20, 1, NULL }, { 0x500, 0, 20, 2, NULL } },
	  .n = 20,
	  .first = 2 },
	{ "the ninth segment is not looked at",
	  { { 0x400, 0, 4, 1, "A" },
	    { 0x400, 0, 4, 1, "A" },
	    { 0x400, 0, 4, 1, "A" },
	    { 0x400, 0, 4, 1, "A" },
	    { 0x400, 0, 4, 1, "A" },
	    { 0x400, 0, 4, 1, "A" },
	    { 0x400, 0, 4, 1, "A" },
	    { 0x400, 0, 4, 1, "A" },
	    { 0x500, 0, 20, 1, NULL } },
	  .state = BUILD_ID_NONE },
	{ "its page is not there",
	  { { 0x2400, 0, 20, 1, NULL } },
	  .hole = 0x2000,
	  .state = BUILD_ID_UNREAD },
	{ "no header",
	  { { 0x400, 0, 20, 1, NULL } },
	  .bad_header = true,
	  .state = BUILD_ID_UNREAD },
	{ "headers that end nowhere",
	  { { 0x400, 0, 20, 1, NULL } },
	  .hole = 0x1000,
	  .phnum = 128,
	  .state = BUILD_ID_UNREAD },
};

static void put_note(struct image *image, const struct note_row *note)
{
	uint8_t *p = image->bytes + note->at;
	const char *name = note->name ? note->name : "GNU";

	if (note->at + 128 > SIZE)
		return;
	memset(p, 0, 128);
	builder_put(p, strlen(name) + 1, 4);
	builder_put(p + 4, note->desc, 4);
	builder_put(p + 8, NT_GNU_BUILD_ID, 4);
	memcpy(p + 12, name, strlen(name));
	for (uint32_t i = 0; i < 64; i++)
		p[16 + i] = (uint8_t)(note->first + i);
}

static void put_segments(struct image *image, unsigned int word, const struct row *row)
{
	struct segment load = { .type = PT_LOAD,
				.vaddr = row->vaddr,
				.filesz = SIZE,
				.memsz = SIZE + 0x10000 };
	uint8_t *p = image->bytes + elf_header_size(word);

	elf_segment_write(word, &load, p);
	for (size_t i = 0; row->notes[i].at; i++) {
		const struct note_row *note = &row->notes[i];
		uint64_t size = note->size ? note->size : 16 + ((note->desc + 3) & ~3u);
		const struct segment s = { .type = PT_NOTE,
					   .offset = note->at,
					   .vaddr = row->vaddr + note->at,
					   .filesz = size,
					   .memsz = size };

		p += elf_segment_size(word);
		elf_segment_write(word, &s, p);
		put_note(image, note);
	}
}

static void put_header(struct image *image, unsigned int word, const struct row *row)
{
	uint8_t *p = image->bytes;
	size_t count = 1;

	while (row->notes[count - 1].at)
		count++;
	memcpy(p, ELFMAG, SELFMAG);
	p[EI_CLASS] = word == 8 ? ELFCLASS64 : ELFCLASS32;
	p[EI_DATA] = ELFDATA2LSB;
	builder_put(p + 16, ET_DYN, 2);
	builder_put(p + (word == 8 ? 32 : 28), elf_header_size(word), word);
	builder_put(p + (word == 8 ? 54 : 42), elf_segment_size(word), 2);
	builder_put(p + (word == 8 ? 56 : 44), row->phnum ? row->phnum : count, 2);
	if (row->bad_header)
		p[1] = 'e';
}

static struct image *make(unsigned int word, uint64_t base, const struct row *row)
{
	struct image *image = calloc(1, sizeof(*image));

	assert_non_null(image);
	image->memory = (struct memory){ .read = image_read, .context = image };
	image->base = base;
	if (row->hole) {
		image->hole = base + row->hole;
		image->hole_end = image->hole + PAGE;
	}
	put_header(image, word, row);
	put_segments(image, word, row);
	return image;
}

static void check(const struct build_id *id, const struct row *row)
{
	assert_int_equal(id->state, row->state);
	assert_int_equal(id->n, row->n);
	for (uint8_t i = 0; i < row->n; i++)
		assert_int_equal(id->bytes[i], row->first + i);
}

static void test_row(void **state)
{
	const struct row *row = *state;

	for (unsigned int word = 4; word <= 8; word += 4) {
		uint64_t base = word == 8 ? BASE : BASE4;
		struct image *module = make(word, base, row);
		struct image *file = make(word, 0, row);
		struct build_id in_memory, in_file;

		build_id_of_module(&module->memory, base, base + SIZE, &in_memory);
		build_id_of_file(&file->memory, SIZE, &in_file);
		check(&in_memory, row);
		check(&in_file, row);
		assert_int_equal(build_id_same(&in_memory, &in_file),
				 row->state == BUILD_ID_FOUND);
		assert_int_equal(module_span(&module->memory, base),
				 row->bad_header || row->phnum ? 0 : SIZE + 0x10000);
		free(module);
		free(file);
	}
}

static void test_same(void **state)
{
	const struct build_id a = { .n = 4, .bytes = "abcd" },
			      longer = { .n = 5, .bytes = "abcde" },
			      other = { .n = 4, .bytes = "abcx" };
	const struct build_id none = { .state = BUILD_ID_NONE };

	(void)state;
	assert_true(build_id_same(&a, &a));
	assert_false(build_id_same(&a, &longer));
	assert_false(build_id_same(&a, &other));
	assert_false(build_id_same(&none, &none));
}

/* NT_FILE of a process, and the modules that are in it. */
static void build_files(struct core_builder *b, const struct file_mapping *files,
			size_t n)
{
	static const uint64_t auxv[][2] = { { AT_PHDR, BASE + 64 } };

	builder_init(b, EM_X86_64);
	builder_auxv(b, auxv, 1);
	for (size_t i = 0; i < n; i++)
		builder_file(b, files[i].start, files[i].end, files[i].offset,
			     (const char *)files[i].path.p);
	builder_files(b);
}

static void read_modules(struct core_builder *b, const struct memory *memory, size_t most,
			 struct modules *ret)
{
	struct built built = builder_build(b);
	struct core core;
	struct notes notes;

	core_init(&core);
	assert_int_equal(built_feed(&built, built.n, &core), 1);
	notes_read(&core.header, core.notes, &notes);
	assert_int_equal(modules_read(&notes, NULL, memory, most, ret), 0);
	for (size_t i = 0; i < ret->count; i++)
		ret->list[i].path = (struct bytes){ NULL, 0 };
	notes_done(&notes);
	core_done(&core);
	built_done(&built);
}

#define PATH(text)                                        \
	{                                                 \
		(const uint8_t *)(text), sizeof(text) - 1 \
	}

static void test_modules(void **state)
{
	static const struct row good = { .notes = { { 0x400, 0, 20, 1 } } };
	/* its data begin in the page that its text ends in: mapped from the start once more */
	static const struct file_mapping files[] = {
		{ BASE - 8 * PAGE, BASE - 7 * PAGE, 0, PATH("/data, not there") },
		{ BASE, BASE + PAGE, 0, PATH("/bin/x") },
		{ BASE + PAGE, BASE + 2 * PAGE, 0, PATH("/bin/x") },
		{ BASE + 3 * PAGE, BASE + 4 * PAGE, 2, PATH("/bin/x") },
		{ BASE + 64 * PAGE, BASE + 65 * PAGE, 0, PATH("/lib/y, not there") },
		{ BASE + 65 * PAGE, BASE + 66 * PAGE, 1, PATH("/lib/y, not there") },
	};
	struct image *image = make(8, BASE, &good);
	struct core_builder b;
	struct modules modules;

	(void)state;
	build_files(&b, files, ARRAY_SIZE(files));
	read_modules(&b, &image->memory, 10, &modules);
	assert_int_equal(modules.count, 2);
	assert_int_equal(modules.list[0].start, BASE);
	assert_int_equal(modules.list[0].end, BASE + 4 * PAGE);
	assert_true(modules.list[0].executable);
	assert_int_equal(modules.list[0].build_id.n, 20);
	assert_int_equal(modules.list[1].end, BASE + 66 * PAGE);
	assert_false(modules.list[1].executable);
	assert_int_equal(modules.list[1].build_id.state, BUILD_ID_UNREAD);
	assert_ptr_equal(modules_at(&modules, BASE + 2 * PAGE), &modules.list[0]);
	assert_ptr_equal(modules_at(&modules, BASE + 65 * PAGE), &modules.list[1]);
	assert_null(modules_at(&modules, BASE - 1));
	assert_null(modules_at(&modules, BASE + 66 * PAGE));
	modules_done(&modules);
	builder_done(&b);
	build_files(&b, files, ARRAY_SIZE(files));
	read_modules(&b, &image->memory, 1, &modules);
	assert_int_equal(modules.count, 1);
	assert_int_equal(modules.left_out, 1);
	modules_done(&modules);
	builder_done(&b);
	free(image);
}

/* A process may have thousands of modules, with as many headers as they like. */
static void test_reads(void **state)
{
	static const struct row row = { .notes = { { 0x400, 0, 20, 1 } }, .phnum = 12 };
	struct image *image = make(8, BASE, &row);
	struct build_id id;

	(void)state;
	build_id_of_module(&image->memory, BASE, BASE + SIZE, &id);
	assert_true(module_span(&image->memory, BASE) > 0);
	assert_in_range(image->reads, 1, 8);
	free(image);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_same),
					    cmocka_unit_test(test_modules),
					    cmocka_unit_test(test_reads) };

	return RUN_TABLE(rows, test_row) + cmocka_run_group_tests(tests, NULL, NULL);
}
