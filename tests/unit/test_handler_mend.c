/* SPDX-License-Identifier: MIT */
/*
 * What a killed worker has left, cut at any byte, damaged at any, and made by somebody who took the worker
 * over: there is a valid dump with the right memory, which says that it is cut, or none.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <zstd.h>

#include "tests/unit/stored.h"
#include "tests/unit/table.h"
#include "tests/unit/written.h"

#include "handler/mend.h"
#include "handler/pack.h"
#include "store/frame.h"

#ifdef __SANITIZE_ADDRESS__
#define TRIES 50
#else
#define TRIES 300
#endif

struct row {
	const char *name;
	struct written_row written;
	size_t loads; /* more, without content: it takes a second each time */
};

struct left {
	struct written f;
	uint8_t *
		bytes; /* of the file when memory was written whole, and nothing behind it */
	size_t n;
	size_t memory; /* where it begins */
};

static size_t tries_of(const struct row *row)
{
	return row->loads ? 12 : TRIES;
}

static const struct row rows[] = {
	{ "mini", { "", "mini", EM_X86_64, 0, false, 0 }, 0 },
	{ "heap, i386", { "", "heap", EM_386, 0, false, 0 }, 0 },
	{ "full, any order", { "", "full", EM_X86_64, 3, false, 0 }, 0 },
	{ "more headers than can be told",
	  { "", "full", EM_X86_64, 0, false, 0 },
	  66000 },
};

/* As the worker's own, but for frames of any size. */
static void pack_up(struct left *l)
{
	const struct built *core = &l->f.expected;
	uint32_t seed = 7;
	struct pack *pack;
	int fd = stored_file();

	assert_int_equal(pack_open(fd, 3, 0, &pack), 0);
	assert_int_equal(pack_header(pack, core->p, l->f.header_size), 0);
	assert_int_equal(pack_flush(pack), 0);
	free(stored_bytes(fd, &l->memory));
	for (size_t at = l->f.header_size, n; at < core->n - l->f.trailer; at += n) {
		n = 1 + builder_random(&seed) % 50000;
		if (n > core->n - l->f.trailer - at)
			n = core->n - l->f.trailer - at;
		assert_int_equal(pack_memory(pack, core->p + at, n), 0);
		assert_int_equal(pack_border(pack), 0);
	}
	assert_int_equal(pack_flush(pack), 0);
	pack_close(pack);
	l->bytes = stored_bytes(fd, &l->n);
	close(fd);
}

static void leave(struct left *l, const struct row *row)
{
	memset(l, 0, sizeof(*l));
	written_up(&l->f, &row->written);
	if (row->loads) {
		built_done(&l->f.expected);
		built_done(&l->f.file);
		for (size_t i = 0; i < row->loads; i++)
			builder_load(&l->f.b, 0x100000000 + i * 0x2000, 0, 0x1000, PF_R);
		l->f.file = builder_build(&l->f.b);
		written_expect(&l->f);
		l->f.trailer = sizeof(Elf64_Shdr);
	}
	assert_true(written_run(&l->f, l->f.file.n,
				0)); /* which says how long the header is */
	close(l->f.fd);
	pack_up(l);
}

static void left_done(struct left *l)
{
	free(l->bytes);
	written_done(&l->f);
}

/* Of n bytes. Return: as mend_file(); 0: and the file is right. */
static int mend(struct left *l, const uint8_t *bytes, size_t n, bool check)
{
	int r;

	l->f.fd = stored_file();
	assert_int_equal(pwrite(l->f.fd, bytes, n, 0), n);
	report_init(&l->f.report);
	report_say(&l->f.report, "before");
	r = mend_file(l->f.fd, 9, INT64_MAX, &l->f.report);
	if (r == 0) {
		assert_int_equal(l->f.report.outcome, REPORT_CUT);
		assert_non_null(strstr(l->f.report.reason,
				       "before\nthe worker was killed by signal 9; of "));
	} else {
		assert_int_equal(l->f.report.outcome, REPORT_FAILED);
		assert_string_equal(l->f.report.reason, "before");
	}
	if (r == 0 && check)
		written_check(&l->f);
	else if (r < 0)
		close(l->f.fd);
	return r;
}

static void test_cut(void **state)
{
	const struct row *row = *state;
	uint64_t before = 0;
	size_t mended = 0, step;
	struct left l;

	leave(&l, row);
	step = l.n / tries_of(row) + 1;
	for (size_t n = 0; n < l.n; n += step) {
		int r = mend(&l, l.bytes, n, true);

		if (n < l.memory)
			assert_int_equal(r, -ENODATA);
		if (r == 0) {
			assert_true(l.f.report.size_dump >= before);
			before = l.f.report.size_dump;
			mended++;
		} else {
			assert_int_equal(r, -ENODATA);
			assert_int_equal(mended, 0);
		}
	}
	assert_true(mended > tries_of(row) / 4);
	/* nothing is missing, but what made it whole was in the worker */
	assert_int_equal(mend(&l, l.bytes, l.n, true), 0);
	assert_int_equal(l.f.report.size_dump, l.f.expected.n);
	assert_null(strstr(l.f.report.reason, "missing"));
	left_done(&l);
}

/* Of what a byte is wrong only what comes before is taken. */
static void test_damaged(void **state)
{
	const size_t tries = tries_of(*state);
	uint32_t seed = 5;
	size_t mended = 0;
	struct left l;

	leave(&l, *state);
	for (size_t i = 0; i < tries; i++) {
		size_t at = FRAME_RECORD_SIZE +
			    builder_random(&seed) % (l.n - FRAME_RECORD_SIZE);
		uint8_t before = l.bytes[at];

		l.bytes[at] ^= (uint8_t)(1 + builder_random(&seed) % 255);
		mended += mend(&l, l.bytes, l.n, true) == 0;
		l.bytes[at] = before;
	}
	assert_true(mended > 0);
	left_done(&l);
}

/* What is in it is a core, whatever it says. */
static void check_core(struct left *l)
{
	size_t n, frames;
	struct built core = { stored_extract(l->f.fd, &n), 0 };
	struct core read;

	assert_non_null(core.p);
	core.n = n;
	assert_null(stored_seek_problem(l->f.fd, &frames));
	assert_int_equal(n, l->f.report.size_dump);
	core_init(&read);
	read.skip_notes = true;
	assert_int_equal(built_feed(&core, core.n, &read), 1);
	for (size_t i = 0; i < read.count; i++) {
		const struct segment *s = &read.segments[i];

		assert_true(s->type != PT_LOAD || s->filesz == 0 ||
			    s->offset + s->filesz <= n);
	}
	core_done(&read);
	built_done(&core);
	close(l->f.fd);
}

/* Frames are right, but the headers are lies. */
static void test_lies(void **state)
{
	const struct row *row = *state;
	const size_t tries = tries_of(row);
	uint8_t *header;
	uint32_t seed = 3;
	size_t mended = 0;
	struct left l;

	leave(&l, row);
	header = l.f.expected.p;
	for (size_t i = 0; i < tries; i++) {
		/* where ELF header and program headers of a small core are */
		uint8_t *p = header + builder_random(&seed) % 800, before = *p;

		free(l.bytes);
		*p = (uint8_t)builder_random(&seed);
		pack_up(&l);
		*p = before;
		if (mend(&l, l.bytes, l.n, false) == 0) {
			check_core(&l);
			mended++;
		}
	}
	assert_true(mended > 0);
	left_done(&l);
}

struct hostile {
	const char *name;
	size_t header; /* bytes of zeros in its frame; 0: the true one */
	uint32_t slack; /* bytes of it that are announced; 0: as it is */
	size_t memory; /* bytes of zeros in a frame */
	bool unsized; /* that frame does not say so */
};

static const struct hostile hostile[] = {
	{ "headers that are no core", 4096, 0, 4096, false },
	{ "headers of a byte", 1, 0, 4096, false },
	{ "headers of a bomb", (size_t)FRAME_HEADER_MAX + 1, 0, 4096, false },
	{ "room that ends behind the file", 0, 1u << 20, 4096, false },
	{ "room of 4 GiB", 0, UINT32_MAX, 4096, false },
	{ "a frame that is too large", 0, 0, FRAME_MEMORY_MAX + 1, false },
	{ "a frame of 64 MiB", 0, 0, 64u << 20, false },
	{ "a frame that does not say its size", 0, 0, 4096, true },
};

static size_t put_frame(uint8_t *to, size_t room, size_t n, bool unsized)
{
	ZSTD_CCtx *zstd = ZSTD_createCCtx();
	uint8_t *zeros = calloc(1, n);
	size_t size;

	assert_non_null(zeros);
	(void)ZSTD_CCtx_setParameter(zstd, ZSTD_c_contentSizeFlag, !unsized);
	(void)ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
	size = ZSTD_compress2(zstd, to, room, zeros, n);
	assert_false(ZSTD_isError(size));
	free(zeros);
	ZSTD_freeCCtx(zstd);
	return size;
}

static void test_hostile(void **state)
{
	const struct hostile *row = *state;
	const size_t room = 1u << 20;
	uint8_t *bytes = calloc(1, room), slack[FRAME_SKIPPABLE_HEADER];
	size_t n = FRAME_RECORD_SIZE;
	struct left l;

	leave(&l, &rows[0]);
	if (row->header) {
		n += put_frame(bytes + n, room - n, row->header, false);
		frame_put_skippable(slack, FRAME_SLACK_MAGIC, 256);
		memcpy(bytes + n, slack, sizeof(slack));
		n += sizeof(slack) + 256;
	} else {
		memcpy(bytes, l.bytes, l.memory);
		n = l.memory;
	}
	if (row->slack) {
		size_t at = FRAME_RECORD_SIZE +
			    ZSTD_findFrameCompressedSize(bytes + FRAME_RECORD_SIZE,
							 n - FRAME_RECORD_SIZE);

		frame_put_skippable(bytes + at, FRAME_SLACK_MAGIC, row->slack);
	}
	n += put_frame(bytes + n, room - n, row->memory, row->unsized);
	assert_int_equal(mend(&l, bytes, n, false), -ENODATA);
	free(bytes);
	left_done(&l);
}

/* Room that is there, and with the headers more than a frame can have. */
static void test_wide(void **state)
{
	const uint64_t slack = UINT32_MAX;
	uint8_t header[FRAME_SKIPPABLE_HEADER];
	struct report report;
	struct left l;
	int fd = stored_file();
	size_t at;

	(void)state;
	leave(&l, &rows[0]);
	at = FRAME_RECORD_SIZE + ZSTD_findFrameCompressedSize(l.bytes + FRAME_RECORD_SIZE,
							      l.n - FRAME_RECORD_SIZE);
	frame_put_skippable(header, FRAME_SLACK_MAGIC, (uint32_t)slack - sizeof(header));
	assert_int_equal(pwrite(fd, l.bytes, at, 0), at);
	assert_int_equal(pwrite(fd, header, sizeof(header), (off_t)at), sizeof(header));
	assert_int_equal(
		pwrite(fd, l.bytes + l.memory, l.n - l.memory, (off_t)(at + slack)),
		l.n - l.memory);
	report_init(&report);
	assert_int_equal(mend_file(fd, 9, INT64_MAX, &report), -ENODATA);
	close(fd);
	left_done(&l);
}

/* No time: what was not looked at is not in it. */
static void test_late(void **state)
{
	struct report report;
	struct left l;
	int fd = stored_file();

	(void)state;
	leave(&l, &rows[0]);
	report_init(&report);
	assert_int_equal(pwrite(fd, l.bytes, l.n, 0), l.n);
	assert_int_equal(mend_file(fd, 9, 0, &report), -ENODATA);
	assert_int_equal(mend_file(-1, 9, 0, &report), -EBADF);
	close(fd);
	left_done(&l);
}

int main(void)
{
	static const struct {
		const char *name;
	} late[] = { { "no time" } }, wide[] = { { "room of 4 GiB that is there" } };

	return RUN_TABLE(rows, test_cut) + RUN_TABLE(rows, test_damaged) +
	       RUN_TABLE(rows, test_lies) + RUN_TABLE(hostile, test_hostile) +
	       RUN_TABLE(wide, test_wide) + RUN_TABLE(late, test_late);
}
