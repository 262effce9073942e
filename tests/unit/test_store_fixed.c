/* SPDX-License-Identifier: MIT */
/*
 * The fixed part: what is written is read, and any byte another is no more than another user's. The record is JSON
 * with it, and the same record.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "store/fixed.h"
#include "store/frame.h"
#include "tests/unit/table.h"

static const struct row {
	const char *name;
	int64_t uid, back;
	size_t exe, exe_back; /* bytes */
} rows[] = {
	{ "both", 1000, 1000, 12, 12 },
	{ "root", 0, 0, 1, 1 },
	{ "the last uid", UINT32_MAX, UINT32_MAX, 5, 5 },
	{ "no uid", RECORD_UNKNOWN, RECORD_UNKNOWN, 5, 5 },
	{ "no executable", 7, 7, 0, 0 },
	{ "the longest", 7, 7, FIXED_EXE_MAX, FIXED_EXE_MAX },
	{ "one longer", 7, 7, FIXED_EXE_MAX + 1, FIXED_EXE_MAX },
	{ "a path", 7, 7, 4095, FIXED_EXE_MAX },
};

static int file(void)
{
	int fd = memfd_create("fixed", MFD_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void write_row(int fd, const struct row *row)
{
	_cleanup_record_ struct record record;
	uint8_t frame[FRAME_RECORD_SIZE];
	char exe[4096] = "";

	memset(exe, 'x', row->exe);
	record_init(&record);
	record.uid = row->uid;
	record.exe = row->exe ? strdup(exe) : NULL;
	fixed_frame(&record, "{\"id\":\"a1b2c3d4e5f6\",\"uid\":1,\"exe\":\"/poisoned\"}",
		    frame);
	assert_int_equal(io_pwrite_full(fd, frame, sizeof(frame), 0), 0);
}

static void test_row(void **state)
{
	const struct row *row = *state;
	_cleanup_fd_ int fd = file();
	struct fixed fixed;

	write_row(fd, row);
	assert_int_equal(fixed_read(fd, &fixed), 1);
	assert_int_equal(fixed.uid, row->back);
	assert_int_equal(strlen(fixed.exe), row->exe_back);
	assert_int_equal(lseek(fd, 0, SEEK_END), FRAME_RECORD_SIZE);
}

/* Who reads the JSON does not see it. */
static void test_json(void **state)
{
	_cleanup_record_ struct record record;
	_cleanup_record_ struct record back;
	_cleanup_free_ char *json = NULL;
	uint8_t frame[FRAME_RECORD_SIZE];
	const char *text = (const char *)frame + FRAME_SKIPPABLE_HEADER;

	(void)state;
	record_init(&record);
	record_init(&back);
	record.uid = 4711;
	record.pid = 12;
	record.exe = strdup("/a\"\\\n\xff");
	json = record_to_json(&record, 0);
	assert_non_null(json);
	fixed_frame(&record, json, frame);
	assert_int_equal(record_from_json(text, strlen(text), &back), 0);
	assert_int_equal(back.uid, 4711);
	assert_int_equal(back.pid, 12);
	assert_string_equal(back.exe, record.exe);
}

static void test_none(void **state)
{
	_cleanup_fd_ int fd = file();
	struct fixed fixed;

	(void)state;
	assert_int_equal(fixed_read(fd, &fixed), 0);
	assert_int_equal(fixed_is_dump(fd), 0);
	assert_int_equal(ftruncate(fd, FRAME_RECORD_SIZE), 0);
	assert_int_equal(fixed_read(fd, &fixed), 0);
	assert_int_equal(fixed_is_dump(fd), 0);
	assert_int_equal(fixed_read(-1, &fixed), -EBADF);
	assert_int_equal(fixed_is_dump(-1), -EBADF);
}

static void test_any_byte(void **state)
{
	_cleanup_fd_ int fd = file();
	const uint64_t at = FRAME_RECORD_SIZE - FIXED_SIZE;
	struct fixed fixed;

	(void)state;
	write_row(fd, &rows[0]);
	for (size_t i = 0; i < 80; i++) {
		for (unsigned int with = 1; with < 256; with *= 2) {
			uint8_t byte;

			assert_int_equal(io_pread_full(fd, &byte, 1, at + i), 1);
			byte ^= (uint8_t)with;
			assert_int_equal(io_pwrite_full(fd, &byte, 1, at + i), 0);
			if (fixed_read(fd, &fixed) == 1)
				assert_true(strlen(fixed.exe) <= FIXED_EXE_MAX);
			byte ^= (uint8_t)with;
			assert_int_equal(io_pwrite_full(fd, &byte, 1, at + i), 0);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_any_byte),
	};

	return RUN_TABLE(rows, test_row) +
	       cmocka_run_group_tests_name("fixed", tests, NULL, NULL);
}
