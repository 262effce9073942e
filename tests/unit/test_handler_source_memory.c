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

#include "tests/unit/core_builder.h"
#include "tests/unit/table.h"

#include "handler/source.h"

#define PAGES 40u
#define SIZE  (PAGES * PAGE)

/* A letter for each page of a mapping: there, or absent. */
struct fixture {
	char *anonymous, *hidden, *file, *shared;
	struct core_builder b;
	struct built core_bytes;
	struct core core;
	struct notes notes;
	int mem_fd, pagemap_fd;
	struct source_memory *memory;
	uint8_t *expected; /* the core from data_start on */
	size_t expected_n;
};

static char *map(int flags, int fd)
{
	char *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, flags, fd, 0);

	assert_true(p != MAP_FAILED);
	(void)madvise(p, SIZE, MADV_NOHUGEPAGE); /* the kernel may not have it */
	return p;
}

static void fill(char *p, size_t page)
{
	for (size_t i = 0; i < PAGE; i++)
		p[page * PAGE + i] = (char)builder_byte((uintptr_t)p + page * PAGE + i);
}

static bool is_there(size_t page)
{
	return page % 5 == 1 || (page > 10 && page < 16) || page == PAGES - 1;
}

static void fill_some(char *p)
{
	for (size_t i = 0; i < PAGES; i++) {
		if (is_there(i))
			fill(p, i);
	}
}

/* 20 pages, of which two have been changed: the rest of the mapping is behind its end. */
static char *map_file(void)
{
	int fd = memfd_create("file", MFD_CLOEXEC);
	char *p;

	assert_int_equal(ftruncate(fd, SIZE), 0);
	p = map(MAP_SHARED, fd);
	for (size_t i = 0; i < PAGES; i++)
		fill(p, i);
	assert_int_equal(munmap(p, SIZE), 0);
	p = map(MAP_PRIVATE, fd);
	fill(p, 3);
	fill(p, 30);
	assert_int_equal(ftruncate(fd, SIZE / 2), 0);
	close(fd);
	return p;
}

static void add(struct fixture *f, const char *p, const char *path)
{
	uint64_t start = (uintptr_t)p;

	builder_load(&f->b, start, SIZE, SIZE, PF_R | PF_W);
	if (path)
		builder_file(&f->b, start, start + SIZE, 0, path);
}

static bool is_expected(const struct fixture *f, const char *p, size_t page)
{
	/* behind the file's end nothing can be read, changed or not */
	return p == f->file ? page < PAGES / 2 : is_there(page);
}

/* What the kernel would write: zeros for what is not there or cannot be read. */
static void expect(struct fixture *f)
{
	for (size_t i = 0; i < f->core.count; i++) {
		const struct segment *s = &f->core.segments[i];
		const char *p = (const char *)(uintptr_t)s->vaddr;
		uint8_t *to = f->expected + (s->offset - f->core.data_start);

		for (size_t at = 0; s->type == PT_LOAD && at < SIZE; at++) {
			if (!is_expected(f, p, at / PAGE))
				continue;
			to[at] = p == f->hidden ? builder_byte(s->vaddr + at)
						: (uint8_t)p[at];
		}
	}
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	assert_non_null(f);
	f->anonymous = map(MAP_PRIVATE | MAP_ANONYMOUS, -1);
	f->hidden = map(MAP_PRIVATE | MAP_ANONYMOUS, -1);
	f->shared = map(MAP_SHARED | MAP_ANONYMOUS, -1);
	f->file = map_file();
	fill_some(f->anonymous);
	fill_some(f->hidden);
	fill_some(f->shared);
	assert_int_equal(mprotect(f->hidden, SIZE, PROT_NONE), 0);
	builder_init(&f->b, EM_X86_64);
	builder_thread(&f->b, 7, 0, 0, 0);
	add(f, f->anonymous, NULL);
	add(f, f->hidden, NULL);
	/* by address, as the kernel has them: the last that was mapped comes first */
	add(f, f->file, "/some/file");
	add(f, f->shared, "/dev/zero (deleted)");
	assert_true(f->file < f->shared);
	builder_files(&f->b);
	f->b.headers_only = true;
	f->core_bytes = builder_build(&f->b);
	core_init(&f->core);
	assert_int_equal(built_feed(&f->core_bytes, 4096, &f->core), 1);
	notes_read(&f->core.header, f->core.notes, &f->notes);
	f->expected_n = (size_t)(f->core.size - f->core.data_start);
	f->expected = calloc(1, f->expected_n);
	assert_non_null(f->expected);
	expect(f);
	f->mem_fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	f->pagemap_fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	assert_int_equal(source_memory_open(f->mem_fd, f->pagemap_fd, &f->core, &f->notes,
					    NULL, &f->memory),
			 0);
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	source_memory_close(f->memory);
	close(f->mem_fd);
	close(f->pagemap_fd);
	munmap(f->anonymous, SIZE);
	munmap(f->hidden, SIZE);
	munmap(f->shared, SIZE);
	munmap(f->file, SIZE);
	notes_done(&f->notes);
	core_done(&f->core);
	built_done(&f->core_bytes);
	builder_done(&f->b);
	free(f->expected);
	free(f);
	return 0;
}

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
	struct fixture *f = *state;
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
	struct fixture *f = *state;
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

/* A hole is zeros, never longer than it is, and found again from its middle. */
static void test_holes(void **state)
{
	struct fixture *f = *state;
	size_t holes = 0;

	for (size_t at = 0; at < f->expected_n;) {
		uint64_t offset = f->core.data_start + at;
		uint64_t hole = source_memory_hole(f->memory, offset, UINT64_MAX);

		assert_true(hole <= f->expected_n - at);
		for (size_t i = 0; i < hole; i++)
			assert_int_equal(f->expected[at + i], 0);
		if (hole > 1) {
			holes++;
			assert_int_equal(
				source_memory_hole(f->memory, offset + 1, UINT64_MAX),
				hole - 1);
			assert_int_equal(source_memory_hole(f->memory, offset, 5), 5);
		}
		at += hole ? (size_t)hole : PAGE;
	}
	assert_true(holes >= 10);
	assert_int_equal(source_memory_hole(f->memory, f->core.size, 10), 0);
}

/* Where a hole of at least so many bytes begins, wherever one starts to look. */
static void test_data(void **state)
{
	static const size_t sizes[] = { PAGE, 3 * PAGE, 4 * PAGE, 5 * PAGE };
	const struct fixture *f = *state;
	size_t found = 0;

	for (size_t at = 0; at < f->expected_n; at += PAGE) {
		uint64_t offset = f->core.data_start + at, n = f->expected_n - at;

		n = n < 14 * PAGE ? n : 14 * PAGE;
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			uint64_t data =
				source_memory_data(f->memory, offset, n, sizes[i]);
			uint64_t first = 0;

			while (first < n && source_memory_hole(f->memory, offset + first,
							       n - first) < sizes[i])
				first += PAGE;
			assert_int_equal(data, first < n ? first : n);
			found += data < n;
		}
	}
	assert_true(found > 30);
}

/* The stream behind it has other bytes, which shows which is read. */
static void test_leave(void **state)
{
	struct fixture *f = *state;
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
	struct fixture *f = *state;
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
	struct fixture *f = *state;
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

static uint64_t offset_of(const struct core *core, const char *p)
{
	for (size_t i = 0; i < core->count; i++) {
		const struct segment *s = &core->segments[i];

		if (s->type == PT_LOAD && s->vaddr <= (uintptr_t)p &&
		    (uintptr_t)p - s->vaddr < s->filesz)
			return s->offset + ((uintptr_t)p - s->vaddr);
	}
	fail();
	return 0;
}

static struct fixture *taken_from;

/* What the OOM killer does with private mappings, whoever reads them. */
static void take_away(void)
{
	(void)madvise(taken_from->anonymous, SIZE, MADV_DONTNEED);
	(void)madvise(taken_from->hidden, SIZE, MADV_DONTNEED);
	(void)madvise(taken_from->file, SIZE, MADV_DONTNEED);
}

static int open_of(pid_t pid, const char *name)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

/* A pinned process' memory is taken away: what is then absent is not taken for what was never there. */
static void test_taken(void **state)
{
	struct fixture *f = *state;
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
	mem = open_of(pid, "mem");
	pagemap = open_of(pid, "pagemap");
	assert_int_equal(
		source_memory_open(mem, pagemap, &f->core, &f->notes, NULL, &memory), 0);
	source_memory_watch(memory);
	assert_true(source_memory_is_whole(memory));
	assert_int_equal(
		source_memory_hole(memory, offset_of(&f->core, f->anonymous), PAGE),
		PAGE);
	assert_int_equal(write(fds[1], "", 1), 1);
	assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
	assert_false(source_memory_is_whole(memory));
	assert_int_equal(
		source_memory_hole(memory, offset_of(&f->core, f->anonymous), PAGE), 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	source_memory_close(memory);
	close(mem);
	close(pagemap);
	close(fds[0]);
	close(fds[1]);
}

static struct plan all_of(const struct core *core)
{
	return (struct plan){
		.verbatim = true,
		.header_size = (size_t)core->data_start,
		.size = core->size,
	};
}

/* Whether source_memory_existing() names a place. */
static bool exists(const struct fixture *f, const char *p)
{
	const struct plan plan = all_of(&f->core);
	uint64_t offset = offset_of(&f->core, p);
	struct source_pages pages;
	const struct spans *spans = &pages.spans;
	bool named;
	size_t i;

	assert_true(source_memory_existing(f->memory, &plan, &pages));
	assert_true(pages.learnt);
	i = spans_above(spans, offset);
	named = i < spans->count && spans->spans[i].start <= offset;
	spans_done(&pages.spans);
	return named;
}

/* Of files what no page has; the shared memory counts as one. */
static uint64_t absent(const struct fixture *f)
{
	const struct plan plan = all_of(&f->core);
	struct source_pages pages;

	assert_true(source_memory_existing(f->memory, &plan, &pages));
	spans_done(&pages.spans);
	return pages.absent;
}

/* What was learnt of a file is not what is there: its page may be gone, and who reads it waits for the file. */
static void test_existing(void **state)
{
	struct fixture *f = *state;
	char *page = f->file + 7 * PAGE;
	uint64_t before;

	assert_int_equal(*(volatile char *)page, *page);
	source_memory_learn(f->memory);
	assert_true(exists(f, page));
	assert_true(exists(f, f->file + 3 * PAGE));
	assert_true(exists(f, f->anonymous + PAGE));
	assert_false(exists(f, f->anonymous));
	before = absent(f);
	assert_int_equal(madvise(page, PAGE, MADV_DONTNEED), 0);
	assert_false(exists(f, page));
	assert_int_equal(absent(f), before + PAGE);
	assert_true(exists(f, f->file + 3 * PAGE));
}

/* Without PAGEMAP_SCAN, as any other file: a hole is looked at page by page, and a large one is not. */
static void test_without_scan(void **state)
{
	static const uint64_t sizes[] = { SIZE, UINT64_C(8) << 40 };
	struct fixture *f = *state;
	int empty = memfd_create("pagemap", MFD_CLOEXEC);

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct core core = f->core;
		struct segment *segments = calloc(core.count, sizeof(*segments)), *last;
		struct source_memory *memory;
		struct source_pages pages;
		struct plan plan;

		assert_non_null(segments);
		memcpy(segments, core.segments, core.count * sizeof(*segments));
		core.segments = segments;
		last = &segments[core.count - 1];
		core.size += sizes[i] - last->filesz;
		last->filesz = last->memsz = sizes[i];
		last->vaddr = UINT64_C(1) << 44; /* of no file */
		plan = all_of(&core);
		assert_int_equal(source_memory_open(f->mem_fd, empty, &core, &f->notes,
						    NULL, &memory),
				 0);
		assert_int_equal(
			source_memory_kept(memory, &plan, SIZE * 4) == UINT64_MAX, i > 0);
		assert_int_equal(source_memory_existing(memory, &plan, &pages), i == 0);
		spans_done(&pages.spans);
		source_memory_close(memory);
		free(segments);
	}
	close(empty);
}

/*
 * Without NT_FILE names tell what is a file. Shared memory that the program has named is as one: a page that this
 * process has not is there for others.
 */
static void test_named(void **state)
{
	struct fixture *f = *state;
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
	assert_int_equal(source_memory_read(memory, got, PAGE, offset_of(&f->core, page)),
			 PAGE);
	assert_memory_equal(
		got, f->expected + (offset_of(&f->core, page) - f->core.data_start),
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
	struct fixture *f;

	assert_int_equal(set_up((void **)&f), 0);
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
	assert_int_equal(tear_down((void **)&f), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_pieces, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_holes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_data, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_leave, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_leave_released, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_gone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_taken, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_existing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_without_scan, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_named, set_up, tear_down),
	};

	return RUN_TABLE(refused, test_refused) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
