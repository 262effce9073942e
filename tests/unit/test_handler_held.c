/* SPDX-License-Identifier: MIT */
/*
 * What comes until a deadline is kept, whatever hangs: a source that never answers, a file that takes
 * nothing in.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/core_builder.h"
#include "tests/unit/stored.h"
#include "tests/unit/table.h"

#include "base/clock.h"
#include "handler/held.h"

#define HEADER 4096u
#define MEMORY (5u << 20)
#define PIECE  (600u << 10) /* more than is read at once */
#define AGAIN  78 /* the reader heard of the full disk before it hung */

struct row {
	const char *name;
	unsigned int threads;
	uint64_t hangs_at; /* offset in the core; UINT64_MAX: it does not */
	int64_t deadline; /* seconds from now; 0: none */
	int result;
	bool full; /* no memory can be written */
};

static const struct row rows[] = {
	{ "nothing hangs", 2, UINT64_MAX, 100, 1, false },
	{ "no deadline", 2, UINT64_MAX, 0, 1, false },
	{ "no threads", 0, UINT64_MAX, 100, 1, false },
	{ "one thread", 1, UINT64_MAX, 100, 1, false },
	{ "at the first byte", 2, HEADER, 1, -ETIMEDOUT, false },
	{ "in the middle", 2, HEADER + (3u << 20), 1, -ETIMEDOUT, false },
	{ "in the middle, one thread", 1, HEADER + (3u << 20), 1, -ETIMEDOUT, false },
	{ "in the middle, the disk is full", 2, HEADER + (3u << 20), 1, -ETIMEDOUT,
	  true },
};

/* Its bytes are a function of the offset. */
static ssize_t read_or_hang(void *context, void *to, size_t n, uint64_t offset)
{
	const struct row *row = context;
	size_t left = HEADER + MEMORY - (size_t)offset;

	n = n < left ? n : left;
	if (n > 100000)
		n = 100000;
	while (offset + n > row->hangs_at)
		(void)pause();
	for (size_t i = 0; i < n; i++)
		((uint8_t *)to)[i] = builder_byte(offset + i);
	return (ssize_t)n;
}

static void check(int fd, struct pack *pack, const struct row *row)
{
	size_t n;
	_cleanup_free_ uint8_t *core = stored_extract(fd, &n);
	uint64_t least = row->hangs_at;

	if (least == UINT64_MAX)
		least = HEADER + MEMORY;
	else if (row->full)
		least = HEADER;
	else /* of what hangs a piece is lost */
		least = least > HEADER + PIECE ? least - PIECE : HEADER;
	assert_non_null(core);
	assert_int_equal(n, pack_size(pack));
	assert_true(n >= least && n <= HEADER + MEMORY);
	for (size_t i = HEADER; i < n; i++)
		assert_int_equal(core[i], builder_byte(i));
}

/* Room for the seek table, no more. */
static void fill_disk(int fd)
{
	rlim_t end = (rlim_t)lseek(fd, 0, SEEK_END) + 100;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){ end, end }), 0);
}

/* In a process of its own: a thread that hangs ends with it. */
static void run(const struct row *row)
{
	static uint8_t header[HEADER];
	const struct plan plan = { .verbatim = true,
				   .header_size = HEADER,
				   .size = HEADER + MEMORY };
	struct source source;
	struct pool pool;
	struct held held = { .plan = &plan, .source = &source, .pool = &pool };
	int fd = stored_file();
	uint64_t size = HEADER + MEMORY;
	int r;

	held.deadline = row->deadline
				? clock_usec(CLOCK_MONOTONIC) + row->deadline * 1000000
				: INT64_MAX;
	pool_open(row->threads, NULL, &pool);
	assert_int_equal(pack_open(fd, 1, 0, &held.pack), 0);
	assert_int_equal(
		source_open_at(read_or_hang, (void *)(uintptr_t)row, size, &source), 0);
	assert_int_equal(source_skip(&source, HEADER), 1);
	assert_int_equal(pack_header(held.pack, header, HEADER), 0);
	assert_int_equal(pack_flush(held.pack), 0);
	if (row->full)
		fill_disk(fd);
	r = held_copy(&held);
	if (row->full && r == -EFBIG)
		_exit(AGAIN);
	assert_int_equal(r, row->result);
	pack_release(held.pack);
	assert_int_equal(pack_flush(held.pack), row->full ? -EFBIG : 0);
	if (row->full)
		assert_int_equal(pack_drop(held.pack, 0), 0);
	assert_int_equal(pack_memory(held.pack, NULL, 0), 0);
	assert_int_equal(pack_finish(held.pack), 0);
	check(fd, held.pack, row);
	if (row->result != 1)
		return;
	held_end(&held);
	pack_close(held.pack);
	source_close(&source);
}

static void test_row(void **state)
{
	int status = 0;

	for (int i = 0; i < 100 && (i == 0 || WEXITSTATUS(status) == AGAIN); i++) {
		pid_t pid = fork();

		if (pid == 0) {
			run(*state);
			_exit(77);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
	}
	assert_int_equal(WEXITSTATUS(status), 77);
}

int main(void)
{
	return RUN_TABLE(rows, test_row);
}
