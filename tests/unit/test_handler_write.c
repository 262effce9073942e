/* SPDX-License-Identifier: MIT */
/*
 * A plan carried out on a recorded stream: whole, cut at every page, and onto a disk that
 * is full at every size. What is stored is a valid core each time.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/unit/core_builder.h"
#include "tests/unit/stored.h"
#include "tests/unit/table.h"

#include "base/io.h"
#include "handler/write.h"
#include "store/frame.h"

static const struct write_means alone = { .level = 1, .deadline = INT64_MAX };

struct fixture {
	struct core_builder b;
	struct built file; /* the whole core */
	struct built expected; /* the whole new core */
	const char *type;
	size_t trailer; /* bytes behind memory; a cut has them elsewhere */
	size_t pieces; /* for the drop map, made up */
	unsigned int threads;
	/* of the last run */
	int fd;
	int r;
	struct report report;
	size_t header_size;
};

static int stream_of(const struct built *file, size_t n)
{
	int fd = stored_file();

	assert_int_equal(io_write_full(fd, file->p, n), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* As the worker does. Return: false if the stream ends in the headers. */
static bool read_header(struct source *source, struct core *core)
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

static void make_expected(struct fixture *f)
{
	struct notes notes;
	struct plan plan;
	struct core core;

	core_init(&core);
	assert_int_equal(built_feed(&f->file, f->file.n, &core), 1);
	notes_read(&core.header, core.notes, &notes);
	assert_int_equal(plan_make(&(struct plan_input){ .core = &core,
							 .notes = &notes,
							 .type = type_find(f->type),
							 .max_memory = UINT64_MAX },
				   &plan),
			 0);
	f->expected = built_output(&f->file, &plan);
	plan_done(&plan);
	notes_done(&notes);
	core_done(&core);
}

/* As many as are wanted, in place of the plan's own. */
static void add_pieces(const struct fixture *f, struct plan *plan)
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

/* The first n bytes of the stream, with the file not above limit (0: none). */
static bool run(struct fixture *f, size_t n, rlim_t limit)
{
	struct rlimit before, full;
	struct write_means means = alone;
	struct source source;
	struct pool pool;
	struct notes notes;
	struct plan plan;
	struct core core;
	bool there;

	assert_int_equal(source_open(stream_of(&f->file, n), &source), 0);
	f->fd = stored_file();
	report_init(&f->report);
	there = read_header(&source, &core);
	if (there) {
		f->report.size_core = core.size;
		notes_read(&core.header, core.notes, &notes);
		assert_int_equal(
			plan_make(&(struct plan_input){ .core = &core,
							.notes = &notes,
							.type = type_find(f->type),
							.max_memory = UINT64_MAX },
				  &plan),
			0);
		f->header_size = plan.header_size;
		assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
		full = before;
		full.rlim_cur = limit ? limit : before.rlim_cur;
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
		add_pieces(f, &plan);
		pool_open(f->threads, NULL, &pool);
		means.pool = &pool;
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

/* What is in the file is a core, as long as the report says, with the right memory. */
static void check_stored(struct fixture *f)
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

/* Whether the file names its drop map as the last frame. */
static bool has_map(const struct fixture *f)
{
	size_t n, table;
	uint8_t *p = stored_bytes(f->fd, &n);
	const uint8_t *last;
	bool there;

	/* the footer's count, then the entry before the footer: the last frame's size */
	table = 17 + 8 * (size_t)frame_get_le32(p + n - 9);
	last = p + n - table - frame_get_le32(p + n - 9 - 8);
	there = frame_get_le32(last) == FRAME_MAP_MAGIC;
	free(p);
	return there;
}

struct row {
	const char *name;
	const char *type;
	uint16_t machine;
	uint32_t shuffle;
	bool notes_late;
	unsigned int threads;
};

static const struct row rows[] = {
	{ "stacks", "stacks", EM_X86_64, 0, false, 0 },
	{ "mini, any order", "mini", EM_AARCH64, 5, false, 0 },
	{ "heap, i386", "heap", EM_386, 0, false, 0 },
	{ "full", "full", EM_X86_64, 0, false, 0 },
	{ "full, any order", "full", EM_X86_64, 3, false, 0 },
	{ "full, notes late", "full", EM_X86_64, 0, true, 0 },
	{ "full, threads", "full", EM_X86_64, 0, false, 3 },
};

static void set_up(struct fixture *f, const struct row *row)
{
	memset(f, 0, sizeof(*f));
	builder_usual(&f->b, row->machine);
	f->b.shuffle = row->shuffle;
	f->b.notes_late = row->notes_late;
	f->type = row->type;
	f->threads = row->threads;
	f->file = builder_build(&f->b);
	make_expected(f);
}

static void tear_down(struct fixture *f)
{
	built_done(&f->expected);
	built_done(&f->file);
	builder_done(&f->b);
}

static void test_whole(void **state)
{
	struct fixture f;
	size_t n;
	uint8_t *p;

	set_up(&f, *state);
	assert_true(run(&f, f.file.n, 0));
	assert_int_equal(f.r, 0);
	assert_int_equal(f.report.outcome, REPORT_COMPLETE);
	assert_string_equal(f.report.reason, "");
	assert_int_equal(f.report.size_dump, f.expected.n);
	p = stored_extract(f.fd, &n);
	assert_int_equal(n, f.expected.n);
	assert_memory_equal(p, f.expected.p, n);
	free(p);
	check_stored(&f);
	tear_down(&f);
}

/* Bytes of the new core that a stream of n bytes can fill. */
static size_t reachable(const struct fixture *f, size_t n)
{
	struct notes notes;
	struct plan plan;
	struct core core;
	size_t sum;

	core_init(&core);
	assert_int_equal(built_feed(&f->file, f->file.n, &core), 1);
	notes_read(&core.header, core.notes, &notes);
	assert_int_equal(plan_make(&(struct plan_input){ .core = &core,
							 .notes = &notes,
							 .type = type_find(f->type),
							 .max_memory = UINT64_MAX },
				   &plan),
			 0);
	sum = plan.verbatim ? n : plan.header_size;
	for (size_t i = 0; i < plan.extent_count; i++) {
		const struct extent *e = &plan.extents[i];

		if (n > e->offset)
			sum += n - e->offset < e->size ? n - e->offset : e->size;
	}
	plan_done(&plan);
	notes_done(&notes);
	core_done(&core);
	return sum;
}

static void test_cut(void **state)
{
	struct fixture f;
	size_t cuts = 0;

	set_up(&f, *state);
	for (size_t n = 0; n < f.file.n; n += 4096) {
		bool there = run(&f, n, 0);

		if (!there) {
			close(f.fd);
			continue;
		}
		assert_int_equal(f.r, 0);
		assert_int_equal(f.report.size_dump, reachable(&f, n));
		if (f.report.size_dump < f.expected.n) {
			assert_int_equal(f.report.outcome, REPORT_CUT);
			assert_non_null(strstr(f.report.reason, "the core ended early"));
			assert_int_equal(f.report.size_received, n);
			cuts++;
		} else {
			assert_int_equal(f.report.outcome, REPORT_COMPLETE);
		}
		check_stored(&f);
	}
	assert_true(cuts > 10);
	tear_down(&f);
}

/*
 * A full disk: RLIMIT_FSIZE is one that is full at a byte of one's choice. From the size on
 * that holds record, headers and a seek table of three, there is a dump.
 */
static void test_full_disk(void **state)
{
	struct fixture f;
	size_t whole, least, n;
	uint8_t *p;

	set_up(&f, *state);
	builder_load(&f.b, 0x28000000, 7 << 20, 7 << 20, PF_R | PF_W);
	built_done(&f.file);
	built_done(&f.expected);
	f.file = builder_build(&f.b);
	make_expected(&f);
	assert_true(run(&f, f.file.n, 0));
	p = stored_bytes(f.fd, &whole);
	/* entries 1 and 2 of the seek table: header frame and slack */
	n = 17 + 8 * (size_t)frame_get_le32(p + whole - 9);
	least = FRAME_RECORD_SIZE + frame_get_le32(p + whole - n + 8 + 8) + 256 + 17 + 24;
	free(p);
	check_stored(&f);
	for (rlim_t limit = FRAME_RECORD_SIZE; limit < whole;
	     limit += (whole - FRAME_RECORD_SIZE) / 37) {
		assert_true(run(&f, f.file.n, limit));
		if (limit >= least)
			assert_int_equal(f.r, 0);
		if (f.r < 0) {
			assert_int_equal(f.r, -EFBIG);
			close(f.fd);
			continue;
		}
		assert_int_equal(f.report.outcome, REPORT_CUT);
		assert_non_null(strstr(f.report.reason, "bytes of memory are missing"));
		assert_true(f.report.size_dump < f.expected.n);
		check_stored(&f);
	}
	assert_true(run(&f, f.file.n, least)); /* just enough */
	assert_int_equal(f.r, 0);
	check_stored(&f);
	assert_true(
		run(&f, f.file.n, whole - 1)); /* all but the last byte of the table */
	assert_int_equal(f.r, 0);
	check_stored(&f);
	tear_down(&f);
}

/* A disk with room for all but the drop map: memory is not given up for it. */
static void test_full_disk_map(void **state)
{
	struct fixture f;
	size_t without, with, said = 0;

	set_up(&f, *state);
	assert_true(run(&f, f.file.n, 0));
	free(stored_bytes(f.fd, &without));
	assert_false(has_map(&f));
	close(f.fd);
	f.pieces = 5000;
	assert_true(run(&f, f.file.n, 0));
	assert_string_equal(f.report.reason, "");
	free(stored_bytes(f.fd, &with));
	assert_true(has_map(&f));
	check_stored(&f);
	for (rlim_t limit = without; limit <= with; limit += (with - without) / 23) {
		assert_true(run(&f, f.file.n, limit));
		assert_int_equal(f.r, 0);
		assert_int_equal(f.report.outcome, REPORT_COMPLETE);
		assert_int_equal(f.report.size_dump, f.expected.n);
		assert_int_equal(!has_map(&f),
				 strstr(f.report.reason,
					"the drop map is not in the dump: File "
					"too large") != NULL);
		said += f.report.reason[0] != '\0';
		check_stored(&f);
	}
	assert_true(said >= 23);
	/* nor is it in the way of what a smaller disk has room for */
	for (rlim_t limit = FRAME_RECORD_SIZE + 4096; limit < without; limit += 4096) {
		assert_true(run(&f, f.file.n, limit));
		if (f.r == 0)
			check_stored(&f);
		else
			close(f.fd);
	}
	tear_down(&f);
}

/* Frames of zeros are smaller than the table that names them. */
static void test_full_disk_zeros(void **state)
{
	struct fixture f = { .type = "full" };
	size_t whole, n, frames;

	(void)state;
	builder_init(&f.b, EM_X86_64);
	builder_thread(&f.b, 1, 0x10000, 0x10000, 0);
	builder_load(&f.b, 0x10000, 5 << 20, 5 << 20, PF_R | PF_W);
	f.file = builder_build(&f.b);
	memset(f.file.p + PAGE, 0, f.file.n - PAGE);
	assert_true(run(&f, f.file.n, 0));
	free(stored_bytes(f.fd, &whole));
	close(f.fd);
	for (size_t limit = whole - 1; limit > FRAME_RECORD_SIZE; limit--) {
		assert_true(run(&f, f.file.n, limit));
		if (f.r == 0) {
			assert_null(stored_seek_problem(f.fd, &frames));
			free(stored_extract(f.fd, &n));
			assert_int_equal(n, f.report.size_dump);
		}
		close(f.fd);
		if (f.r < 0) /* not even headers and a table of three */
			break;
	}
	assert_int_equal(f.report.size_dump, f.header_size);
	tear_down(&f);
}

/* PN_XNUM: the trailer of the whole and of the cut. */
static void test_many(void **state)
{
	const char *const types[] = { "heap", "full" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		struct fixture f = { .type = types[i], .trailer = 64 };

		builder_init(&f.b, EM_X86_64);
		builder_thread(&f.b, 1, 0x10000, 0x10000, 0);
		for (size_t s = 0; s < 66000; s++)
			builder_load(&f.b, 0x10000 + s * 0x2000, s % 64 ? 16 : PAGE, PAGE,
				     PF_R | PF_W);
		f.file = builder_build(&f.b);
		make_expected(&f);
		for (size_t back = 0; back < 2000000; back = back * 9 + 1) {
			assert_true(run(&f, f.file.n - back, 0));
			assert_int_equal(f.r, 0);
			check_stored(&f);
		}
		tear_down(&f);
	}
}

/* Blanks of every size around the edges of what is copied at once: zeros, nothing else. */
static void test_blanks(void **state)
{
	const struct row *row = *state;
	struct blank blanks[200];
	struct source source;
	struct report report;
	struct fixture f;
	struct core core;
	struct notes notes;
	struct plan plan;
	size_t n, count = 0;
	uint64_t at;
	uint8_t *p;

	set_up(&f, row);
	assert_int_equal(source_open(stream_of(&f.file, f.file.n), &source), 0);
	assert_true(read_header(&source, &core));
	notes_read(&core.header, core.notes, &notes);
	assert_int_equal(plan_make(&(struct plan_input){ .core = &core,
							 .notes = &notes,
							 .type = type_find(f.type),
							 .max_memory = UINT64_MAX },
				   &plan),
			 0);
	for (at = core.data_start; at < core.size && count < ARRAY_SIZE(blanks);
	     at += 4093 * (count % 3 + 1))
		blanks[count++] = (struct blank){ at, count * 37 % 4000 + 1 };
	plan.blanks = blanks;
	plan.blank_count = count;
	for (size_t i = 0; i < count; i++) {
		uint64_t end = blanks[i].offset + blanks[i].size;

		if (end > f.file.n)
			end = f.file.n;
		memset(f.file.p + blanks[i].offset, 0, (size_t)(end - blanks[i].offset));
	}
	built_done(&f.expected);
	f.expected = built_output(&f.file, &plan); /* of a core with zeros there */
	f.fd = stored_file();
	report_init(&report);
	assert_int_equal(write_plan(&plan,
				    &(struct map_facts){ .core = &core, .notes = &notes },
				    &source, f.fd, &alone, &report),
			 0);
	p = stored_extract(f.fd, &n);
	assert_int_equal(n, f.expected.n);
	assert_memory_equal(p, f.expected.p, n);
	source_close(&source);
	free(p);
	close(f.fd);
	source_close(&source);
	plan.blanks = NULL;
	plan_done(&plan);
	notes_done(&notes);
	core_done(&core);
	tear_down(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_full_disk_zeros),
	};
	int failed;

	(void)signal(SIGXFSZ, SIG_IGN);
	failed = RUN_TABLE(rows, test_whole);
	failed += RUN_TABLE(rows, test_cut);
	failed += RUN_TABLE(rows, test_full_disk);
	failed += RUN_TABLE(rows, test_blanks);
	failed += RUN_TABLE(rows, test_full_disk_map);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
