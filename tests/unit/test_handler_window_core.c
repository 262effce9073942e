/* SPDX-License-Identifier: MIT */
/*
 * The window on a recorded core: every byte that it has, none that it has not, whatever the
 * order in the file; cut files and a failing reader.
 */
#include <errno.h>
#include <unistd.h>

#include "tests/unit/core_builder.h"
#include "tests/unit/stored.h"
#include "tests/unit/table.h"

#include "base/io.h"
#include "handler/window_core.h"

/* A core in memory, of which the first n bytes can be read. */
struct behind {
	const struct built *file;
	size_t n;
	int error;
};

static ssize_t read_behind(void *context, void *to, size_t n, uint64_t offset)
{
	const struct behind *behind = context;

	if (behind->error)
		return behind->error;
	if (offset >= behind->n)
		return 0;
	n = n < behind->n - offset ? n : (size_t)(behind->n - offset);
	memcpy(to, behind->file->p + offset, n);
	return (ssize_t)n;
}

struct fixture {
	struct core_builder b;
	struct built file;
	struct core core;
	struct behind behind;
	struct window_core window;
};

static void finish_set_up(struct fixture *f)
{
	f->file = builder_build(&f->b);
	core_init(&f->core);
	assert_int_equal(built_feed(&f->file, f->file.n, &f->core), 1);
	f->behind = (struct behind){ &f->file, f->file.n, 0 };
	assert_int_equal(window_core_open(&f->core, read_behind, &f->behind, &f->window),
			 0);
	assert_null(f->window.memory.next_changed);
}

static void tear_down(struct fixture *f)
{
	window_core_close(&f->window);
	window_core_close(&f->window); /* twice is no harm */
	core_done(&f->core);
	built_done(&f->file);
	builder_done(&f->b);
}

/* How many bytes must be there at an address, by the builder's own list; at most n. */
static size_t expected(const struct fixture *f, uint64_t address, size_t n)
{
	size_t there = 0;

	for (size_t i = 0; i < f->b.load_count && there < n; i++) {
		const struct segment *s = &f->b.loads[i]; /* by address */

		if (address + there >= s->vaddr &&
		    address + there - s->vaddr < s->filesz &&
		    s->offset + (address + there - s->vaddr) < f->behind.n) {
			uint64_t left = s->filesz - (address + there - s->vaddr);
			uint64_t end = s->offset + s->filesz;

			if (end > f->behind.n)
				left -= end - f->behind.n;
			there += (size_t)left;
			if (end > f->behind.n)
				break;
		}
	}
	return there < n ? there : n;
}

static void check_read(struct fixture *f, uint64_t address, size_t n)
{
	_cleanup_free_ uint8_t *bytes = malloc(n + 1);
	size_t want = expected(f, address, n);

	assert_non_null(bytes);
	assert_int_equal(memory_read_some(&f->window.memory, address, bytes, n), want);
	for (size_t i = 0; i < want; i++)
		assert_int_equal(bytes[i], builder_byte(address + i));
	assert_int_equal(memory_read(&f->window.memory, address, bytes, n), want == n);
}

struct row {
	const char *name;
	uint16_t machine;
	uint32_t shuffle;
	bool notes_late;
	unsigned int cut; /* bytes that are missing at the end, in 16ths */
};

static const struct row rows[] = {
	{ "in order", EM_X86_64, 0, false, 0 },
	{ "any order", EM_X86_64, 5, false, 0 },
	{ "notes late, i386", EM_386, 9, true, 0 },
	{ "cut", EM_X86_64, 0, false, 5 },
	{ "cut, any order", EM_AARCH64, 3, false, 9 },
	{ "cut in the headers", EM_X86_64, 0, false, 16 },
};

static void test_reads(void **state)
{
	const struct row *row = *state;
	struct fixture f;
	uint32_t seed = 3;

	builder_usual(&f.b, row->machine);
	f.b.shuffle = row->shuffle;
	f.b.notes_late = row->notes_late;
	finish_set_up(&f);
	f.behind.n -= f.file.n / 16 * row->cut;
	for (size_t i = 0; i < f.b.load_count; i++) {
		const struct segment *s = &f.b.loads[i];
		const uint64_t ends[] = { s->vaddr, s->vaddr + s->filesz,
					  s->vaddr + s->memsz };

		for (size_t e = 0; e < ARRAY_SIZE(ends); e++) {
			check_read(&f, ends[e] - 1, 2);
			check_read(&f, ends[e], 1);
			check_read(&f, ends[e] - 3000, 10000);
		}
		for (int r = 0; r < 50 && s->memsz; r++)
			check_read(&f,
				   s->vaddr + builder_random(&seed) % (s->memsz + 9000),
				   builder_random(&seed) % 9000);
	}
	check_read(&f, 0, 100);
	check_read(&f, UINT64_MAX - 10, 100);
	check_read(&f, UINT64_MAX, 1);
	tear_down(&f);
}

/* Neighbours that are not whole pages, one without bytes between, one at the end of all. */
static void test_neighbours(void **state)
{
	struct fixture f;

	(void)state;
	builder_init(&f.b, EM_X86_64);
	f.b.shuffle = 2;
	builder_thread(&f.b, 1, 0x10000, 0x10000, 0);
	builder_load(&f.b, 0x10000, 16, 16, PF_R);
	builder_load(&f.b, 0x10010, 4080, 4080, PF_R);
	builder_load(&f.b, 0x11000, 0x2000, 0x3000, PF_R);
	builder_load(&f.b, 0x14000, 0, 0x1000, PF_R);
	builder_load(&f.b, 0x15000, 1, 1, PF_R);
	builder_load(&f.b, 0xffffffffffffe000, 0x1000, 0x1000, PF_R);
	finish_set_up(&f);
	for (uint64_t at = 0xfff0; at < 0x10020; at++)
		check_read(&f, at, 0x4000);
	for (uint64_t at = 0x12ff0; at < 0x15003; at++)
		check_read(&f, at, 3);
	for (uint64_t back = 1; back < 40; back++) {
		uint8_t bytes[64];

		uint64_t at = UINT64_MAX - 0xfff - back;

		assert_int_equal(memory_read_some(&f.window.memory, at, bytes, 64), back);
		assert_int_equal(bytes[0], builder_byte(at));
	}
	tear_down(&f);
}

/* What fails is not there; no page of before is lost by it. */
static void test_failing(void **state)
{
	struct fixture f;
	uint8_t bytes[16];

	(void)state;
	builder_usual(&f.b, EM_X86_64);
	finish_set_up(&f);
	check_read(&f, 0x20001000, 16);
	f.behind.error = -EIO;
	assert_int_equal(memory_read_some(&f.window.memory, 0x20007000, bytes, 16), 0);
	check_read(&f, 0x20001000, 16);
	f.behind.error = 0;
	check_read(&f, 0x20007000, 16);
	tear_down(&f);
}

/* A core of which no memory is there at all. */
static void test_empty(void **state)
{
	struct fixture f;
	uint8_t byte;

	(void)state;
	builder_init(&f.b, EM_X86_64);
	builder_thread(&f.b, 1, 0x10000, 0x10000, 0);
	finish_set_up(&f);
	assert_int_equal(memory_read_some(&f.window.memory, 0x10000, &byte, 1), 0);
	tear_down(&f);
}

static void test_descriptor(void **state)
{
	int fd = stored_file();
	char bytes[8] = "";

	(void)state;
	assert_int_equal(io_write_full(fd, "0123456789", 10), 0);
	assert_int_equal(window_core_pread_fd(&fd, bytes, 4, 3), 4);
	assert_string_equal(bytes, "3456");
	assert_int_equal(window_core_pread_fd(&fd, bytes, 4, 8), 2);
	assert_int_equal(lseek(fd, 0, SEEK_CUR),
			 10); /* the stream goes on where it was */
	close(fd);
	fd = -1;
	assert_int_equal(window_core_pread_fd(&fd, bytes, 4, 3), -EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_neighbours),
		cmocka_unit_test(test_failing),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_descriptor),
	};
	int failed = RUN_TABLE(rows, test_reads);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
