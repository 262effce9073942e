/* SPDX-License-Identifier: MIT */
/*
 * Cores of a real aarch64 kernel (tests/recorded): what the filter reads in them, and what each
 * type keeps of a process whose threads, thread-local variables, pointees and signed return
 * addresses are where a C library and a compiler put them. In one of them malloc's pointers
 * have tags.
 */
#include <signal.h>
#include <stdio.h>

#include "tests/unit/recorded.h"
#include "tests/unit/table.h"

#define FRAMES_MAX 64
#define NAME_SIZE  64
#define FAULT	   40 /* offset of a member, from a null pointer */

/* Where the kernel says that a signature is, with 48 bits of address: NT_ARM_PAC_MASK. */
#define SIGNATURE UINT64_C(0x007f000000000000)

/* General registers of NT_PRSTATUS. */
#define REGISTER(n) (112 + 8 * (n))
#define FRAME	    29

/* A core as a type keeps it. */
struct row {
	const char *name;
	const char *core;
	const char *type;
	uint64_t poorest; /* places of such types are in it */
};

#define PLAIN  "tests/recorded/aarch64.core.zst"
#define TAGGED "tests/recorded/aarch64-tagged.core.zst"

static const struct row rows[] = {
	{ "stacks", PLAIN, "stacks", PLACE_STACKS },
	{ "mini", PLAIN, "mini", PLACE_MINI },
	{ "heap", PLAIN, "heap", PLACE_HEAP },
	{ "full", PLAIN, "full", PLACE_HEAP },
	{ "stacks, tagged", TAGGED, "stacks", PLACE_STACKS },
	{ "mini, tagged", TAGGED, "mini", PLACE_MINI },
	{ "heap, tagged", TAGGED, "heap", PLACE_HEAP },
	{ "full, tagged", TAGGED, "full", PLACE_HEAP },
};

static const struct row triage[] = {
	{ "triage", PLAIN, "triage", 0 },
	{ "triage, tagged", TAGGED, "triage", 0 },
};

static void set_up(const struct row *row, struct recorded *ret)
{
	recorded_open(ret, row->core);
	recorded_plan(ret, type_find(row->type));
	assert_string_equal(ret->p.plan.type->name, row->type);
	assert_int_equal(ret->p.plan.reason_count, 0);
	assert_int_equal(ret->p.plan.left_out, 0);
}

static void check_notes(const struct recorded *r)
{
	const struct notes *notes = &r->p.notes;

	assert_string_equal(notes->machine->name, "aarch64");
	assert_false(notes->broken);
	assert_int_equal(r->p.core.size, r->p.file.n);
	assert_int_equal(notes->pid, r->beacon.threads[0].tid);
	assert_memory_equal(notes->fname.p, "program", 8);
	assert_memory_equal(notes->psargs.p, "/program /library.so an argument", 32);
	assert_true(notes->has_siginfo);
	assert_int_equal(notes->signal, SIGSEGV);
	assert_int_equal(notes->signal_code, SEGV_MAPERR);
	assert_int_equal(notes->fault_address, FAULT);
}

/* TID, thread pointer and stack as the threads know them; the last one died. */
static void check_threads(const struct recorded *r)
{
	assert_int_equal(r->p.notes.thread_count, BEACON_THREADS);
	assert_int_equal(r->p.notes.threads[0].tid, r->beacon.threads[2].tid);
	for (size_t i = 0; i < BEACON_THREADS; i++) {
		const struct beacon_thread *told = &r->beacon.threads[i];
		const struct thread *t = recorded_thread(r, told);
		uint64_t start = recorded_address(told->stack);

		assert_int_equal(t->tls, recorded_address(told->tls));
		assert_true(t->sp % 16 == 0 && t->sp < recorded_address(told->stack_end));
		/* the first one has told of a variable near its stack's end */
		assert_true(i == 0 ? start - t->sp < 65536 : t->sp >= start);
		assert_non_null(notes_file_at(&r->p.notes, t->pc));
	}
}

static void test_read(void **state)
{
	struct recorded r;

	set_up(*state, &r);
	check_notes(&r);
	check_threads(&r);
	recorded_done(&r);
}

static void check_place(const struct recorded *r, const struct row *row,
			const struct beacon_place *place)
{
	uint64_t start = recorded_address(place->address);
	bool has = built_has(&r->p.output, start, start + place->size);

	if (has != (place->kind <= row->poorest))
		fail_msg("%s %s: %s %s", has ? "has" : "lacks", place->name,
			 fate_name(planned_piece(&r->p, start)->fate),
			 rank_name(planned_piece(&r->p, start)->rank));
	if (!has) /* nor does a debugger show zeros for it */
		assert_false(built_names(&r->p.output, start));
}

static void test_places(void **state)
{
	const struct row *row = *state;
	struct recorded r;

	set_up(row, &r);
	for (size_t i = 0; i < r.beacon.place_count; i++)
		check_place(&r, row, &r.beacon.places[i]);
	recorded_done(&r);
}

/* Frame records {frame, return address} from a thread's registers on. Return: how many. */
static size_t frames_of(const struct recorded *r, const struct thread *t,
			uint64_t ret[FRAMES_MAX])
{
	uint64_t at = bytes_number_or_0(t->prstatus, REGISTER(FRAME), 8);
	size_t n = 0;

	for (; at; at = recorded_word(r, at)) {
		assert_true(n < FRAMES_MAX);
		ret[n++] = at;
	}
	return n;
}

/* A return address without its signature, which is in code. Return: whether it has one. */
static bool check_return(const struct recorded *r, uint64_t address)
{
	for (size_t i = 0; i < r->p.core.count; i++) {
		const struct segment *s = &r->p.core.segments[i];

		if (s->type == PT_LOAD && (address & ~SIGNATURE) - s->vaddr < s->memsz) {
			assert_true(s->flags & PF_X);
			return address & SIGNATURE;
		}
	}
	fail_msg("%llx is no return address", (unsigned long long)address);
	return false;
}

/* Each frame's record is as the process had it. Return: signed return addresses. */
static size_t check_frames(const struct recorded *r, const struct thread *t)
{
	uint64_t frames[FRAMES_MAX], frame, address;
	size_t n = frames_of(r, t, frames), with_signature = 0;

	assert_true(n >= 5);
	for (size_t i = 0; i < n; i++) {
		assert_true(recorded_kept(r, frames[i], 8, &frame));
		assert_int_equal(frame, recorded_word(r, frames[i]));
		assert_true(recorded_kept(r, frames[i] + 8, 8, &address));
		assert_int_equal(address, recorded_word(r, frames[i] + 8));
		if (frame)
			with_signature += check_return(r, address);
	}
	return with_signature;
}

/* The dead thread's lead from the alternate stack to the one below it. */
static void check_two_stacks(const struct recorded *r)
{
	const struct beacon_thread *told = &r->beacon.threads[2];
	uint64_t frames[FRAMES_MAX];
	size_t n = frames_of(r, recorded_thread(r, told), frames), changes = 0;
	uint64_t start = recorded_address(told->stack);
	uint64_t end = recorded_address(told->stack_end);

	assert_true(n >= 12);
	for (size_t i = 1; i < n; i++)
		changes += (frames[i - 1] - start < end - start) !=
			   (frames[i] - start < end - start);
	assert_true(frames[0] - start < end - start);
	assert_int_equal(changes, 1);
}

static void test_frames(void **state)
{
	struct recorded r;

	set_up(*state, &r);
	for (size_t i = 0; i < BEACON_THREADS; i++) {
		const struct thread *t = recorded_thread(&r, &r.beacon.threads[i]);

		/* die_here() calls itself three times; of 128 signatures one is 0 */
		assert_true(check_frames(&r, t) >= (i == 2 ? 2 : 0));
	}
	check_two_stacks(&r);
	recorded_done(&r);
}

static uint64_t must_have(const struct recorded *r, uint64_t address, size_t width)
{
	uint64_t number;

	if (!recorded_kept(r, address & ~(UINT64_C(0xff) << 56), width, &number))
		fail_msg("%llx is not kept", (unsigned long long)address);
	return number;
}

static uint64_t word_at(const struct recorded *r, uint64_t address)
{
	return must_have(r, address, 8);
}

/* r_debug, by way of AT_PHDR and PT_DYNAMIC, as a debugger that has no files finds it. */
static uint64_t find_r_debug(const struct recorded *r)
{
	uint64_t phdr, count, bias = 0, dynamic = 0;

	assert_true(notes_auxv(&r->p.notes, AT_PHDR, &phdr));
	assert_true(notes_auxv(&r->p.notes, AT_PHNUM, &count));
	for (uint64_t at = phdr; at < phdr + count * 56; at += 56) {
		uint32_t type = (uint32_t)word_at(r, at);

		if (type == PT_PHDR)
			bias = phdr - word_at(r, at + 16);
		if (type == PT_DYNAMIC)
			dynamic = word_at(r, at + 16) + bias;
	}
	for (; word_at(r, dynamic) != DT_NULL; dynamic += 16) {
		if (word_at(r, dynamic) == DT_DEBUG)
			return word_at(r, dynamic + 8);
	}
	fail_msg("no DT_DEBUG");
	return 0;
}

static void read_name(const struct recorded *r, uint64_t address, char to[NAME_SIZE])
{
	for (size_t i = 0; i < NAME_SIZE; i++) {
		to[i] = (char)must_have(r, address + i, 1);
		if (!to[i])
			return;
	}
	fail_msg("a name without an end");
}

static void test_loader(void **state)
{
	static const char *const names[] = { "", "linux-vdso.so.1", "/lib/libc.so.6",
					     "/lib/ld-linux-aarch64.so.1",
					     "/library.so" };
	struct recorded r;
	uint64_t node;

	set_up(*state, &r);
	node = word_at(&r, find_r_debug(&r) + 8);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char name[NAME_SIZE];

		read_name(&r, word_at(&r, node + 8), name);
		assert_string_equal(name, names[i]);
		node = word_at(&r, node + 24);
	}
	assert_int_equal(node, 0);
	recorded_done(&r);
}

/* Kept bytes of [start, end) that are of one of the ranks. */
static uint64_t kept_bytes(const struct recorded *r, uint64_t start, uint64_t end,
			   uint32_t ranks)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < r->p.plan.piece_count; i++) {
		const struct piece *piece = &r->p.plan.pieces[i];

		if (piece->fate == FATE_KEPT && (RANK_BIT(piece->rank) & ranks) &&
		    piece->start < end && piece->end > start)
			sum += (piece->end < end ? piece->end : end) -
			       (piece->start > start ? piece->start : start);
	}
	return sum;
}

/* As such, not because there was room for them as for any memory. */
static void check_pointees(const struct recorded *r)
{
	for (size_t i = 0; i < r->beacon.place_count; i++) {
		const struct beacon_place *place = &r->beacon.places[i];

		if (place->kind == PLACE_MINI)
			assert_fate(&r->p, recorded_address(place->address), FATE_KEPT,
				    RANK_POINTEE);
	}
}

/* Whatever is left for other memory: what pointers lead to is there, and dead memory is not. */
static void test_budget(void **state)
{
	static const uint64_t sizes[] = { 512 << 10, 1 << 20, 8 << 20, 16 << 20 };
	const uint32_t budgeted = ~(RANK_BIT(RANK_GLOBAL + 1) - 1);
	const struct row *row = *state;
	struct recorded r;

	recorded_open(&r, row->core);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		const struct beacon_place *dead = recorded_place(&r, "dead memory");
		uint64_t start = recorded_address(dead->address);
		struct type type = *type_find("mini");

		type.budget = sizes[i];
		recorded_plan(&r, &type);
		check_pointees(&r);
		assert_int_equal(kept_bytes(&r, start, start + dead->size, ~0u), 0);
		assert_true(kept_bytes(&r, 0, UINT64_MAX, budgeted) <= sizes[i]);
		/* all that is kept in any case: stacks, TLS, globals, the linker's */
		assert_true(r.p.plan.memory <= sizes[i] + (2u << 20));
	}
	recorded_done(&r);
}

/* Whole, with the allocation tags that come behind memory. */
static void test_whole(void **state)
{
	struct recorded r;

	recorded_open(&r, ((const struct row *)*state)->core);
	recorded_plan(&r, type_find("full"));
	assert_true(r.p.plan.verbatim);
	assert_int_equal(r.p.plan.size, r.p.file.n);
	assert_memory_equal(r.p.output.p, r.p.file.p, r.p.file.n);
	recorded_done(&r);
}

static bool has_note(const struct recorded *r, uint32_t type)
{
	struct core core;
	struct note note;
	size_t at = 0;
	bool found = false;

	core_init(&core);
	assert_int_equal(built_feed(&r->p.output, r->p.output.n, &core), 1);
	while (!found && note_next(core.notes, &at, &note))
		found = note_is(&note, "LINUX", type);
	core_done(&core);
	return found;
}

/* What people wrote is gone; what a debugger needs to read frames is not. */
static void test_triage(void **state)
{
	static const char *const texts[] = {
		"a passphrase on the stack",
		"under the alternate stack",
		"of the first thread",
		"a secret of the environment",
		"an argument",
		"text on the heap",
		"in the library",
		"dead memory",
	};
	struct recorded r;

	set_up(*state, &r);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		assert_non_null(
			memmem(r.p.file.p, r.p.file.n, texts[i], strlen(texts[i])));
		if (recorded_has_text(&r, texts[i]))
			fail_msg("\"%s\" is in it", texts[i]);
	}
	assert_true(has_note(&r, NT_ARM_TLS));
	assert_true(has_note(&r, NT_ARM_PAC_MASK));
	assert_false(has_note(&r, NT_ARM_PACA_KEYS));
	assert_false(has_note(&r, NT_ARM_SVE));
	recorded_done(&r);
}

int main(void)
{
	int failed = RUN_TABLE(triage, test_read);

	failed += RUN_TABLE(rows, test_places);
	failed += RUN_TABLE(rows, test_frames);
	failed += RUN_TABLE(rows, test_loader);
	failed += RUN_TABLE(triage, test_budget);
	failed += RUN_TABLE(triage, test_whole);
	failed += RUN_TABLE(triage, test_frames);
	failed += RUN_TABLE(triage, test_loader);
	return failed + RUN_TABLE(triage, test_triage);
}
