/* SPDX-License-Identifier: MIT */
/*
 * Whether memory is of the crash, asked of descriptors that refuse: what they say is told, not that the process is
 * gone.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "tests/unit/table.h"

#include "handler/process_memory.h"
#include "handler/source_witness.h"

struct witness_row {
	const char *name;
	int flags;
	struct source_witness witness;
	int expect;
};

static const struct witness_row witness_rows[] = {
	{ "no witness", O_RDONLY, { 0 }, 0 },
	{ "nothing is there", O_RDONLY, { .low_count = 1 }, -ESRCH },
	{ "the first is refused", O_WRONLY, { .low_count = 1 }, -EBADF },
	{ "the last is refused", O_WRONLY, { .high_count = 1 }, -EBADF },
};

static void test_witness(void **state)
{
	const struct witness_row *row = *state;
	_cleanup_fd_ int fd = open("/dev/null", row->flags | O_CLOEXEC);

	assert_int_equal(source_witness_check(fd, &row->witness), row->expect);
}

struct held_row {
	const char *name, *path;
	int flags, expect;
};

static const struct held_row held_rows[] = {
	{ "a process that dumps nothing", "/proc/self/status", O_RDONLY, -ESRCH },
	{ "an empty file", "/dev/null", O_RDONLY, -ESRCH },
	{ "it is refused", "/dev/null", O_WRONLY, -EBADF },
};

static void test_held(void **state)
{
	const struct held_row *row = *state;
	_cleanup_fd_ int fd = open(row->path, row->flags | O_CLOEXEC);

	assert_int_equal(process_memory_held(fd), row->expect);
}

int main(void)
{
	return RUN_TABLE(witness_rows, test_witness) || RUN_TABLE(held_rows, test_held);
}
