/* SPDX-License-Identifier: MIT */
/*
 * The memory of a process that is gone stays as long as an anchor holds it, and no longer.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/core_builder.h"
#include "tests/unit/table.h"

#include "base/clock.h"
#include "handler/anchor.h"
#include "handler/pagemap_runs.h"
#include "handler/process_memory.h"

#define PAGES 8u
#define SIZE  (PAGES * PAGE)

/* Only the odd pages exist. */
struct process_of_test {
	pid_t pid;
	uint8_t *memory; /* its address is the child's, too */
	int mem_fd, pagemap_fd;
};

static int open_file(pid_t pid, const char *name)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void start(struct process_of_test *p)
{
	int ready[2];
	char byte;

	p->memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);
	assert_true(p->memory != MAP_FAILED);
	(void)madvise(p->memory, SIZE, MADV_NOHUGEPAGE); /* the kernel may not have it */
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	p->pid = fork();
	if (p->pid == 0) {
		for (size_t i = 0; i < SIZE; i++) {
			if (i / PAGE % 2)
				p->memory[i] = builder_byte(i);
		}
		(void)!write(ready[1], "", 1);
		for (;;)
			(void)pause();
	}
	assert_true(p->pid > 0);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	p->mem_fd = open_file(p->pid, "mem");
	p->pagemap_fd = open_file(p->pid, "pagemap");
	assert_true(p->mem_fd >= 0 && p->pagemap_fd >= 0);
}

/* Reaped, as when the kernel let it go. */
static void end(struct process_of_test *p)
{
	assert_int_equal(kill(p->pid, SIGKILL), 0);
	assert_int_equal(waitpid(p->pid, NULL, 0), p->pid);
}

static void done(struct process_of_test *p)
{
	close(p->mem_fd);
	close(p->pagemap_fd);
	munmap(p->memory, SIZE);
}

/* What is there reads right, and it is known what is there. */
static void check_memory(const struct process_of_test *p)
{
	uint64_t at = (uintptr_t)p->memory, start, end;
	uint8_t bytes[PAGE];

	for (size_t i = 1; i < PAGES; i += 2) {
		assert_int_equal(pagemap_walk(p->pagemap_fd, PAGE, at + (i - 1) * PAGE,
					      at + SIZE, 0, &start, &end),
				 1);
		assert_int_equal(start, at + i * PAGE);
		assert_int_equal(end, at + (i + 1) * PAGE);
		assert_int_equal(pread(p->mem_fd, bytes, PAGE, (off_t)start), PAGE);
		for (size_t j = 0; j < PAGE; j++)
			assert_int_equal(bytes[j], builder_byte(i * PAGE + j));
	}
}

static void *work(void *anchor)
{
	anchor_work(anchor);
	return NULL;
}

/* A kernel without it, or a container that refuses it. */
static void open_anchor(struct anchor *ret)
{
	int r = anchor_open(20, ret);

	if (r < 0) {
		print_message("userfaultfd: %s\n", strerror(-r));
		skip();
	}
	assert_true(ret->fd >= 20);
	assert_int_equal(fcntl(ret->fd, F_GETFD), FD_CLOEXEC);
}

static void test_hold(void **state)
{
	struct process_of_test p;
	struct anchor anchor;
	pthread_t thread;

	(void)state;
	open_anchor(&anchor);
	start(&p);
	anchor.mem_fd = p.mem_fd;
	anchor.address = (uintptr_t)p.memory + PAGE;
	assert_int_equal(pthread_create(&thread, NULL, work, &anchor), 0);
	assert_true(anchor_holds(&anchor));
	end(&p);
	assert_false(process_memory_gone(p.pagemap_fd));
	check_memory(&p);
	assert_int_equal(pthread_tryjoin_np(thread, NULL), EBUSY);
	anchor_drop(&anchor);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(process_memory_gone(p.pagemap_fd));
	close(anchor.fd);
	done(&p);
}

/* The process that holds ends, as a worker that is killed: so does the memory. */
static void test_killed(void **state)
{
	struct process_of_test p;
	struct anchor anchor;
	pid_t holder;

	(void)state;
	open_anchor(&anchor);
	close(anchor.fd); /* a userfaultfd is of the process that opened it */
	start(&p);
	holder = fork();
	if (holder == 0) {
		if (anchor_open(20, &anchor) == 0) {
			anchor.mem_fd = p.mem_fd;
			anchor.address = (uintptr_t)p.memory + PAGE;
			anchor_work(&anchor);
		}
		_exit(1);
	}
	assert_true(holder > 0);
	(void)usleep(200000); /* by then it holds */
	end(&p);
	assert_false(process_memory_gone(p.pagemap_fd));
	check_memory(&p);
	assert_int_equal(kill(holder, SIGKILL), 0);
	assert_int_equal(waitpid(holder, NULL, 0), holder);
	assert_true(process_memory_gone(p.pagemap_fd));
	done(&p);
}

/* Nothing to read: a moment, and it is known. */
static void test_unreadable(void **state)
{
	struct anchor anchor;
	int64_t before;
	pthread_t thread;

	(void)state;
	open_anchor(&anchor); /* of no memory */
	assert_int_equal(pthread_create(&thread, NULL, work, &anchor), 0);
	before = clock_usec(CLOCK_MONOTONIC);
	assert_false(anchor_holds(&anchor));
	assert_true(clock_usec(CLOCK_MONOTONIC) - before < 5000000);
	anchor_drop(&anchor);
	assert_int_equal(pthread_join(thread, NULL), 0);
	close(anchor.fd);
}

/* Dropped before the read began: it is not held back. */
static void test_dropped(void **state)
{
	struct process_of_test p;
	struct anchor anchor;

	(void)state;
	open_anchor(&anchor);
	start(&p);
	anchor.mem_fd = p.mem_fd;
	anchor.address = (uintptr_t)p.memory + PAGE;
	anchor_drop(&anchor);
	anchor_work(&anchor);
	assert_int_equal(*(uint8_t *)anchor.page, builder_byte(PAGE));
	end(&p);
	assert_true(process_memory_gone(p.pagemap_fd));
	close(anchor.fd);
	done(&p);
}

/* No descriptor is to be had: nothing is left behind. */
static void test_none(void **state)
{
	struct rlimit limit, none;
	struct anchor anchor;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = (struct rlimit){ 3, limit.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_true(anchor_open(20, &anchor) < 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(anchor.fd, -1);
	assert_null(anchor.page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hold),	   cmocka_unit_test(test_killed),
		cmocka_unit_test(test_unreadable), cmocka_unit_test(test_dropped),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
