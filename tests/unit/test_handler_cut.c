/* SPDX-License-Identifier: MIT */
/*
 * A stream that ends early, at every byte of its first 64 KiB and at many places behind: in the
 * headers there is no dump, and words say how much came of how much; behind them there is a valid
 * dump, which says that it is cut, and of what.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "handler/header.h"
#include "tests/unit/stored.h"
#include "tests/unit/table.h"
#include "tests/unit/written.h"

#define FIRST (64u << 10)

/* Each takes some 0.1 ms, ten times that with sanitizers, to which one byte is like the next. */
#ifdef __SANITIZE_ADDRESS__
#define STEP	 97
#define ANYWHERE 100
#else
#define STEP	 1
#define ANYWHERE 1000
#endif

struct row {
	const char *name;
	size_t step; /* bytes from one cut to the next */
	size_t anywhere;
	struct written_row written;
};

struct cut {
	struct written f;
	int stream, file; /* memory: the core, and what is stored */
	size_t data_start;
	size_t in_headers, cuts, wholes;
};

static int memory_file(void)
{
	int fd = memfd_create("cut", MFD_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

/* The worker's own words for what the source has of the headers. */
static void check_headers(const struct core *core, const struct source *source, size_t n)
{
	struct report report;
	char expected[128];

	report_init(&report);
	header_say(&report, core, source, -ENODATA);
	if (n == 0)
		(void)snprintf(expected, sizeof(expected), "the stream is empty");
	else
		(void)snprintf(expected, sizeof(expected),
			       "headers: %zu of at least %llu bytes came", n,
			       (unsigned long long)core->needed);
	if (!strstr(report.reason, expected))
		fail_msg("cut at %zu: '%s' lacks '%s'", n, report.reason, expected);
	assert_true(core->needed > n);
}

static void check_report(struct cut *c, size_t n)
{
	struct report *report = &c->f.report;
	char expected[128];

	if (report->outcome == REPORT_COMPLETE) {
		/* All that is kept was there; of memory, then, nothing is missing. */
		assert_int_equal(report->size_dump, c->f.expected.n);
		assert_string_equal(report->reason, "");
		c->wholes++;
		return;
	}
	assert_int_equal(report->outcome, REPORT_CUT);
	assert_int_equal(report->size_received, n);
	(void)snprintf(expected, sizeof(expected),
		       "the core ended early: %zu of %zu bytes came", n, c->f.file.n);
	if (!strstr(report->reason, expected))
		fail_msg("cut at %zu: '%s' lacks '%s'", n, report->reason, expected);
	c->cuts++;
}

static void run_plan(struct cut *c, const struct core *core, struct source *source)
{
	const struct write_means means = written_alone;
	struct notes notes;
	struct plan plan;

	notes_read(&core->header, core->notes, &notes);
	assert_int_equal(plan_make(&(struct plan_input){ .core = core,
							 .notes = &notes,
							 .type = type_find(c->f.type),
							 .max_memory = UINT64_MAX },
				   &plan),
			 0);
	c->f.header_size = plan.header_size;
	c->f.r = write_plan(&plan, &(struct map_facts){ .core = core, .notes = &notes },
			    source, c->file, &means, &c->f.report);
	plan_done(&plan);
	notes_done(&notes);
}

static void run_cut(struct cut *c, size_t n)
{
	struct source source;
	struct core core;
	int r;

	assert_int_equal(ftruncate(c->stream, (off_t)n), 0);
	assert_int_equal(lseek(c->stream, 0, SEEK_SET), 0);
	assert_int_equal(ftruncate(c->file, 0), 0);
	assert_int_equal(source_open(dup(c->stream), &source), 0);
	report_init(&c->f.report);
	c->f.report.size_core = c->f.file.n;
	core_init(&core);
	r = header_read(&source, &core);
	if (n < c->data_start) {
		assert_int_equal(r, -ENODATA);
		check_headers(&core, &source, n);
		c->in_headers++;
	} else {
		assert_int_equal(r, 0);
		run_plan(c, &core, &source);
		assert_int_equal(c->f.r, 0);
		check_report(c, n);
		c->f.fd = dup(c->file);
		written_check(&c->f);
	}
	source_close(&source);
	core_done(&core);
}

static void cut_up(struct cut *c, const struct row *row)
{
	struct core core;

	memset(c, 0, sizeof(*c));
	written_up(&c->f, &row->written);
	core_init(&core);
	assert_int_equal(built_feed(&c->f.file, c->f.file.n, &core), 1);
	c->data_start = core.header_bytes.n;
	core_done(&core);
	c->stream = memory_file();
	c->file = memory_file();
}

static void cut_done(struct cut *c)
{
	close(c->stream);
	close(c->file);
	written_done(&c->f);
}

/* From the end on, so that what is cut off need not be written again. */
static void test_first(void **state)
{
	const struct row *row = *state;
	struct cut c;
	size_t n;

	cut_up(&c, row);
	n = c.f.file.n < FIRST ? c.f.file.n : FIRST;
	assert_int_equal(pwrite(c.stream, c.f.file.p, n, 0), n);
	for (size_t at = n; at > 0; at = at > row->step ? at - row->step : 0)
		run_cut(&c, at - 1);
	assert_true(c.in_headers >= c.data_start / row->step);
	assert_true(c.cuts > (n - c.data_start) / row->step / 4);
	cut_done(&c);
}

static void test_anywhere(void **state)
{
	const struct row *row = *state;
	uint32_t seed = 11;
	struct cut c;

	cut_up(&c, row);
	for (size_t i = 0; i < row->anywhere; i++) {
		size_t n = builder_random(&seed) % c.f.file.n;

		assert_int_equal(pwrite(c.stream, c.f.file.p, n, 0), n);
		run_cut(&c, n);
	}
	assert_true(c.cuts > row->anywhere / 4);
	cut_done(&c);
}

int main(void)
{
	static const struct row rows[] = {
		{ "mini", STEP, ANYWHERE, { "mini", "mini", EM_X86_64, 0, false, 0 } },
		{ "full, any order",
		  STEP * 13,
		  ANYWHERE / 10,
		  { "full", "full", EM_X86_64, 3, false, 0 } },
	};

	return RUN_TABLE(rows, test_first) + RUN_TABLE(rows, test_anywhere);
}
