/* SPDX-License-Identifier: MIT */
/*
 * Memory that several threads read at once is in the pack in order, whole, or up to the first byte that
 * could not be had; and what memory refuses the stream gives. A file plays /proc/PID/mem.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/core_builder.h"
#include "tests/unit/stored.h"
#include "tests/unit/table.h"

#include "handler/held.h"

#define MAPPINGS 7u
#define SIZE \
	(2504u << 10) /* of each: frames and mappings do not end at the same places */
#define ALL	 ((uint64_t)MAPPINGS * SIZE)
#define START	 0x10000000u
#define DISTANCE 0x1000000u
#define NONE	 UINT64_MAX

struct row {
	const char *name;
	unsigned int threads;
	bool verbatim; /* or every second page and a half */
	uint64_t ends; /* bytes of memory behind which it is gone; NONE: it stays */
	bool stream; /* there is one to go on with */
	uint64_t spool;
};

static const struct row rows[] = {
	{ "alone, without a thread", 0, true, NONE, true, 0 },
	{ "one thread", 1, true, NONE, true, 0 },
	{ "two threads", 2, true, NONE, true, 0 },
	{ "four threads", 4, true, NONE, true, 64 << 20 },
	{ "more threads than readers", 8, true, NONE, true, 16 << 20 },
	{ "extents", 4, false, NONE, true, 64 << 20 },
	{ "extents, no spool", 2, false, NONE, true, 0 },
	{ "gone at once, a stream", 4, true, 0, true, 0 },
	{ "gone in the middle, a stream", 4, true, ALL / 2, true, 64 << 20 },
	{ "gone in the middle, extents, a stream", 4, false, ALL / 2, true, 0 },
	{ "gone at the end, a stream", 2, true, ALL - 1, true, 0 },
	{ "gone at once", 4, true, 0, false, 0 },
	{ "gone in the middle", 4, true, ALL / 2 + 777, false, 64 << 20 },
	{ "gone in the middle, extents", 4, false, ALL / 2 + 777, false, 64 << 20 },
	{ "gone at the end", 2, true, ALL - 1, false, 0 },
};

struct fixture {
	struct built built;
	struct core core;
	struct notes notes;
	int mem_fd, pagemap_fd, file_fd;
	struct source_memory *memory;
	struct source source;
	struct plan plan;
	struct extent *extents;
	uint8_t *bytes; /* of the whole core */
	struct pool pool;
};

static void make_core(struct fixture *f)
{
	struct core_builder b;

	builder_init(&b, EM_X86_64);
	builder_thread(&b, 7, 0, 0, 0);
	for (uint64_t i = 0; i < MAPPINGS; i++) {
		uint64_t start = START + i * DISTANCE;

		builder_load(&b, start, SIZE, SIZE, PF_R);
		builder_file(&b, start, start + SIZE, 0, "/some/file");
	}
	builder_files(&b);
	b.headers_only = true;
	f->built = builder_build(&b);
	builder_done(&b);
	core_init(&f->core);
	assert_int_equal(built_feed(&f->built, 4096, &f->core), 1);
	notes_read(&f->core.header, f->core.notes, &f->notes);
	f->bytes = malloc((size_t)f->core.size);
	assert_non_null(f->bytes);
	for (size_t i = 0; i < f->core.size; i++)
		f->bytes[i] = builder_byte(i);
}

/* Where its addresses say, as far as it goes. */
static void make_memory(struct fixture *f, uint64_t ends)
{
	f->mem_fd = memfd_create("mem", MFD_CLOEXEC);
	f->pagemap_fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	for (uint64_t i = 0; i < MAPPINGS; i++) {
		uint64_t before = i * SIZE, n = SIZE;

		if (ends < before + n)
			n = ends > before ? ends - before : 0;
		assert_int_equal(pwrite(f->mem_fd, f->bytes + f->core.data_start + before,
					n, START + (off_t)(i * DISTANCE)),
				 n);
	}
	assert_int_equal(source_memory_open(f->mem_fd, f->pagemap_fd, &f->core, &f->notes,
					    NULL, &f->memory),
			 0);
}

/* Behind what was read of it. */
static void make_stream(struct fixture *f, bool there)
{
	int fd = memfd_create("stream", MFD_CLOEXEC);

	assert_int_equal(write(fd, f->bytes, (size_t)f->core.size), f->core.size);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(source_open(fd, &f->source), 0);
	assert_int_equal(source_skip(&f->source, f->core.data_start), 1);
	source_use_memory(&f->source, f->memory);
	if (!there)
		source_release(&f->source);
}

static void make_plan(struct fixture *f, const struct row *row)
{
	const uint64_t step = 2 * 4096, size = 4096 + 2048;
	uint64_t start = f->core.data_start;

	f->plan = (struct plan){ .verbatim = row->verbatim,
				 .header_size = (size_t)start,
				 .size = f->core.size };
	if (row->verbatim)
		return;
	f->extents = calloc(ALL / step, sizeof(*f->extents));
	assert_non_null(f->extents);
	for (size_t i = 0; i < ALL / step; i++)
		f->extents[i] =
			(struct extent){ .offset = start + i * step, .size = size };
	f->plan.extents = f->extents;
	f->plan.extent_count = ALL / step;
	f->plan.size = start + ALL / step * size;
}

/* Where the bytes of the result come from. */
static uint64_t origin_of(const struct fixture *f, uint64_t at)
{
	uint64_t start = f->core.data_start, size;

	if (f->plan.verbatim || at < start)
		return at;
	size = f->extents[0].size;
	return f->extents[(at - start) / size].offset + (at - start) % size;
}

static void check(struct fixture *f, const struct row *row, struct pack *pack)
{
	size_t n;
	_cleanup_free_ uint8_t *core = stored_extract(f->file_fd, &n);

	assert_non_null(core);
	assert_int_equal(n, pack_size(pack));
	for (size_t i = f->core.data_start; i < n; i++)
		assert_int_equal(core[i], f->bytes[origin_of(f, i)]);
	if (row->stream || row->ends == NONE) {
		assert_int_equal(n, f->plan.size);
		return;
	}
	/* of what could be read a piece is lost at most */
	assert_true(origin_of(f, n - 1) < f->core.data_start + row->ends);
	assert_true(origin_of(f, n) + 2 * COPY_PIECE_MAX >=
		    f->core.data_start + row->ends);
}

static void check_source(const struct fixture *f, const struct row *row)
{
	uint64_t kept = f->plan.size - f->plan.header_size;

	if (row->ends == NONE) {
		assert_int_equal(f->source.from_memory, kept);
		assert_int_equal(f->source.memory_error, 0);
		assert_int_equal(source_received(&f->source), f->core.data_start);
		return;
	}
	assert_true(f->source.from_memory <= row->ends);
	assert_int_equal(row->stream ? f->source.memory_error : f->source.error, -ESRCH);
}

static void test_row(void **state)
{
	const struct row *row = *state;
	struct fixture f = { .file_fd = stored_file() };
	struct held held = { .plan = &f.plan,
			     .source = &f.source,
			     .pool = &f.pool,
			     .deadline = INT64_MAX };

	make_core(&f);
	make_memory(&f, row->ends);
	make_stream(&f, row->stream);
	make_plan(&f, row);
	pool_open(row->threads, NULL, &f.pool);
	assert_int_equal(pack_open(f.file_fd, 1, row->spool, &held.pack), 0);
	assert_int_equal(pack_header(held.pack, f.bytes, f.plan.header_size), 0);
	assert_int_equal(held_copy(&held), row->stream || row->ends == NONE);
	assert_int_equal(pack_flush(held.pack), 0);
	assert_int_equal(pack_finish(held.pack), 0);
	check(&f, row, held.pack);
	check_source(&f, row);
	held_end(&held);
	pack_close(held.pack);
	source_close(&f.source);
	source_memory_close(f.memory);
	close(f.mem_fd);
	close(f.pagemap_fd);
	close(f.file_fd);
	notes_done(&f.notes);
	core_done(&f.core);
	built_done(&f.built);
	free(f.extents);
	free(f.bytes);
}

int main(void)
{
	return RUN_TABLE(rows, test_row);
}
