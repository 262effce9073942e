/* SPDX-License-Identifier: MIT */
/*
 * PT_NOTE: what each machine's threads carry: registers, thread pointers, and the masks
 * of their addresses.
 */
#include "tests/unit/built_notes.h"
#include "tests/unit/machines.h"
#include "tests/unit/table.h"

#define NOTE_SIGINFO 0x53494749

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

int main(void)
{
	int failed = RUN_TABLE(machines, test_threads);

	failed += RUN_TABLE(machines, test_out_of_place);
	failed += RUN_TABLE(gdts, test_gdt);
	return failed + RUN_TABLE(masks, test_mask);
}
