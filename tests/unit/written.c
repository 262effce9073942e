/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/stored.h"
#include "tests/unit/table.h"
#include "tests/unit/written.h"

#include "base/io.h"

const struct write_means written_alone = { .level = 1,
					   .room = { UINT64_MAX, 0 },
					   .deadline = INT64_MAX };

const struct written_row written_rows[WRITTEN_ROWS] = {
	{ "stacks", "stacks", EM_X86_64, 0, false, 0 },
	{ "mini, any order", "mini", EM_AARCH64, 5, false, 0 },
	{ "heap, i386", "heap", EM_386, 0, false, 0 },
	{ "full", "full", EM_X86_64, 0, false, 0 },
	{ "full, any order", "full", EM_X86_64, 3, false, 0 },
	{ "full, notes late", "full", EM_X86_64, 0, true, 0 },
	{ "full, threads", "full", EM_X86_64, 0, false, 3 },
};

int written_stream(const struct built *file, size_t n)
{
	int fd = stored_file();

	assert_int_equal(io_write_full(fd, file->p, n), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

bool written_read_header(struct source *source, struct core *core)
{
	int r = 0;

	core_init(core);
	while (r == 0) {
		const uint8_t *p;
		ssize_t n = source_peek(source, &p);
		size_t used;

		if (n <= 0)
			return false;
		r = core_feed(core, p, (size_t)n, &used);
		source_take(source, used);
	}
	assert_int_equal(r, 1);
	return true;
}

void written_plan(const struct written *f, const struct core *core,
		  struct notes *ret_notes, struct plan *ret_plan)
{
	notes_read(&core->header, core->notes, ret_notes);
	assert_int_equal(plan_make(&(struct plan_input){ .core = core,
							 .notes = ret_notes,
							 .type = type_find(f->type),
							 .max_memory = UINT64_MAX },
				   ret_plan),
			 0);
}

void written_expect(struct written *f)
{
	struct notes notes;
	struct plan plan;
	struct core core;

	core_init(&core);
	assert_int_equal(built_feed(&f->file, f->file.n, &core), 1);
	written_plan(f, &core, &notes, &plan);
	f->expected = built_output(&f->file, &plan);
	plan_done(&plan);
	notes_done(&notes);
	core_done(&core);
}

/* As many as are wanted, in place of the plan's own. */
static void add_pieces(const struct written *f, struct plan *plan)
{
	uint32_t seed = 1;
	uint64_t at = 0;

	free(plan->pieces);
	plan->pieces = calloc(f->pieces + 1, sizeof(*plan->pieces));
	assert_non_null(plan->pieces);
	plan->piece_count = f->pieces;
	for (size_t i = 0; i < f->pieces; i++) {
		uint64_t size = 1 + builder_random(&seed) % 100000;

		plan->pieces[i] = (struct piece){ at, at + size, (enum fate)(i % 11),
						  (enum rank)(i % 12) };
		at += size;
	}
}

bool written_run(struct written *f, size_t n, rlim_t limit)
{
	struct rlimit before, full;
	struct write_means means = written_alone;
	struct source source;
	struct pool pool;
	struct notes notes;
	struct plan plan;
	struct core core;
	bool there;

	assert_int_equal(source_open(written_stream(&f->file, n), &source), 0);
	f->fd = stored_file();
	report_init(&f->report);
	there = written_read_header(&source, &core);
	if (there) {
		f->report.size_core = core.size;
		written_plan(f, &core, &notes, &plan);
		f->header_size = plan.header_size;
		assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
		full = before;
		full.rlim_cur = limit ? limit : before.rlim_cur;
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
		add_pieces(f, &plan);
		pool_open(f->threads, NULL, &pool);
		means.pool = &pool;
		if (f->room)
			means.room.most = f->room;
		f->r = write_plan(&plan,
				  &(struct map_facts){ .core = &core, .notes = &notes },
				  &source, f->fd, &means, &f->report);
		pool_close(&pool);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
		/* the process was released; where not even headers fit, the caller does it */
		assert_true(f->r < 0 || source.fd == -1);
		plan_done(&plan);
		notes_done(&notes);
	}
	source_close(&source);
	core_done(&core);
	return there;
}

void written_check(struct written *f)
{
	size_t n, frames;
	uint8_t *p = stored_extract(f->fd, &n);
	struct built stored = { p, n };
	const char *problem = stored_seek_problem(f->fd, &frames);
	uint64_t memory;

	assert_string_equal(problem ? problem : "", "");
	assert_non_null(p);
	assert_int_equal(n, f->report.size_dump);
	assert_int_equal(f->report.size_header, f->header_size);
	problem = built_check(&stored, &memory);
	assert_string_equal(problem ? problem : "", "");
	/* a stream that ends in its own trailer keeps that part, as memory of nobody */
	assert_true(n <= f->expected.n + f->trailer);
	assert_memory_equal(p + f->header_size, f->expected.p + f->header_size,
			    (n < f->expected.n ? n : f->expected.n) - f->header_size -
				    f->trailer);
	built_done(&stored);
	close(f->fd);
}

void written_up(struct written *f, const struct written_row *row)
{
	memset(f, 0, sizeof(*f));
	builder_usual(&f->b, row->machine);
	f->b.shuffle = row->shuffle;
	f->b.notes_late = row->notes_late;
	f->type = row->type;
	f->threads = row->threads;
	f->file = builder_build(&f->b);
	written_expect(f);
}

void written_done(struct written *f)
{
	built_done(&f->expected);
	built_done(&f->file);
	builder_done(&f->b);
}
