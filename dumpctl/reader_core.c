/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "base/io.h"
#include "dumpctl/reader_core.h"

/*
 * Of a path that is told. Twice PATH_MAX: what is longer nobody opens, and that it is cut does not make another file
 * of it.
 */
#define PATH_TOLD 8192

/* One more entry fits below that. */
#define LIST_FULL (READER_BYTES - PATH_TOLD - 128)

/* Of a list, after each entry. */
static void send_full(struct reader_answer *answer, enum reader_kind kind, uint32_t full)
{
	if (answer->message->n <= full)
		return;
	reader_answer_send(answer);
	reader_answer_begin(answer, kind);
}

static void send_modules(struct reader_answer *answer, const struct modules *modules)
{
	reader_answer_begin(answer, READER_MODULES);
	for (size_t i = 0; i < modules->count; i++) {
		const struct module *module = &modules->list[i];

		reader_put_number(answer->message, (int64_t)module->start);
		reader_put_number(answer->message, (int64_t)module->end);
		reader_put_build_id(answer->message, &module->build_id);
		send_full(answer, READER_MODULES, LIST_FULL);
	}
	send_full(answer, READER_MODULES, 0);
}

static void send_files(struct reader_answer *answer, const struct notes *notes)
{
	reader_answer_begin(answer, READER_FILES);
	for (size_t i = 0; i < notes->file_count; i++) {
		const struct file_mapping *file = &notes->files[i];
		struct bytes path = file->path;

		if (path.n == 0)
			continue; /* nobody looks for it */
		if (path.n > PATH_TOLD)
			path.n = PATH_TOLD;
		reader_put_number(answer->message, (int64_t)file->start);
		reader_put_number(answer->message, (int64_t)file->end);
		reader_put_bytes(answer->message, path);
		send_full(answer, READER_FILES, LIST_FULL);
	}
	send_full(answer, READER_FILES, 0);
}

static int64_t number_of(const struct debug_elf *core, const struct module *module)
{
	return module ? module - core->modules.list : -1;
}

static void send_names(struct reader_answer *answer, const struct debug_elf *core)
{
	reader_answer_begin(answer, READER_NAMES);
	for (size_t i = 0; i < core->name_count; i++) {
		reader_put_number(answer->message,
				  number_of(core, core->names[i].module));
		reader_put_text(answer->message, core->names[i].path);
		send_full(answer, READER_NAMES, LIST_FULL);
	}
	send_full(answer, READER_NAMES, 0);
}

static void forget(struct reader_answer *answer)
{
	if (!answer->has_core)
		return;
	debug_elf_close(&answer->core);
	cleanup_fd(&answer->core.fd);
	answer->has_core = false;
}

static int read_core(struct reader_answer *answer)
{
	int fd = TAKE_FD(answer->fds[0]), r;

	forget(answer);
	if (fd < 0)
		return -EBADF;
	r = debug_elf_open(fd, &answer->core);
	answer->has_core = true;
	if (r < 0)
		forget(answer);
	return r;
}

void reader_core(struct reader_answer *answer)
{
	const struct debug_elf *core = &answer->core;
	int r = read_core(answer);

	if (r == 0) {
		send_modules(answer, &core->modules);
		send_files(answer, &core->notes);
		send_names(answer, core);
	}
	reader_answer_result(answer, r, NULL);
	if (r < 0)
		return;
	reader_put_number(answer->message, core->core.header.word);
	reader_put_number(answer->message, core->core.header.machine);
	reader_put_number(answer->message, number_of(core, core->program));
	reader_put_number(answer->message, core->by_linker);
}

void reader_core_page(struct reader_answer *answer)
{
	struct reader_rest rest = reader_rest_of(answer->message);
	uint64_t address = (uint64_t)reader_take_number(&rest);
	uint8_t page[PAGE];
	bool there = answer->has_core &&
		     debug_elf_read(&answer->core, address, page, sizeof(page));

	reader_answer_result(answer, there ? 0 : -ENODATA, NULL);
	if (there)
		reader_put_raw(answer->message, page, sizeof(page));
}

void reader_core_hide(struct reader_answer *answer)
{
	struct reader_rest rest = reader_rest_of(answer->message);
	struct spans spans = { 0 };
	int r = answer->has_core ? 0 : -EBADF;

	while (r == 0 && rest.n > 0) {
		uint64_t start = (uint64_t)reader_take_number(&rest);

		spans_add(&spans, start, (uint64_t)reader_take_number(&rest));
	}
	spans_join(&spans);
	if (r == 0)
		r = spans.failed ? -ENOMEM : debug_elf_hide(&answer->core, &spans);
	spans_done(&spans);
	reader_answer_result(answer, r, NULL);
}

void reader_core_as_started(struct reader_answer *answer)
{
	int r = answer->has_core && answer->core.by_linker
			? debug_elf_as_started(&answer->core)
			: -EBADF;

	reader_answer_result(answer, r, NULL);
}

static size_t file_read(void *context, uint64_t address, void *to, size_t n)
{
	ssize_t r = io_pread_full(*(int *)context, to, n, address);

	return r > 0 ? (size_t)r : 0;
}

void reader_core_build_id(struct reader_answer *answer)
{
	struct reader_rest rest = reader_rest_of(answer->message);
	uint64_t size = (uint64_t)reader_take_number(&rest);
	const struct memory file = { .read = file_read, .context = &answer->fds[0] };
	struct build_id id;

	build_id_of_file(&file, size, &id);
	reader_answer_result(answer, 0, NULL);
	reader_put_build_id(answer->message, &id);
}
