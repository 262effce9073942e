/* SPDX-License-Identifier: MIT */
/*
 * What kind of fault it was, by signal, registers and mappings. In pages: 100-101 text, 201f0-201f8 other
 * memory, 20200-20204 the thread's stack and nothing below it, 20300-20301 a guard, 20301-20304 another stack,
 * 20400-20410 an alternate one.
 */
#include "tests/unit/rig.h"
#include "tests/unit/table.h"

#include "filter/fault.h"
#include "filter/signal_code.h"

#define TEXT	  UINT64_C(0x100000)
#define MAPPED	  UINT64_C(0x201f0000)
#define HOME	  UINT64_C(0x20200000)
#define GUARD	  UINT64_C(0x20300000)
#define GUARDED	  UINT64_C(0x20301000)
#define ALTERNATE UINT64_C(0x20400000)
#define NOWHERE	  UINT64_C(0xdead0000)

#define SIGNAL_ABRT 6
#define KERNEL	    SIGNAL_CODE_KERNEL
#define MAPERR	    1
#define ACCERR	    2

struct row {
	const char *name;
	uint32_t signal; /* 0: no siginfo */
	int32_t code;
	uint64_t address, sp;
	const char *x86, *others;
	uint64_t stack; /* 0: HOME */
	bool by_frame; /* memory tells, of x86-64 alone */
};

static const struct row rows[] = {
	/* SI_KERNEL: by SP alone, its address is none */
	{ "sound SP", SIGNAL_SEGV, KERNEL, 0, HOME + 0x2000, .x86 = "non-canonical",
	  .others = "" },
	{ "SP at the end of its memory", SIGNAL_SEGV, KERNEL, 0, HOME + 0x3fff,
	  .x86 = "non-canonical", .others = "" },
	{ "SP behind its memory", SIGNAL_SEGV, KERNEL, 0, HOME + 0x4000,
	  .x86 = "no-signal-frame", .others = "no-signal-frame" },
	{ "SP nowhere", SIGNAL_SEGV, KERNEL, 0, NOWHERE, .x86 = "no-signal-frame",
	  .others = "no-signal-frame" },
	{ "no SP", SIGNAL_SEGV, KERNEL, 0, 0, .x86 = "no-signal-frame",
	  .others = "no-signal-frame" },
	{ "SP in text", SIGNAL_SEGV, KERNEL, 0, TEXT + 0x800, .x86 = "no-signal-frame",
	  .others = "no-signal-frame" },
	{ "SP in other memory", SIGNAL_SEGV, KERNEL, 0, MAPPED + 0x800,
	  .x86 = "non-canonical", .others = "" },
	{ "SP below the stack", SIGNAL_SEGV, KERNEL, 0, HOME - 0x800,
	  .x86 = "stack-overflow", .others = "stack-overflow" },
	{ "SP below the stack, and an address that is none", SIGNAL_SEGV, KERNEL,
	  HOME + 0x100, HOME - 0x800, .x86 = "stack-overflow",
	  .others = "stack-overflow" },
	{ "SP far below the stack", SIGNAL_SEGV, KERNEL, 0, HOME - (32 << 20),
	  .x86 = "no-signal-frame", .others = "no-signal-frame" },
	{ "SP in the guard", SIGNAL_SEGV, KERNEL, 0, GUARD + 0x800,
	  .x86 = "stack-overflow", .others = "stack-overflow", .stack = GUARDED },
	{ "SP in another stack's guard", SIGNAL_SEGV, KERNEL, 0, GUARD + 0x800,
	  .x86 = "no-signal-frame", .others = "no-signal-frame" },
	{ "of another signal", SIGNAL_TRAP, KERNEL, 0, NOWHERE, .x86 = "", .others = "" },
	{ "sound SP, in a handler for an overflow", SIGNAL_SEGV, KERNEL, 0,
	  ALTERNATE + 0x100, .x86 = "non-canonical", .others = "" },

	/* by the address */
	{ "an access below the stack", SIGNAL_SEGV, MAPERR, HOME - 8, HOME,
	  .x86 = "stack-overflow", .others = "stack-overflow" },
	{ "an access of a NULL pointer", SIGNAL_SEGV, MAPERR, 0, HOME + 0x100, .x86 = "",
	  .others = "" },
	{ "an access nowhere, SP nowhere", SIGNAL_SEGV, MAPERR, NOWHERE, NOWHERE,
	  .x86 = "", .others = "" },
	{ "an access in a handler for an overflow", SIGNAL_SEGV, MAPERR, 0,
	  ALTERNATE + 0x100, .x86 = "", .others = "" },
	/* MADV_GUARD_INSTALL: within the stack's own mapping */
	{ "a push in a guard of the stack", SIGNAL_SEGV, MAPERR, HOME + 0xff8,
	  HOME + 0x1000, .x86 = "stack-overflow", .others = "stack-overflow" },
	{ "a frame in such a guard", SIGNAL_SEGV, MAPERR, HOME + 0x800, HOME + 0x100,
	  .x86 = "stack-overflow", .others = "stack-overflow" },
	{ "a frame from such a guard to below the stack", SIGNAL_SEGV, MAPERR,
	  HOME + 0x800, HOME - 0x800, .x86 = "stack-overflow",
	  .others = "stack-overflow" },
	{ "a page that is there and forbids it", SIGNAL_SEGV, ACCERR, HOME + 0x800,
	  HOME + 0x100, .x86 = "", .others = "" },
	{ "an access far below SP in the stack", SIGNAL_SEGV, MAPERR, HOME + 0x100,
	  HOME + 0x3000, .x86 = "", .others = "" },
	{ "an access in another mapping, SP there", SIGNAL_SEGV, MAPERR, MAPPED + 0x800,
	  MAPPED + 0x808, .x86 = "", .others = "" },
	{ "SIGBUS below the stack", SIGNAL_BUS, 2, HOME - 8, HOME, .x86 = "",
	  .others = "" },

	/* by what a handler interrupted, of x86-64 alone */
	{ "abort() in a handler for an overflow", SIGNAL_ABRT, SIGNAL_CODE_TKILL, 0,
	  ALTERNATE + 0x100, .x86 = "stack-overflow", .others = "", .by_frame = true },
	{ "raise(SIGSEGV) in such a handler", SIGNAL_SEGV, SIGNAL_CODE_TKILL, 0,
	  ALTERNATE + 0x100, .x86 = "stack-overflow", .others = "", .by_frame = true },
	{ "in such a handler, no siginfo", 0, 0, 0, ALTERNATE + 0x100,
	  .x86 = "stack-overflow", .others = "", .by_frame = true },
	{ "no siginfo, SP nowhere", 0, 0, 0, NOWHERE, .x86 = "", .others = "" },
	{ "abort() on its stack", SIGNAL_ABRT, SIGNAL_CODE_TKILL, 0, HOME + 0x100,
	  .x86 = "", .others = "" },
	{ "behind the frame", SIGNAL_ABRT, SIGNAL_CODE_TKILL, 0, ALTERNATE + 0x800,
	  .x86 = "", .others = "" },
};

/* struct ucontext: link, the alternate stack, SP, the trap's number, the address below the stack. */
static void poke_frame(struct core_builder *b, uint64_t at, uint64_t stack)
{
	builder_poke_word(b, at + 8, 0);
	builder_poke_word(b, at + 16, ALTERNATE);
	builder_poke_word(b, at + 32, 0x10000);
	builder_poke_word(b, at + 160, stack);
	builder_poke_word(b, at + 200, 14);
	builder_poke_word(b, at + 216, stack - 8);
}

static void build(struct core_builder *b, uint16_t machine, const struct row *row)
{
	const uint64_t stack = row->stack ? row->stack : HOME;
	const uint64_t auxv[][2] = { { AT_RANDOM, stack + 0x2000 } };

	builder_init(b, machine);
	builder_psinfo(b, 1, 0, "x", "x");
	builder_thread(b, 1, row->sp, TEXT, 0);
	if (row->signal)
		builder_siginfo(b, row->signal, row->code, row->address);
	builder_auxv(b, auxv, ARRAY_SIZE(auxv));
	builder_load(b, TEXT, PAGE, PAGE, PF_R | PF_X);
	builder_load(b, MAPPED, 8 * PAGE, 8 * PAGE, RW);
	builder_load(b, HOME, 4 * PAGE, 4 * PAGE, RW);
	builder_load(b, GUARD, 0, PAGE, 0);
	builder_load(b, GUARDED, 3 * PAGE, 3 * PAGE, RW);
	builder_load(b, ALTERNATE, 16 * PAGE, 16 * PAGE, RW);
	poke_frame(b, ALTERNATE + 0x200, stack);
}

static void check(const struct row *row, uint16_t machine, bool blind,
		  const char *expected)
{
	struct rig rig;
	enum fault fault;

	build(&rig.b, machine, row);
	rig_up(&rig);
	fault = fault_of(&rig.core, &rig.notes, blind ? NULL : &rig.window.memory);
	assert_string_equal(fault_name(fault), expected);
	rig_done(&rig);
}

static void test_row(void **state)
{
	const struct row *row = *state;

	check(row, EM_X86_64, false, row->x86);
	check(row, EM_X86_64, true, row->by_frame ? "" : row->x86);
	check(row, EM_386, false, row->by_frame ? "" : row->x86);
	check(row, EM_AARCH64, false, row->others);
	check(row, EM_AARCH64, true, row->others);
}

static const struct less {
	const char *name;
	bool threads, machine;
	const char *expected;
} lesses[] = {
	{ "all of it", true, true, "no-signal-frame" },
	{ "no thread", false, true, "" },
	{ "a machine that is not known", true, false, "" },
};

/* What notes do not tell is not guessed. */
static void test_less(void **state)
{
	const struct less *less = *state;
	struct rig rig;

	build(&rig.b, EM_X86_64,
	      &(struct row){ .signal = SIGNAL_SEGV, .code = KERNEL, .sp = NOWHERE });
	rig_up(&rig);
	if (!less->threads)
		rig.notes.thread_count = 0;
	if (!less->machine)
		rig.notes.machine = NULL;
	assert_string_equal(
		fault_name(fault_of(&rig.core, &rig.notes, &rig.window.memory)),
		less->expected);
	rig_done(&rig);
}

int main(void)
{
	int failed = RUN_TABLE(rows, test_row);

	return failed + RUN_TABLE(lesses, test_less);
}
