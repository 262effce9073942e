/* SPDX-License-Identifier: MIT */
/*
 * A thread's own memory with its dtv: glibc's and musl's, before and behind the thread
 * pointer, true and not. In pages: 100-102 a small area with the control block; 200-201 the dtv;
 * 300-340 blocks; 400-500 a large area; 600-601 an object.
 */
#include "tests/unit/rig.h"
#include "tests/unit/table.h"

#include "filter/tls.h"

#define TLS	0x100800
#define DTV	0x200800
#define NOWHERE UINT64_C(0xdead0000)

struct row {
	const char *name;
	uint64_t tls, dtv;
	uint64_t entries[8]; /* from dtv[0] on, in words */
	uint64_t count; /* dtv[-1] */
	struct span hole;
	uint64_t tls_size; /* PT_TLS of the object; 0: none */
	const char *expected; /* joined */
};

#define OWN   "100-102:5"
#define OWN_2 "100-102:5 200-201:5"

static const struct row rows[] = {
	{ "glibc: {pointer, to free}",
	  TLS,
	  DTV,
	  { 4, 0, 0x300010, 0, 0x310020, 0x310000 },
	  .count = 2,
	  .expected = OWN_2 " 300-302:5 310-312:5" },
	{ "glibc: no further than it counts",
	  TLS,
	  DTV,
	  { 900, 0, 0x300010, 0, 0x310020, 0, 0x320020, 0 },
	  .count = 1,
	  .expected = OWN_2 " 300-302:5" },
	{ "glibc: what is to be freed is no block",
	  TLS,
	  DTV,
	  { 4, 0, 0x300000, 0x320000 },
	  .count = 1,
	  .expected = OWN_2 " 300-301:5" },
	{ "a library's text is no block",
	  TLS,
	  DTV,
	  { 4, 0, 0x600010, 0, 0x310000, 0 },
	  .count = 2,
	  .expected = OWN_2 " 310-311:5" },
	{ "a dtv in a library's text", TLS, 0x600800, .expected = OWN },
	{ "a control block in a library's text", 0x600800, 0, .expected = "" },
	{ "no count", TLS, DTV, { 0x300000, 0x300000 }, .expected = OWN },
	{ "musl: no further than it counts",
	  TLS,
	  DTV,
	  { 1, 0x300000, 0x304000 },
	  .expected = OWN_2 " 300-301:5" },
	{ "musl: a count, then pointers",
	  TLS,
	  DTV,
	  { 2, 0x300000, 0x304000 },
	  .expected = OWN_2 " 300-301:5 304-305:5" },
	{ "not allocated yet: -1",
	  TLS,
	  DTV,
	  { 1, 0, UINT64_MAX, 0 },
	  .count = 1,
	  .expected = OWN_2 },
	{ "entries that are no pointers",
	  TLS,
	  DTV,
	  { 4, 0x300001, 0x300003, NOWHERE, 7 },
	  .expected = OWN_2 },
	{ "blocks as large as the object's",
	  TLS,
	  DTV,
	  { 2, 0x300000 },
	  .tls_size = 0x5000,
	  .expected = OWN_2 " 300-305:5" },
	{ "blocks larger than variables are",
	  TLS,
	  DTV,
	  { 2, 0x300000 },
	  .tls_size = 0xffffff,
	  .expected = OWN_2 " 300-310:5" },
	{ "a block at the end of its area",
	  TLS,
	  DTV,
	  { 2, 0x33fff8 },
	  .expected = OWN_2 " 33f-340:5" },
	{ "no dtv", TLS, 0, .expected = OWN },
	{ "dtv at 1", TLS, 1, .expected = OWN },
	{ "dtv nowhere", TLS, NOWHERE, .expected = OWN },
	{ "dtv at the last address", TLS, UINT64_MAX, .expected = OWN },
	{ "dtv that is not there", TLS, DTV, .hole = { 0x200000, 0x201000 },
	  .expected = OWN },
	{ "control block that is not there", TLS, DTV, .hole = { 0x100000, 0x101000 },
	  .expected = OWN },
	{ "in a large area", 0x480000, 0, .expected = "470-481:5" },
	{ "nowhere", NOWHERE, 0, .expected = "" },
	{ "at the last address", UINT64_MAX, 0, .expected = "" },
	{ "unknown", 0, DTV, .expected = "" },
};

static void poke_object(struct core_builder *b, uint64_t tls_size)
{
	const struct segment tls = { .type = PT_TLS, .memsz = tls_size };
	uint8_t raw[256] = { 0 };

	memcpy(raw, ELFMAG, SELFMAG);
	raw[EI_CLASS] = b->word == 8 ? ELFCLASS64 : ELFCLASS32;
	raw[EI_DATA] = ELFDATA2LSB;
	raw[EI_VERSION] = EV_CURRENT;
	builder_put(raw + 16, ET_DYN, 2);
	builder_put(raw + (b->word == 8 ? 32 : 28), 64, b->word);
	builder_put(raw + (b->word == 8 ? 54 : 42), elf_segment_size(b->word), 2);
	builder_put(raw + (b->word == 8 ? 56 : 44), 1, 2);
	elf_segment_write(b->word, &tls, raw + 64);
	builder_poke(b, 0x600000, raw, sizeof(raw));
}

static void build(struct core_builder *b, uint16_t machine, const struct row *row)
{
	static const uint8_t zeros[PAGE];

	builder_init(b, machine);
	builder_thread(b, 1, 0, 0, row->tls);
	builder_file(b, 0x600000, 0x601000, 0, "/lib/x.so");
	builder_files(b);
	builder_load(b, 0x100000, 0x2000, 0x2000, RW);
	builder_load(b, 0x200000, 0x1000, 0x1000, RW);
	builder_load(b, 0x300000, 0x40000, 0x40000, RW);
	builder_load(b, 0x400000, 0x100000, 0x100000, RW);
	builder_load(b, 0x600000, 0x1000, 0x1000, PF_R);
	builder_poke(b, 0x200000, zeros, PAGE);
	builder_poke(b, 0x100800, zeros, 64);
	builder_poke(b, 0x480000, zeros, 64);
	builder_poke_word(b, TLS + (machine == EM_AARCH64 ? 0 : b->word), row->dtv);
	builder_poke_word(b, DTV - 2 * b->word, row->count);
	for (size_t i = 0; i < ARRAY_SIZE(row->entries); i++)
		builder_poke_word(b, DTV + i * b->word, row->entries[i]);
	if (row->tls_size)
		poke_object(b, row->tls_size);
}

static void check(uint16_t machine, const struct row *row)
{
	struct rig rig;
	struct tls tls;

	build(&rig.b, machine, row);
	rig_up(&rig);
	if (row->hole.end)
		core_memory_hole(&rig.window, row->hole.start, row->hole.end);
	tls_start(&rig.view, &tls);
	tls_add(&rig.view, &tls, 0, &rig.ranges);
	ranges_join(&rig.ranges);
	if (machine != EM_AARCH64 || row->tls < 0x400000) /* more is above it there */
		assert_ranges(&rig.ranges, row->expected);
	assert_true(rig.window.reads < 600);
	rig_done(&rig);
}

static void test_row(void **state)
{
	check(EM_X86_64, *state);
	check(EM_386, *state);
	check(EM_AARCH64, *state);
}

/* A dtv of garbage, every word a pointer: no more than what a dtv has at most. */
static void test_garbage(void **state)
{
	uint64_t kept = 0;
	struct rig rig;
	struct tls tls;

	(void)state;
	build(&rig.b, EM_X86_64, &(struct row){ .tls = TLS, .dtv = 0x400800 });
	builder_load(&rig.b, 0x10000000, 0x1000000, 0x1000000, RW);
	for (uint64_t i = 0; i < 2048; i++)
		builder_poke_word(&rig.b, 0x400000 + 8 * i, 0x10000000 + 2 * PAGE * i);
	builder_poke_word(&rig.b, 0x400800 - 16, 256);
	rig_up(&rig);
	tls_start(&rig.view, &tls);
	tls_add(&rig.view, &tls, 0, &rig.ranges);
	ranges_join(&rig.ranges);
	for (size_t i = 0; i < rig.ranges.count; i++)
		kept += rig.ranges.ranges[i].end - rig.ranges.ranges[i].start;
	assert_int_equal(kept, (2 + 2 + 256) * PAGE); /* control block, dtv, blocks */
	rig_done(&rig);
}

/* Objects beyond 1,024 are not asked; they cost no read. */
static void test_many_objects(void **state)
{
	struct rig rig;
	struct tls tls;

	(void)state;
	builder_init(&rig.b, EM_X86_64);
	for (uint64_t i = 0; i < 2000; i++) {
		uint64_t at = 0x100000 + 2 * i * PAGE;

		builder_load(&rig.b, at, PAGE, PAGE, PF_R);
		builder_file(&rig.b, at, at + PAGE, 0, "/lib/x.so");
	}
	builder_files(&rig.b);
	rig_up(&rig);
	tls_start(&rig.view, &tls);
	assert_int_equal(tls.block_size, PAGE);
	assert_true(rig.window.reads <= 1024);
	rig_done(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_garbage),
					    cmocka_unit_test(test_many_objects) };
	int failed = RUN_TABLE(rows, test_row);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
