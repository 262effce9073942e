/* SPDX-License-Identifier: MIT */
/*
 * A plan carried out onto a disk that is full at every size: what is stored is a valid core
 * each time, with as much memory as there is room for.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/stored.h"
#include "tests/unit/table.h"
#include "tests/unit/written.h"

#include "base/io.h"
#include "store/frame.h"

/* Writes from here on fail, as if the disk were no better; 0: none does. */
static uint64_t fails_from;
static int fails_with;

int __real_io_pwrite_full(int fd, const void *buf, size_t n, uint64_t offset);
int __wrap_io_pwrite_full(int fd, const void *buf, size_t n, uint64_t offset);
int __wrap_io_pwrite_full(int fd, const void *buf, size_t n, uint64_t offset)
{
	if (fails_from && offset + n > fails_from)
		return fails_with;
	return __real_io_pwrite_full(fd, buf, n, offset);
}

/* Whether the file names its drop map as the last frame. */
static bool has_map(const struct written *f)
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

/* A core with more memory than fits beside headers, stored whole, as it is expected. */
static void store_large(struct written *f, void *state)
{
	written_up(f, state);
	builder_load(&f->b, 0x28000000, 7 << 20, 7 << 20, PF_R | PF_W);
	built_done(&f->file);
	built_done(&f->expected);
	f->file = builder_build(&f->b);
	written_expect(f);
	assert_true(written_run(f, f->file.n, 0));
}

/*
 * A full disk: RLIMIT_FSIZE is one that is full at a byte of one's choice. From the size on
 * that holds record, headers and a seek table of three, there is a dump.
 */
static void test_full_disk(void **state)
{
	struct written f;
	size_t whole, least, n;
	uint8_t *p;

	store_large(&f, *state);
	p = stored_bytes(f.fd, &whole);
	/* entries 1 and 2 of the seek table: header frame and slack */
	n = 17 + 8 * (size_t)frame_get_le32(p + whole - 9);
	least = FRAME_RECORD_SIZE + frame_get_le32(p + whole - n + 8 + 8) + 256 + 17 + 24;
	free(p);
	written_check(&f);
	for (rlim_t limit = FRAME_RECORD_SIZE; limit < whole;
	     limit += (whole - FRAME_RECORD_SIZE) / 37) {
		assert_true(written_run(&f, f.file.n, limit));
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
		written_check(&f);
	}
	assert_true(written_run(&f, f.file.n, least)); /* just enough */
	assert_int_equal(f.r, 0);
	written_check(&f);
	assert_true(written_run(&f, f.file.n,
				whole - 1)); /* all but the last byte of the table */
	assert_int_equal(f.r, 0);
	written_check(&f);
	written_done(&f);
}

/* A disk with room for all but the drop map: memory is not given up for it. */
static void test_full_disk_map(void **state)
{
	struct written f;
	size_t without, with, said = 0;

	written_up(&f, *state);
	assert_true(written_run(&f, f.file.n, 0));
	free(stored_bytes(f.fd, &without));
	assert_false(has_map(&f));
	close(f.fd);
	f.pieces = 5000;
	assert_true(written_run(&f, f.file.n, 0));
	assert_string_equal(f.report.reason, "");
	free(stored_bytes(f.fd, &with));
	assert_true(has_map(&f));
	written_check(&f);
	for (rlim_t limit = without; limit <= with; limit += (with - without) / 23) {
		assert_true(written_run(&f, f.file.n, limit));
		assert_int_equal(f.r, 0);
		assert_int_equal(f.report.outcome, REPORT_COMPLETE);
		assert_int_equal(f.report.size_dump, f.expected.n);
		assert_int_equal(!has_map(&f),
				 strstr(f.report.reason,
					"the drop map is not in the dump: File "
					"too large") != NULL);
		said += f.report.reason[0] != '\0';
		written_check(&f);
	}
	assert_true(said >= 23);
	/* nor is it in the way of what a smaller disk has room for */
	for (rlim_t limit = FRAME_RECORD_SIZE + 4096; limit < without; limit += 4096) {
		assert_true(written_run(&f, f.file.n, limit));
		if (f.r == 0)
			written_check(&f);
		else
			close(f.fd);
	}
	written_done(&f);
}

/*
 * A disk that fails from its middle on. ETIMEDOUT is of the disk too, and not taken for memory that
 * hangs.
 */
static void test_failing_disk(void **state)
{
	static const struct {
		int error;
		const char *reason;
	} rows[] = {
		{ -ENOSPC, "No space left on device" },
		{ -EDQUOT, "Disk quota exceeded" },
		{ -EIO, "Input/output error" },
		{ -ETIMEDOUT, "Input/output error" },
	};
	struct written f;
	size_t whole;

	store_large(&f, *state);
	free(stored_bytes(f.fd, &whole));
	written_check(&f);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fails_from = whole - (whole - FRAME_RECORD_SIZE) / 4;
		fails_with = rows[i].error;
		assert_true(written_run(&f, f.file.n, 0));
		fails_from = 0;
		assert_int_equal(f.r, 0);
		assert_int_equal(f.report.outcome, REPORT_CUT);
		assert_non_null(strstr(f.report.reason, rows[i].reason));
		assert_null(strstr(f.report.reason, "Deadline"));
		written_check(&f);
	}
	written_done(&f);
}

/* Frames of zeros are smaller than the table that names them. */
static void test_full_disk_zeros(void **state)
{
	struct written f = { .type = "full" };
	size_t whole, n, frames;

	(void)state;
	builder_init(&f.b, EM_X86_64);
	builder_thread(&f.b, 1, 0x10000, 0x10000, 0);
	builder_load(&f.b, 0x10000, 5 << 20, 5 << 20, PF_R | PF_W);
	f.file = builder_build(&f.b);
	memset(f.file.p + PAGE, 0, f.file.n - PAGE);
	assert_true(written_run(&f, f.file.n, 0));
	free(stored_bytes(f.fd, &whole));
	close(f.fd);
	for (size_t limit = whole - 1; limit > FRAME_RECORD_SIZE; limit--) {
		assert_true(written_run(&f, f.file.n, limit));
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
	written_done(&f);
}

/* The same where no file system says so, but MaxUse: the file never gets larger. */
static void test_room(void **state)
{
	struct written f;
	size_t whole, n;

	store_large(&f, *state);
	free(stored_bytes(f.fd, &whole));
	written_check(&f);
	for (f.room = FRAME_RECORD_SIZE; f.room < whole;
	     f.room += (whole - FRAME_RECORD_SIZE) / 23) {
		assert_true(written_run(&f, f.file.n, 0));
		assert_non_null(strstr(f.report.reason, "MaxUse and KeepFree allow "));
		if (f.r < 0) {
			assert_int_equal(f.r, -ENOSPC);
			assert_true(f.room < FRAME_RECORD_SIZE + 8192);
			close(f.fd);
			continue;
		}
		free(stored_bytes(f.fd, &n));
		assert_true(n <= f.room);
		assert_int_equal(f.report.outcome, REPORT_CUT);
		written_check(&f);
	}
	f.room = whole;
	assert_true(written_run(&f, f.file.n, 0));
	assert_int_equal(f.report.outcome, REPORT_COMPLETE);
	written_check(&f);
	written_done(&f);
}

/* Where the file has its first byte of memory: behind record, headers and slack. */
static size_t memory_start(int fd)
{
	size_t whole, table, start;
	uint8_t *p = stored_bytes(fd, &whole);

	table = 17 + 8 * (size_t)frame_get_le32(p + whole - 9);
	start = FRAME_RECORD_SIZE + frame_get_le32(p + whole - table + 8 + 8) +
		frame_get_le32(p + whole - table + 8 + 16);
	free(p);
	return start;
}

/*
 * PN_XNUM: the trailer is a frame that is written again each time. A disk with room for it, but not
 * for a seek table behind, is one on which there is no dump, and that is found out.
 */
static void test_full_disk_trailer(void **state)
{
	struct written f = { .type = "full", .trailer = 64 };
	size_t start, dumps = 0;

	(void)state;
	builder_init(&f.b, EM_X86_64);
	builder_thread(&f.b, 1, 0x10000, 0x10000, 0);
	for (size_t s = 0; s < 66000; s++)
		builder_load(&f.b, 0x10000 + s * 0x2000, 16, PAGE, PF_R | PF_W);
	f.file = builder_build(&f.b);
	written_expect(&f);
	assert_true(written_run(&f, f.file.n, 0));
	start = memory_start(f.fd);
	close(f.fd);
	for (rlim_t limit = start; limit < start + 200; limit += 8) {
		assert_true(written_run(&f, f.file.n, limit));
		if (f.r == 0) {
			dumps++;
			written_check(&f);
			continue;
		}
		assert_int_equal(f.r, -EFBIG);
		assert_int_equal(dumps, 0);
		close(f.fd);
	}
	assert_in_range(dumps, 1, 24);
	written_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full_disk_zeros),
		cmocka_unit_test(test_full_disk_trailer),
	};
	int failed;

	(void)signal(SIGXFSZ, SIG_IGN);
	failed = RUN_TABLE(written_rows, test_full_disk);
	failed += RUN_TABLE(written_rows, test_full_disk_map);
	failed += RUN_TABLE(written_rows, test_room);
	failed += RUN_TABLE(written_rows, test_failing_disk);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
