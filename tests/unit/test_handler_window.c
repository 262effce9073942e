/* SPDX-License-Identifier: MIT */
/*
 * Which window the rules get: the test is its own crashed process. Whatever speaks against
 * it, there is none, and a reason.
 */
#include <fcntl.h>
#include <unistd.h>

#include "tests/unit/core_builder.h"
#include "tests/unit/stored.h"
#include "tests/unit/table.h"

#include "base/io.h"
#include "handler/window.h"

enum input {
	PIPE,
	WHOLE_FILE,
	FILE_BEHIND, /* the core begins behind other bytes */
	DEVICE,
};

struct row {
	const char *name;
	enum input input;
	const char *auxv; /* what /proc has; NULL: what the core has */
	int64_t namespace_pid;
	bool unknown, closed, no_auxv;
	const char *reason; /* NULL: there is a window */
};

static const struct row rows[] = {
	{ "a pipe", PIPE, NULL, 1000, false, false, false, NULL },
	{ "a file", WHOLE_FILE, NULL, 1000, false, false, false, NULL },
	{ "a file, no process", WHOLE_FILE, "", -1, true, true, false, NULL },
	{ "a core inside a file", FILE_BEHIND, NULL, 1000, false, false, false,
	  "neither a pipe" },
	{ "a device", DEVICE, NULL, 1000, false, false, false, "neither a pipe" },
	{ "no process", PIPE, NULL, 1000, true, false, false, "dumps core" },
	{ "no descriptor", PIPE, NULL, 1000, false, true, false, "cannot be opened" },
	{ "another process", PIPE, "another", 1000, false, false, false, "AT_ vector" },
	{ "no AT_ vector in /proc", PIPE, "", 1000, false, false, false, "AT_ vector" },
	{ "none in the core", PIPE, NULL, 1000, false, false, true, "AT_ vector" },
	{ "another id", PIPE, NULL, 1001, false, false, false, "another id" },
	{ "an unknown id", PIPE, NULL, -1, false, false, false, "another id" },
};

struct fixture {
	struct core_builder b;
	struct built file;
	struct core core;
	struct notes notes;
	struct process process;
	struct source source;
	struct window window;
};

static void make_core(struct fixture *f, bool no_auxv)
{
	builder_usual(&f->b, EM_X86_64);
	f->file = builder_build(&f->b);
	core_init(&f->core);
	assert_int_equal(built_feed(&f->file, f->file.n, &f->core), 1);
	notes_read(&f->core.header, f->core.notes, &f->notes);
	if (no_auxv)
		f->notes.auxv = (struct bytes){ NULL, 0 };
}

/* /proc's vector has zeros behind the core's. */
static void make_process(struct fixture *f, const struct row *row)
{
	size_t n = row->auxv ? strlen(row->auxv) : f->notes.auxv.n + 32;
	char *bytes = calloc(1, n + 1);

	assert_non_null(bytes);
	if (row->auxv)
		memcpy(bytes, row->auxv, n);
	else if (f->notes.auxv.n)
		memcpy(bytes, f->notes.auxv.p, f->notes.auxv.n);
	process_init(&f->process);
	f->process.known = !row->unknown;
	f->process.namespace_pid = row->namespace_pid;
	f->process.files[PROCESS_AUXV] = (struct blob){ .bytes = bytes, .n = n };
	if (!row->closed) {
		f->process.memory.mem_fd = open("/proc/self/mem", O_RDONLY);
		f->process.memory.pagemap_fd = open("/proc/self/pagemap", O_RDONLY);
	}
}

static int make_file(const struct fixture *f, const char *before)
{
	int fd = stored_file();

	assert_int_equal(io_write_full(fd, before, strlen(before)), 0);
	assert_int_equal(io_write_full(fd, f->file.p, f->file.n), 0);
	assert_int_equal(lseek(fd, (off_t)strlen(before), SEEK_SET), strlen(before));
	return fd;
}

static void make_source(struct fixture *f, enum input input)
{
	int fds[2] = { -1, -1 };
	const uint8_t *p;

	if (input == PIPE) {
		assert_int_equal(pipe(fds), 0);
		assert_int_equal(io_write_full(fds[1], f->file.p, PAGE), 0);
		close(fds[1]);
	} else if (input == DEVICE) {
		fds[0] = open("/dev/null", O_RDONLY);
	} else {
		fds[0] = make_file(f, input == WHOLE_FILE ? "" : "before");
	}
	assert_int_equal(source_open(fds[0], &f->source), 0);
	if (input != DEVICE)
		assert_true(source_peek(&f->source, &p) > 100);
	if (input != DEVICE)
		source_take(&f->source, 100);
}

static void set_up(struct fixture *f, const struct row *row)
{
	const struct window_fds *fds;

	make_core(f, row->no_auxv);
	make_process(f, row);
	make_source(f, row->input);
	fds = &(struct window_fds){ f->process.memory.mem_fd,
				    f->process.memory.pagemap_fd };
	window_open(&f->source, &f->process, fds, &f->core, &f->notes, &f->window);
}

static void tear_down(struct fixture *f)
{
	window_close(&f->window);
	source_close(&f->source);
	process_done(&f->process);
	notes_done(&f->notes);
	core_done(&f->core);
	built_done(&f->file);
	builder_done(&f->b);
}

static void test_choice(void **state)
{
	const struct row *row = *state;
	struct fixture f;
	uint64_t here = 0x1234567890abcdef, there = 0;

	set_up(&f, row);
	if (row->reason) {
		assert_null(f.window.memory);
		assert_non_null(strstr(f.window.reason, row->reason));
	} else if (row->input == PIPE) {
		assert_null(f.window.reason);
		assert_true(memory_read(f.window.memory, (uint64_t)(uintptr_t)&here,
					&there, sizeof(there)));
		assert_int_equal(there, here);
	} else {
		assert_null(f.window.reason);
		assert_true(memory_read(f.window.memory, 0x20000000, &there, 1));
		assert_int_equal(there, builder_byte(0x20000000));
		assert_false(memory_read(f.window.memory, (uint64_t)(uintptr_t)&here,
					 &there, 1));
	}
	assert_false(window_gone(&f.window));
	tear_down(&f);
}

int main(void)
{
	return RUN_TABLE(rows, test_choice);
}
