/* SPDX-License-Identifier: MIT */
/*
 * The stream: short reads, peeking, skipping, and its end wherever it comes.
 */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/core_builder.h"
#include "tests/unit/table.h"

#include "base/io.h"
#include "handler/source.h"

struct row {
	const char *name;
	size_t n; /* bytes of the stream */
	size_t piece; /* that the other end writes at once */
};

static const struct row rows[] = {
	{ "empty", 0, 1 },
	{ "a byte", 1, 1 },
	{ "byte by byte", 3000, 1 },
	{ "odd pieces", 700001, 4099 },
	{ "less than a chunk", SOURCE_CHUNK - 1, 65536 },
	{ "a chunk", SOURCE_CHUNK, 65536 },
	{ "a chunk and a byte", SOURCE_CHUNK + 1, 65536 },
	{ "large pieces", 5 * SOURCE_CHUNK + 7, 2 * SOURCE_CHUNK },
};

_noreturn_ static void write_all(int fd, const struct row *row)
{
	for (size_t at = 0; at < row->n;) {
		uint8_t piece[2 * SOURCE_CHUNK];
		size_t n = row->n - at < row->piece ? row->n - at : row->piece;

		for (size_t i = 0; i < n; i++)
			piece[i] = builder_byte(at + i);
		if (io_write_full(fd, piece, n) < 0)
			_exit(1);
		at += n;
	}
	_exit(0);
}

static pid_t start(const struct row *row, struct source *source)
{
	int fds[2];
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(fds[0]);
		write_all(fds[1], row);
	}
	close(fds[1]);
	assert_int_equal(source_open(fds[0], source), 0);
	return pid;
}

static void finish(pid_t pid, struct source *source)
{
	int status;

	source_close(source);
	source_close(source); /* twice is no harm */
	assert_int_equal(source->fd, -1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void assert_bytes(const uint8_t *p, uint64_t at, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] != builder_byte(at + i))
			fail_msg("byte %zu is wrong", (size_t)at + i);
	}
}

static void test_peek(void **state)
{
	const struct row *row = *state;
	struct source source;
	pid_t pid = start(row, &source);
	uint32_t seed = 3;
	const uint8_t *p, *again;
	ssize_t n;

	while ((n = source_peek(&source, &p)) > 0) {
		size_t taken = builder_random(&seed) % ((size_t)n + 1);

		assert_int_equal(source_peek(&source, &again), n);
		assert_ptr_equal(p, again);
		assert_bytes(p, source.position, (size_t)n);
		source_take(&source, taken);
	}
	assert_int_equal(n, 0);
	assert_int_equal(source.position, row->n);
	assert_int_equal(source_peek(&source, &p), 0);
	finish(pid, &source);
}

static void test_read(void **state)
{
	const struct row *row = *state;
	_cleanup_free_ uint8_t *buffer = malloc(row->n + 10);
	struct source source;
	pid_t pid = start(row, &source);
	const uint8_t *p;
	size_t first = row->n / 3;

	assert_non_null(buffer);
	assert_int_equal(source_read(&source, buffer, 0), 0);
	assert_true(source_peek(&source, &p) >= 0); /* what was peeked comes first */
	assert_int_equal(source_read(&source, buffer, first), first);
	assert_int_equal(source.position, first);
	assert_int_equal(source_read(&source, buffer + first, row->n - first + 10),
			 row->n - first);
	assert_bytes(buffer, 0, row->n);
	assert_int_equal(source_read(&source, buffer, 10), 0);
	assert_int_equal(source.position, row->n);
	finish(pid, &source);
}

static void test_skip(void **state)
{
	const struct row *row = *state;
	struct source source;
	pid_t pid = start(row, &source);
	uint64_t half = row->n / 2;
	uint8_t byte;

	assert_int_equal(source_skip(&source, 0), 1);
	assert_int_equal(source_skip(&source, half), 1);
	assert_int_equal(source.position, half);
	assert_int_equal(source_skip(&source, half / 2), 1); /* never back */
	assert_int_equal(source.position, half);
	if (half < row->n) {
		assert_int_equal(source_read(&source, &byte, 1), 1);
		assert_bytes(&byte, half, 1);
	}
	assert_int_equal(source_skip(&source, row->n), 1);
	assert_int_equal(source_skip(&source, row->n + 1), 0);
	assert_int_equal(source.position, row->n);
	finish(pid, &source);
}

static void test_errors(void **state)
{
	struct source source;
	const uint8_t *p;
	uint8_t byte;

	(void)state;
	assert_int_equal(source_open(-1, &source), 0);
	assert_int_equal(source_peek(&source, &p), -EBADF);
	assert_int_equal(source_read(&source, &byte, 1), -EBADF);
	assert_int_equal(source_skip(&source, 1), -EBADF);
	source_close(&source);
}

/* A core that can be read at any place. */
static ssize_t read_anywhere(void *context, void *to, size_t n, uint64_t offset)
{
	const struct row *row = context;
	size_t there = offset < row->n ? row->n - (size_t)offset : 0;

	n = n < there ? n : there;
	for (size_t i = 0; i < n; i++)
		((uint8_t *)to)[i] = builder_byte(offset + i);
	return (ssize_t)n;
}

static void test_anywhere(void **state)
{
	struct row *row = *state;
	uint8_t *buffer = malloc(row->n + 10);
	struct source source;
	const uint8_t *p;

	assert_non_null(buffer);
	for (size_t skip = 0; skip <= row->n; skip += row->n / 7 + 1) {
		size_t left = row->n - skip;

		assert_int_equal(source_open_at(read_anywhere, row, row->n, &source), 0);
		assert_true(source_peek(&source, &p) >= 0);
		assert_int_equal(source_read(&source, buffer, skip / 2), skip / 2);
		assert_int_equal(source_skip(&source, skip / 3), 1); /* back, too */
		assert_int_equal(source_skip(&source, skip), 1);
		assert_int_equal(source.position, skip);
		assert_int_equal(source_read_at(&source, buffer, 9, 0),
				 row->n < 9 ? row->n : 9);
		assert_int_equal(source_read(&source, buffer, left / 2), left / 2);
		assert_bytes(buffer, skip, left / 2);
		assert_int_equal(source_peek(&source, &p) > 0, left > 0);
		assert_bytes(p, skip + left / 2, left > 0);
		assert_int_equal(source_skip(&source, row->n), 1);
		assert_int_equal(source_skip(&source, row->n + 1), 0);
		assert_int_equal(source.position, row->n);
		assert_int_equal(source_read(&source, buffer, 1), 0);
		source_close(&source);
	}
	free(buffer);
}

static ssize_t read_nowhere(void *context, void *to, size_t n, uint64_t offset)
{
	(void)context, (void)to, (void)n, (void)offset;
	return -EBADMSG;
}

static void test_anywhere_errors(void **state)
{
	struct source source;
	const uint8_t *p;
	uint8_t byte;

	(void)state;
	assert_int_equal(source_open_at(read_nowhere, NULL, 100, &source), 0);
	assert_int_equal(source_skip(&source, 1), 1); /* nothing is read */
	assert_int_equal(source_peek(&source, &p), -EBADMSG);
	assert_int_equal(source.error, -EBADMSG);
	assert_int_equal(source_read(&source, &byte, 1), -EBADMSG);
	assert_int_equal(source_read_at(&source, &byte, 1, 0), -EBADMSG);
	source_close(&source);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_anywhere_errors),
	};
	int failed = RUN_TABLE(rows, test_peek);

	failed += RUN_TABLE(rows, test_read);
	failed += RUN_TABLE(rows, test_skip);
	failed += RUN_TABLE(rows, test_anywhere);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
