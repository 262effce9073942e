/* SPDX-License-Identifier: MIT */
/*
 * Notes of any machine and class. Input: 2 bytes of choices, then the notes.
 *
 * Whatever comes: what is read lies inside the notes, libelf sees the same ones, and what triage
 * leaves of them is read again, with the same threads.
 */
#include <stdlib.h>

#include "tests/fuzz/elf_peer.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/table.h"

#include "filter/modules.h"
#include "filter/notes.h"
#include "filter/scrub.h"
#include "handler/modules_report.h"
#include "handler/notes_report.h"
#include "store/modules.h"

static void assert_inside(struct bytes part, struct bytes whole)
{
	if (part.n == 0)
		return;
	assert_true(part.p >= whole.p);
	assert_true((size_t)(part.p - whole.p) <= whole.n);
	assert_true(part.n <= whole.n - (size_t)(part.p - whole.p));
}

static void check_threads(const struct notes *notes, struct bytes whole)
{
	for (size_t i = 0; i < notes->thread_count; i++) {
		const struct thread *thread = &notes->threads[i];

		assert_inside(thread->prstatus, whole);
		assert_inside(thread->fpregset, whole);
		assert_inside(thread->xstate, whole);
		if (notes->word == 4)
			assert_true((thread->sp | thread->pc) <= UINT32_MAX);
	}
}

/* The slow way: each of them, in order. */
static const struct file_mapping *file_at(const struct notes *notes, uint64_t address)
{
	for (size_t i = 0; i < notes->file_count; i++) {
		if (address >= notes->files[i].start && address < notes->files[i].end)
			return &notes->files[i];
	}
	return NULL;
}

/* Hostile ones are in no order; then the quick way may find less, but nothing else. */
static void check_files(const struct notes *notes, struct bytes whole)
{
	bool sorted = true;

	assert_true(notes->has_files || notes->file_count == 0);
	for (size_t i = 0; i < notes->file_count; i++) {
		const struct file_mapping *file = &notes->files[i];

		assert_inside(file->path, whole);
		if (file->start >= file->end || (i && file[-1].end > file->start))
			sorted = false;
	}
	for (size_t i = 0; i < notes->file_count && i < 50; i++) {
		uint64_t address = notes->files[i].start;
		const struct file_mapping *found = notes_file_at(notes, address);

		if (sorted)
			assert_ptr_equal(found, file_at(notes, address));
		if (found)
			assert_true(found->start <= address && address < found->end);
	}
}

static void check_scrubbed(const struct core *core, const struct notes *notes,
			   size_t (*scrub)(const struct core *core, uint8_t *to))
{
	uint8_t *to = malloc(core->notes.n ? core->notes.n : 1);
	struct notes again;
	size_t n;

	assert_non_null(to);
	n = scrub(core, to);
	assert_true(n <= core->notes.n);
	notes_read(&core->header, (struct bytes){ to, n }, &again);
	assert_int_equal(again.thread_count, notes->thread_count);
	assert_int_equal(again.has_siginfo, notes->has_siginfo);
	for (size_t i = 0; i < again.thread_count; i++) {
		assert_int_equal(again.threads[i].sp, notes->threads[i].sp);
		assert_int_equal(again.threads[i].pc, notes->threads[i].pc);
	}
	if (again.has_psinfo && again.psargs.n)
		for (size_t i = 0; i < again.psargs.n; i++)
			assert_true(again.psargs.p[i] == '\0' ||
				    again.psargs.p[i] == ' ');
	notes_done(&again);
	free(to);
}

/* The input once more, as memory from address 0 on. */
static size_t read_input(void *context, uint64_t address, void *to, size_t n)
{
	const struct bytes *whole = context;

	if (address >= whole->n)
		return 0;
	n = n < whole->n - address ? n : (size_t)(whole->n - address);
	memcpy(to, whole->p + address, n);
	return n;
}

/* Every line is one that dumpctl takes, and says what was read. */
static void check_lines(const struct modules *modules, const char *text)
{
	uint64_t more = modules_more(text);
	struct module_line line;
	size_t lines = 0;

	while (modules_next(&text, &line)) {
		lines++;
		assert_true(line.n > 0 && line.path[0] == '/');
		assert_int_equal(line.why == NULL, line.build_id[0] != '\0');
	}
	assert_int_equal(lines + more, modules->count + modules->left_out);
}

static void check_modules(const struct notes *notes, struct bytes whole)
{
	static struct report report;
	const struct memory memory = { .read = read_input, .context = &whole };
	struct modules modules;
	struct build_id id;

	assert_int_equal(modules_read(notes, NULL, &memory, 512, &modules), 0);
	for (size_t i = 0; i < modules.count; i++) {
		const struct build_id *found = &modules.list[i].build_id;

		assert_inside(modules.list[i].path, whole);
		assert_int_equal(found->state == BUILD_ID_FOUND, found->n > 0);
		assert_true(found->n == 0 ||
			    (found->n >= BUILD_ID_MIN && found->n <= BUILD_ID_MAX));
	}
	modules_report(notes, &(struct names){ 0 }, &memory, (struct bytes){ NULL, 0 },
		       &report);
	check_lines(&modules, report.modules);
	modules_done(&modules);
	build_id_of_file(&memory, whole.n, &id);
	assert_true(id.n <= BUILD_ID_MAX);
}

void fuzz_one(struct input in)
{
	static const uint16_t machines[] = { EM_X86_64, EM_386, EM_AARCH64, EM_ARM };
	unsigned int choice = (unsigned int)input_number(&in, 2);
	struct core core = {
		.header = { .machine = machines[choice % 4], .word = choice & 4 ? 4 : 8 },
	};
	uint8_t *p = input_copy(in);
	const char *problem;
	struct notes notes;
	struct report report;

	core.notes = (struct bytes){ p, in.n };
	notes_read(&core.header, core.notes, &notes);
	problem = elf_peer_notes(core.notes);
	if (problem)
		fail_msg("%s", problem);
	assert_inside(notes.fname, core.notes);
	assert_inside(notes.psargs, core.notes);
	assert_inside(notes.auxv, core.notes);
	check_threads(&notes, core.notes);
	check_files(&notes, core.notes);
	check_modules(&notes, core.notes);
	check_scrubbed(&core, &notes, scrub_notes);
	check_scrubbed(&core, &notes, scrub_arguments);
	report_init(&report);
	notes_report(&core, &notes, &report);
	notes_done(&notes);
	free(p);
}
