/* SPDX-License-Identifier: MIT */
/*
 * A core's bytes out of memory: this very process plays the crashed one, with a core whose program
 * headers name mappings of the test.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "tests/unit/mapped_core.h"
#include "tests/unit/proc.h"
#include "tests/unit/table.h"

#include "handler/source.h"

static size_t resident(const char *p)
{
	unsigned char there[PAGES];
	size_t n = 0;

	assert_int_equal(mincore((void *)(uintptr_t)p, SIZE, there), 0);
	for (size_t i = 0; i < PAGES; i++)
		n += there[i] & 1;
	return n;
}

static void test_all(void **state)
{
	struct mapped_core *f = *state;
	uint8_t *got = malloc(f->expected_n + 100);
	size_t before = resident(f->anonymous);

	assert_non_null(got);
	/* the end of the core is the end of what is read */
	assert_int_equal(source_memory_read(f->memory, got, f->expected_n + 100,
					    f->core.data_start),
			 f->expected_n);
	assert_memory_equal(got, f->expected, f->expected_n);
	assert_int_equal(source_memory_read(f->memory, got, 1, f->core.size), 0);
	/* nothing came into being by being read */
	assert_int_equal(resident(f->anonymous), before);
	free(got);
}

static void test_pieces(void **state)
{
	struct mapped_core *f = *state;
	uint8_t *got = malloc(f->expected_n);
	uint32_t seed = 11;

	assert_non_null(got);
	for (size_t i = 0; i < 2000; i++) {
		size_t at = builder_random(&seed) % f->expected_n;
		size_t n = builder_random(&seed) % (i % 2 ? 20000 : 30) + 1;

		n = n < f->expected_n - at ? n : f->expected_n - at;
		assert_int_equal(
			source_memory_read(f->memory, got, n, f->core.data_start + at),
			n);
		assert_memory_equal(got, f->expected + at, n);
	}
	free(got);
}

/* The stream behind it has other bytes, which shows which is read. */
static void test_leave(void **state)
{
	struct mapped_core *f = *state;
	size_t n = f->core_bytes.n + f->expected_n;
	_cleanup_free_ uint8_t *stream = malloc(n), *got = malloc(n);
	int fd = memfd_create("stream", MFD_CLOEXEC), closed = dup(f->mem_fd);
	struct source_memory *memory;
	struct source source;

	assert_true(stream && got);
	memset(stream, 's', n);
	assert_int_equal(write(fd, stream, n), n);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(source_open(fd, &source), 0);
	assert_int_equal(source_skip(&source, f->core.data_start), 1);
	assert_int_equal(source_memory_open(closed, f->pagemap_fd, &f->core, &f->notes,
					    NULL, &memory),
			 0);
	source_use_memory(&source, memory);
	assert_int_equal(source_read(&source, got, 1000), 1000);
	assert_memory_equal(got, f->expected, 1000);
	assert_int_equal(source_skip(&source, f->core.data_start + 5000), 1);
	assert_int_equal(source_received(&source), f->core.data_start);
	close(closed);
	assert_int_equal(source_read(&source, got, 1000), 1000);
	assert_memory_equal(got, stream, 1000);
	assert_int_equal(source.memory_error, -EBADF);
	assert_int_equal(source.position, f->core.data_start + 6000);
	assert_int_equal(source_received(&source), source.position);
	assert_int_equal(source_hole(&source, 10), 0);
	source_memory_close(memory);
	source_close(&source);
}

/* The stream was released before: there is nothing to go on with, and it is said why. */
static void test_leave_released(void **state)
{
	struct mapped_core *f = *state;
	int fds[2], closed = dup(f->mem_fd);
	struct source_memory *memory;
	struct source source;
	uint8_t got[1000];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(source_open(fds[0], &source), 0);
	source.position = f->core.data_start;
	assert_int_equal(source_memory_open(closed, f->pagemap_fd, &f->core, &f->notes,
					    NULL, &memory),
			 0);
	source_use_memory(&source, memory);
	source_release(&source);
	assert_int_equal(source_read(&source, got, 1000), 1000);
	assert_memory_equal(got, f->expected, 1000);
	assert_int_equal(source_skip(&source, f->core.data_start + 5000), 1);
	assert_int_equal(dup2(fds[1], closed),
			 closed); /* of which no offset can be read */
	for (int again = 0; again < 2; again++)
		assert_int_equal(source_read(&source, got, 1000), -ESPIPE);
	assert_int_equal(source.error, -ESPIPE);
	assert_int_equal(source.memory_error, 0); /* nothing came through the pipe */
	source_memory_close(memory);
	source_close(&source);
	close(closed);
	close(fds[1]);
}

/* A process that ends under it: absent pages and no address space look the same. */
static void test_gone(void **state)
{
	struct mapped_core *f = *state;
	struct source_memory *memory;
	char path[64];
	uint8_t byte;
	int mem, pagemap;
	pid_t pid = fork();

	if (pid == 0) {
		(void)pause();
		_exit(0);
	}
	assert_true(pid > 0);
	(void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	(void)snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)pid);
	pagemap = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(
		source_memory_open(mem, pagemap, &f->core, &f->notes, NULL, &memory), 0);
	assert_int_equal(source_memory_read(memory, &byte, 1, f->core.data_start), 1);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(source_memory_read(memory, &byte, 1, f->core.data_start),
			 -ESRCH);
	assert_int_equal(source_memory_hole(memory, f->core.data_start, PAGE), 0);
	source_memory_close(memory);
	close(mem);
	close(pagemap);
}

static struct mapped_core *taken_from;

/* What the OOM killer does with private mappings, whoever reads them. */
static void take_away(void)
{
	(void)madvise(taken_from->anonymous, SIZE, MADV_DONTNEED);
	(void)madvise(taken_from->hidden, SIZE, MADV_DONTNEED);
	(void)madvise(taken_from->file, SIZE, MADV_DONTNEED);
}

/* A pinned process' memory is taken away: what is then absent is not taken for what was never there. */
static void test_taken(void **state)
{
	struct mapped_core *f = *state;
	struct source_memory *memory;
	int mem, pagemap, fds[2];
	pid_t pid;
	char byte;

	taken_from = f;
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		assert_int_equal(read(fds[0], &byte, 1), 1);
		take_away();
		(void)raise(SIGSTOP);
		_exit(0);
	}
	mem = proc_open(pid, "mem");
	pagemap = proc_open(pid, "pagemap");
	assert_int_equal(
		source_memory_open(mem, pagemap, &f->core, &f->notes, NULL, &memory), 0);
	source_memory_watch(memory);
	assert_int_equal(source_memory_whole(memory), 0);
	assert_int_equal(
		source_memory_hole(memory, mapped_offset(&f->core, f->anonymous), PAGE),
		PAGE);
	assert_int_equal(write(fds[1], "", 1), 1);
	assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
	assert_int_equal(source_memory_whole(memory), -ESRCH);
	assert_int_equal(
		source_memory_hole(memory, mapped_offset(&f->core, f->anonymous), PAGE),
		0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	source_memory_close(memory);
	close(mem);
	close(pagemap);
	close(fds[0]);
	close(fds[1]);
}

/*
 * Without NT_FILE names tell what is a file. Shared memory that the program has named is as one: a page that this
 * process has not is there for others.
 */
static void test_named(void **state)
{
	struct mapped_core *f = *state;
	const char *page = f->shared + PAGE;
	struct source_memory *memory;
	struct names names;
	char text[512], got[PAGE];
	int n = snprintf(text, sizeof(text),
			 "%lx-%lx rw-p 00000000 fe:00 7 /some/file\n"
			 "%lx-%lx rw-s 00000000 00:01 8 [anon_shmem:mine]\n",
			 (unsigned long)(uintptr_t)f->file,
			 (unsigned long)(uintptr_t)f->file + SIZE,
			 (unsigned long)(uintptr_t)f->shared,
			 (unsigned long)(uintptr_t)f->shared + SIZE);

	f->notes.has_files = false;
	assert_int_equal(
		names_read((struct bytes){ (const uint8_t *)text, (size_t)n }, &names),
		0);
	assert_int_equal(names.count, 2);
	assert_int_equal(source_memory_open(f->mem_fd, f->pagemap_fd, &f->core, &f->notes,
					    &names, &memory),
			 0);
	assert_int_equal(madvise(f->shared, SIZE, MADV_DONTNEED), 0);
	assert_int_equal(
		source_memory_read(memory, got, PAGE, mapped_offset(&f->core, page)),
		PAGE);
	assert_memory_equal(
		got, f->expected + (mapped_offset(&f->core, page) - f->core.data_start),
		PAGE);
	source_memory_close(memory);
	names_done(&names);
}

struct refused {
	const char *name;
	bool late, no_files, gap;
};

static const struct refused refused[] = {
	{ "notes behind memory", true, false, false },
	{ "nobody tells files from memory", false, true, false },
	{ "a gap in the file", false, false, true },
};

static void test_refused(void **state)
{
	const struct refused *row = *state;
	struct source_memory *memory;
	struct mapped_core *f;

	assert_int_equal(mapped_set_up((void **)&f), 0);
	f->core.notes_late = row->late;
	f->notes.has_files = !row->no_files;
	for (size_t i = 0; i < f->core.count; i++) {
		if (row->gap && f->core.segments[i].type == PT_LOAD) {
			f->core.segments[i].filesz -= PAGE;
			break;
		}
	}
	assert_int_equal(source_memory_open(f->mem_fd, f->pagemap_fd, &f->core, &f->notes,
					    NULL, &memory),
			 -ENOTSUP);
	assert_int_equal(mapped_tear_down((void **)&f), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all, mapped_set_up,
						mapped_tear_down),
		cmocka_unit_test_setup_teardown(test_pieces, mapped_set_up,
						mapped_tear_down),
		cmocka_unit_test_setup_teardown(test_leave, mapped_set_up,
						mapped_tear_down),
		cmocka_unit_test_setup_teardown(test_leave_released, mapped_set_up,
						mapped_tear_down),
		cmocka_unit_test_setup_teardown(test_gone, mapped_set_up,
						mapped_tear_down),
		cmocka_unit_test_setup_teardown(test_taken, mapped_set_up,
						mapped_tear_down),
		cmocka_unit_test_setup_teardown(test_named, mapped_set_up,
						mapped_tear_down),
	};

	return RUN_TABLE(refused, test_refused) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
