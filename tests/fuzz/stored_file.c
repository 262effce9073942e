/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/fuzz/stored_file.h"
#include "tests/unit/table.h"

#include "base/io.h"
#include "store/seek.h"

#define HEADER_MAX (16u << 20)

static struct {
	char path[64];
	int directory, file, other;
} store = { .directory = -1, .other = -1 };

static void remove_store(void)
{
	(void)unlinkat(store.directory, STORED_NAME, 0); /* it may never have been made */
	(void)unlinkat(store.directory, STORED_OTHER, 0);
	(void)rmdir(store.path);
}

/* In memory, where there is such a file system: a disk is not what is tested. */
static void open_store(void)
{
	const char *tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

	(void)snprintf(store.path, sizeof(store.path), "%s/dumpd-fuzz-XXXXXX", tmp);
	assert_non_null(mkdtemp(store.path));
	store.directory = open(store.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(store.directory >= 0);
	store.file = openat(store.directory, STORED_NAME,
			    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(store.file >= 0);
	assert_int_equal(atexit(remove_store), 0);
}

int stored_write(const void *bytes, size_t n)
{
	if (store.directory < 0)
		open_store();
	assert_int_equal(ftruncate(store.file, 0), 0);
	assert_int_equal(lseek(store.file, 0, SEEK_SET), 0);
	assert_int_equal(io_write_full(store.file, bytes, n), 0);
	return store.directory;
}

const char *stored_directory(void)
{
	return store.path;
}

int stored_other(void)
{
	if (store.other < 0)
		store.other = openat(store.directory, STORED_OTHER,
				     O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(store.other >= 0);
	assert_int_equal(ftruncate(store.other, 0), 0);
	assert_int_equal(lseek(store.other, 0, SEEK_SET), 0);
	return store.other;
}

bool stored_has_small_header(const struct dump *dump)
{
	struct seek_table table;
	struct seek_cursor cursor;
	struct seek_frame frame;
	const char *reason;

	if (seek_table_open(dump_fd(dump), dump_file_size(dump), &table, &reason) < 0)
		return true;
	seek_start(&cursor, &table);
	while (seek_next(&cursor, &frame) > 0) {
		if (frame.size > 0)
			return frame.size <= HEADER_MAX;
	}
	return true;
}
