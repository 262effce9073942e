/* SPDX-License-Identifier: MIT */
/*
 * The window on a child that stands still: what it touched can be read, what it did not
 * touch stays untouched, and of a private mapping exactly the changed pages are told.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/core_builder.h"
#include "tests/unit/stored.h"
#include "tests/unit/proc.h"
#include "tests/unit/table.h"

#include "base/io.h"
#include "handler/window_live.h"

/* include/uapi/asm-generic/mman-common.h of Linux 6.13 */
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

#define PAGES	  16u
#define HUGE_SIZE (8u << 20)

/* What the child tells of itself; pages of PAGES each, every one with a hole behind it. */
struct layout {
	uint64_t anonymous; /* touched: 0 to 3 and 8 */
	uint64_t hidden; /* all written, then PROT_NONE */
	uint64_t file; /* private; page 5 written, 5 to 15 never read */
	uint64_t relocated; /* private; pages 1 and 2 written, then read-only */
	uint64_t untouched; /* private, of the file, not looked at */
	uint64_t shared; /* anonymous; touched: 0 */
	uint64_t zeros; /* read, not written: 0 */
	uint64_t guarded; /* written, then page 1 is a guard */
	uint64_t huge; /* HUGE_SIZE, all written */
	bool has_guard;
};

struct fixture {
	struct layout *layout;
	pid_t child;
	int mem, pagemap, file;
	struct window_live window;
};

/* A mapping with a hole before and behind it. */
static uint8_t *map(size_t size, int flags, int fd)
{
	uint8_t *p = mmap(NULL, size + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	if (p == MAP_FAILED || munmap(p, PAGE) < 0 || munmap(p + PAGE + size, PAGE) < 0)
		_exit(2);
	p = mmap(p + PAGE, size, PROT_READ | PROT_WRITE, flags | MAP_FIXED, fd, 0);
	if (p == MAP_FAILED)
		_exit(3);
	(void)madvise(p, size, MADV_NOHUGEPAGE); /* a kernel without has none */
	return p;
}

static void touch(uint8_t *p, size_t first, size_t last)
{
	for (size_t i = first * PAGE; i < (last + 1) * PAGE; i++)
		p[i] = builder_byte((uint64_t)(uintptr_t)p + i);
}

static uint64_t make_anonymous(void)
{
	uint8_t *p = map(PAGES * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	touch(p, 0, 3);
	touch(p, 8, 8);
	return (uint64_t)(uintptr_t)p;
}

static uint64_t make_hidden(void)
{
	uint8_t *p = map(PAGES * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	touch(p, 0, PAGES - 1);
	if (mprotect(p, PAGES * PAGE, PROT_NONE) < 0)
		_exit(4);
	return (uint64_t)(uintptr_t)p;
}

static uint64_t make_file(int fd)
{
	uint8_t *p = map(PAGES * PAGE, MAP_PRIVATE, fd);

	for (size_t i = 0; i < 5; i++)
		(void)*(volatile uint8_t *)(p + i * PAGE);
	touch(p, 5, 5);
	return (uint64_t)(uintptr_t)p;
}

static uint64_t make_relocated(int fd)
{
	uint8_t *p = map(PAGES * PAGE, MAP_PRIVATE, fd);

	touch(p, 1, 2);
	if (mprotect(p, PAGES * PAGE, PROT_READ) < 0)
		_exit(5);
	return (uint64_t)(uintptr_t)p;
}

static uint64_t make_guarded(bool *ret_has_guard)
{
	uint8_t *p = map(PAGES * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	touch(p, 0, PAGES - 1);
	*ret_has_guard = madvise(p + PAGE, PAGE, MADV_GUARD_INSTALL) == 0;
	return (uint64_t)(uintptr_t)p;
}

static uint64_t make_huge(void)
{
	uint8_t *p = map(HUGE_SIZE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	(void)madvise(p, HUGE_SIZE, MADV_HUGEPAGE); /* else: as others */
	touch(p, 0, HUGE_SIZE / PAGE - 1);
	return (uint64_t)(uintptr_t)p;
}

_noreturn_ static void child(struct layout *layout, int fd)
{
	uint8_t *shared = map(PAGES * PAGE, MAP_SHARED | MAP_ANONYMOUS, -1);
	uint8_t *zeros = map(PAGES * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		_exit(1);
	layout->anonymous = make_anonymous();
	layout->hidden = make_hidden();
	layout->file = make_file(fd);
	layout->relocated = make_relocated(fd);
	layout->untouched = (uint64_t)(uintptr_t)map(PAGES * PAGE, MAP_PRIVATE, fd);
	layout->guarded = make_guarded(&layout->has_guard);
	layout->huge = make_huge();
	touch(shared, 0, 0);
	layout->shared = (uint64_t)(uintptr_t)shared;
	(void)*(volatile uint8_t *)zeros;
	layout->zeros = (uint64_t)(uintptr_t)zeros;
	(void)raise(SIGSTOP);
	_exit(0);
}

/* The file's bytes are 'f'. */
static int make_contents(void)
{
	uint8_t bytes[PAGES * PAGE];
	int fd = stored_file();

	memset(bytes, 'f', sizeof(bytes));
	assert_int_equal(io_write_full(fd, bytes, sizeof(bytes)), 0);
	return fd;
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int status;

	assert_non_null(f);
	f->layout = mmap(NULL, sizeof(*f->layout), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(f->layout != MAP_FAILED);
	f->file = make_contents();
	f->child = fork();
	assert_true(f->child >= 0);
	if (f->child == 0)
		child(f->layout, f->file);
	assert_int_equal(waitpid(f->child, &status, WUNTRACED), f->child);
	assert_true(WIFSTOPPED(status));
	f->mem = proc_open(f->child, "mem");
	f->pagemap = proc_open(f->child, "pagemap");
	assert_int_equal(window_live_open(f->mem, f->pagemap, true, &f->window), 0);
	*state = f;
	return 0;
}

static void end_child(struct fixture *f)
{
	if (f->child <= 0)
		return;
	assert_int_equal(kill(f->child, SIGKILL), 0);
	assert_int_equal(waitpid(f->child, NULL, 0), f->child);
	f->child = 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	end_child(f);
	window_live_close(&f->window);
	window_live_close(&f->window); /* twice is no harm */
	close(f->mem);
	close(f->pagemap);
	close(f->file);
	munmap(f->layout, sizeof(*f->layout));
	free(f);
	return 0;
}

static size_t read_some(struct fixture *f, uint64_t address, uint8_t *to, size_t n)
{
	return memory_read_some(&f->window.memory, address, to, n);
}

/* The bytes of [address, address + n) as touch() wrote them at `base`. */
static void assert_touched(const uint8_t *p, uint64_t address, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(p[i], builder_byte(address + i));
}

static void test_touched(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[PAGES * PAGE];
	const struct {
		uint64_t address;
		size_t n, there;
	} rows[] = {
		{ f->layout->anonymous, 1, 1 },
		{ f->layout->anonymous, 4 * PAGE, 4 * PAGE },
		{ f->layout->anonymous, PAGES * PAGE, 4 * PAGE }, /* cut at the hole */
		{ f->layout->anonymous + 4 * PAGE - 8, 9, 8 },
		{ f->layout->anonymous + 4 * PAGE, 1, 0 },
		{ f->layout->anonymous + 8 * PAGE - 1, 2, 0 },
		{ f->layout->anonymous + 8 * PAGE, 2 * PAGE, PAGE },
		{ f->layout->anonymous - 1, 2, 0 }, /* nothing is mapped before it */
		{ f->layout->hidden, PAGES * PAGE, PAGES * PAGE }, /* PROT_NONE */
		{ f->layout->hidden + PAGES * PAGE - 3, 9,
		  3 }, /* and behind it nothing */
		{ f->layout->file + 5 * PAGE, PAGE, PAGE },
		{ f->layout->relocated + PAGE + 77, PAGE, PAGE },
		{ f->layout->shared, PAGE + 1, PAGE },
		{ f->layout->huge + HUGE_SIZE / 2 - 100, 5 * PAGE, 5 * PAGE },
		{ f->layout->huge + HUGE_SIZE - 100, PAGE, 100 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(read_some(f, rows[i].address, bytes, rows[i].n),
				 rows[i].there);
		assert_touched(bytes, rows[i].address, rows[i].there);
	}
	assert_int_equal(read_some(f, f->layout->zeros, bytes, PAGE), PAGE);
	for (size_t i = 0; i < PAGE; i++)
		assert_int_equal(bytes[i], 0);
	assert_int_equal(read_some(f, f->layout->file + 2 * PAGE, bytes, 10), 10);
	assert_memory_equal(bytes, "ffffffffff", 10);
	assert_int_equal(read_some(f, f->layout->untouched, bytes, 1), 0);
}

static void test_guard(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[2 * PAGE];

	if (!f->layout->has_guard)
		skip();
	assert_int_equal(read_some(f, f->layout->guarded, bytes, 2 * PAGE), PAGE);
	assert_int_equal(read_some(f, f->layout->guarded + PAGE, bytes, 1), 0);
	assert_int_equal(read_some(f, f->layout->guarded + 2 * PAGE, bytes, 1), 1);
}

static void test_impossible(void **state)
{
	struct fixture *f = *state;
	const uint64_t addresses[] = {
		0,
		1,
		UINT64_C(1) << 47,
		(UINT64_C(1) << 47) - 1,
		UINT64_C(0x8000000000000000),
		UINT64_C(0x7ffffffffffffff0),
		UINT64_C(0xffffffffff600000), /* vsyscall */
		UINT64_C(0xffff888000000000), /* the kernel's */
		UINT64_MAX - 4,
		UINT64_MAX,
	};
	uint8_t bytes[3 * PAGE];
	uint64_t from, to;

	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		assert_int_equal(read_some(f, addresses[i], bytes, 1), 0);
		assert_int_equal(read_some(f, addresses[i], bytes, sizeof(bytes)), 0);
		/* answers are inside what was asked for, whatever they are */
		if (memory_number(&f->window.memory, addresses[i], 8, &from))
			fail();
		if (f->window.memory.next_changed(&f->window, addresses[i], UINT64_MAX,
						  &from, &to))
			assert_true(from >= addresses[i] && from < to);
	}
	assert_false(f->window.memory.next_changed(&f->window, 5, 5, &from, &to));
	assert_false(f->window.memory.next_changed(&f->window, 6, 5, &from, &to));
}

/* 'x' for each page that pagemap has, by a plain read of it. */
static void existing(struct fixture *f, uint64_t start, size_t pages, char *ret)
{
	for (size_t i = 0; i < pages; i++) {
		uint64_t entry = 0;

		assert_int_equal(
			io_pread_full(f->pagemap, &entry, 8, (start / PAGE + i) * 8), 8);
		ret[i] = entry >> 62 ? 'x' : '.';
	}
}

static size_t resident(pid_t pid)
{
	_cleanup_free_ char *text = NULL;
	char path[32];
	size_t n, size = 0, pages = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
	assert_int_equal(io_read_file(AT_FDCWD, path, 256, &text, &n), 0);
	assert_int_equal(sscanf(text, "%zu %zu", &size, &pages), 2);
	return pages;
}

/* Everything is read, several times over; no page comes into being by it. */
static void test_not_faulted(void **state)
{
	struct fixture *f = *state;
	const uint64_t starts[] = { f->layout->anonymous, f->layout->file,
				    f->layout->relocated, f->layout->untouched,
				    f->layout->shared,	  f->layout->zeros };
	size_t before = resident(f->child);
	uint8_t byte;

	for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
		char pages[2][PAGES + 1] = { "", "" };
		uint64_t from, to;

		existing(f, starts[i], PAGES, pages[0]);
		for (uint64_t at = 0; at < PAGES * PAGE; at += 512) {
			bool there = read_some(f, starts[i] + at, &byte, 1) == 1;

			assert_int_equal(there, pages[0][at / PAGE] == 'x');
		}
		(void)f->window.memory.next_changed(&f->window, starts[i],
						    starts[i] + PAGES * PAGE, &from, &to);
		existing(f, starts[i], PAGES, pages[1]);
		assert_string_equal(pages[0], pages[1]);
		if (starts[i] == f->layout->anonymous)
			assert_string_equal(pages[0], "xxxx....x.......");
		if (starts[i] == f->layout->untouched)
			assert_string_equal(pages[0], "................");
	}
	assert_int_equal(resident(f->child), before);
}

struct run {
	uint64_t start;
	size_t first, last; /* pages that were changed */
};

static void check_run(struct fixture *f, const struct run *run)
{
	uint64_t start = run->start, end = start + PAGES * PAGE, from, to;
	const struct memory *memory = &f->window.memory;

	assert_true(memory->next_changed(&f->window, start, end, &from, &to));
	assert_int_equal(from, start + run->first * PAGE);
	assert_int_equal(to, start + (run->last + 1) * PAGE);
	assert_false(memory->next_changed(&f->window, to, end, &from, &to));
	/* from inside the run, and only a part of it */
	assert_true(memory->next_changed(&f->window, start + run->last * PAGE + 8,
					 start + run->last * PAGE + 16, &from, &to));
	assert_int_equal(from, start + run->last * PAGE + 8);
	assert_int_equal(to, start + run->last * PAGE + 16);
}

/* With PAGEMAP_SCAN, where the kernel has it, and without: the same. */
static void test_changed(void **state)
{
	struct fixture *f = *state;
	const struct run runs[] = {
		{ f->layout->file, 5, 5 },
		{ f->layout->relocated, 1, 2 },
	};
	uint64_t from, to;

	for (int scan = 1; scan >= 0; scan--) {
		f->window.pagemap.no_scan = !scan;
		for (size_t i = 0; i < ARRAY_SIZE(runs); i++)
			check_run(f, &runs[i]);
		assert_false(f->window.memory.next_changed(
			&f->window, f->layout->untouched,
			f->layout->untouched + PAGES * PAGE, &from, &to));
		/* shared: never the process' own */
		assert_false(f->window.memory.next_changed(
			&f->window, f->layout->shared, f->layout->shared + PAGES * PAGE,
			&from, &to));
		assert_true(f->window.memory.next_changed(&f->window, f->layout->huge,
							  f->layout->huge + HUGE_SIZE,
							  &from, &to));
		assert_int_equal(from, f->layout->huge);
		assert_int_equal(to, f->layout->huge + HUGE_SIZE);
	}
}

/* It is killed: what was read stays, nothing new comes, and it is known. */
static void test_gone(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[PAGE];
	uint64_t from, to;

	assert_false(window_live_gone(&f->window));
	assert_int_equal(read_some(f, f->layout->anonymous, bytes, PAGE), PAGE);
	end_child(f);
	assert_true(window_live_gone(&f->window));
	assert_int_equal(read_some(f, f->layout->anonymous, bytes, PAGE), PAGE);
	assert_touched(bytes, f->layout->anonymous, PAGE);
	assert_int_equal(read_some(f, f->layout->anonymous + PAGE, bytes, PAGE), 0);
	assert_int_equal(read_some(f, f->layout->hidden, bytes, 1), 0);
	/* far from what was looked at: of that, what was seen is known */
	assert_false(
		f->window.memory.next_changed(&f->window, f->layout->huge + HUGE_SIZE / 2,
					      f->layout->huge + HUGE_SIZE, &from, &to));
}

/* Descriptors that are none: nothing is there. */
static void test_closed(void **state)
{
	struct window_live window;
	uint8_t byte;

	(void)state;
	assert_int_equal(window_live_open(-1, -1, true, &window), 0);
	assert_int_equal(memory_read_some(&window.memory, 0x1000, &byte, 1), 0);
	assert_false(window_live_gone(&window));
	window_live_close(&window);
}

#define LIVE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE(test_touched),
		LIVE(test_guard),
		LIVE(test_impossible),
		LIVE(test_not_faulted),
		LIVE(test_changed),
		LIVE(test_gone),
		cmocka_unit_test(test_closed),
	};

	if (sysconf(_SC_PAGESIZE) != PAGE) /* the child's pages would be others */
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
