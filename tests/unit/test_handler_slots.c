/* SPDX-License-Identifier: MIT */
/*
 * Slots: how many, in which order, and what a handler gets that finds none.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/table.h"
#include "tests/unit/temporary.h"

#include "handler/runtime.h"
#include "handler/slots.h"

#define MOMENT 1000 /* µs: where none will be free */

/* Of the kernel that answers; 0: this machine's. */
static unsigned int processors;

int __real_sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set);
int __wrap_sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set);
int __wrap_sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set)
{
	if (processors == 0)
		return __real_sched_getaffinity(pid, size, set);
	if (size * 8 < processors) {
		errno = EINVAL;
		return -1;
	}
	CPU_ZERO_S(size, set);
	for (unsigned int i = 0; i < processors; i++)
		CPU_SET_S(i, size, set);
	return 0;
}

struct rig {
	int runtime_fd;
	struct slots slots;
	int held[64];
	size_t count;
};

static void rig_open(void **state, unsigned int configured, struct rig *ret)
{
	_cleanup_free_ char *path = temporary_path(*state, "run");

	ret->count = 0;
	ret->runtime_fd = runtime_open(path, true);
	assert_true(ret->runtime_fd >= 0);
	slots_init(configured, ret->runtime_fd, &ret->slots);
}

static void rig_close(struct rig *rig)
{
	while (rig->count > 0)
		close(rig->held[--rig->count]);
	close(rig->runtime_fd);
}

/* As handlers each, which keep theirs. */
static void take(struct rig *rig, enum slot_class wants, enum slot_class want, int times)
{
	for (int i = 0; i < times; i++) {
		enum slot_class got = SLOT_CLASSES;
		int fd = slots_take(&rig->slots, wants, MOMENT, &got);

		assert_true(fd >= 0);
		assert_int_equal(got, want);
		rig->held[rig->count++] = fd;
	}
}

static void take_none(struct rig *rig, enum slot_class wants)
{
	enum slot_class got = SLOT_CLASSES;

	assert_int_equal(slots_take(&rig->slots, wants, MOMENT, &got), -EBUSY);
	assert_int_equal(got, SLOT_CLASSES);
}

static void test_large_first(void **state)
{
	struct rig rig;

	rig_open(state, 2, &rig);
	assert_int_equal(slots_taken(&rig.slots, SLOT_LARGE), 0);
	take(&rig, SLOT_LARGE, SLOT_LARGE, 2);
	assert_int_equal(slots_taken(&rig.slots, SLOT_LARGE), 2);
	take(&rig, SLOT_LARGE, SLOT_SMALL, 8);
	assert_int_equal(slots_taken(&rig.slots, SLOT_SMALL), 8);
	take_none(&rig, SLOT_LARGE);
	take_none(&rig, SLOT_SMALL);
	rig_close(&rig);
}

static void test_small_first(void **state)
{
	struct rig rig;

	rig_open(state, 1, &rig);
	take(&rig, SLOT_SMALL, SLOT_SMALL, 4);
	take(&rig, SLOT_SMALL, SLOT_LARGE, 1);
	take_none(&rig, SLOT_SMALL);
	close(rig.held[--rig.count]);
	take(&rig, SLOT_LARGE, SLOT_LARGE, 1);
	close(rig.held[0]);
	rig.held[0] = rig.held[--rig.count];
	take(&rig, SLOT_SMALL, SLOT_SMALL, 1);
	rig_close(&rig);
}

static pid_t other_process(struct rig *rig, enum slot_class class, int ready)
{
	pid_t pid = fork();

	if (pid == 0) {
		enum slot_class got;

		if (slots_take(&rig->slots, class, MOMENT, &got) < 0 || got != class)
			_exit(1);
		if (write(ready, "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_true(pid > 0);
	return pid;
}

/* A handler that is killed leaves its slot to who waits for it. */
static void test_killed(void **state)
{
	enum slot_class got;
	struct rig rig;
	int fds[2], fd;
	pid_t pid, killer;
	char byte;

	rig_open(state, 1, &rig);
	assert_int_equal(pipe(fds), 0);
	take(&rig, SLOT_SMALL, SLOT_SMALL, 4);
	pid = other_process(&rig, SLOT_LARGE, fds[1]);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	take_none(&rig, SLOT_SMALL);
	killer = fork();
	if (killer == 0) {
		(void)usleep(20000);
		(void)kill(pid, SIGKILL);
		_exit(0);
	}
	fd = slots_take(&rig.slots, SLOT_LARGE, 30000000, &got);
	/* the wait for a large one ends before the one for any */
	assert_true(fd >= 0);
	assert_int_equal(got, SLOT_LARGE);
	close(fd);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(waitpid(killer, NULL, 0), killer);
	rig_close(&rig);
	close(fds[0]);
	close(fds[1]);
}

static void test_counts(void **state)
{
	struct slots slots;

	(void)state;
	slots_init(7, -1, &slots);
	assert_int_equal(slots.count[SLOT_LARGE], 7);
	assert_int_equal(slots.count[SLOT_SMALL], 28);
}

static void test_auto(void **state)
{
	static const unsigned int rows[][2] = {
		/* processors, large slots */
		{ 1, 2 },   { 2, 2 },	{ 3, 3 },     { 8, 8 },	    { 9, 9 },
		{ 16, 16 }, { 17, 16 }, { 1024, 16 }, { 1025, 16 }, { 8192, 16 },
	};
	struct slots slots;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		processors = rows[i][0];
		slots_init(0, -1, &slots);
		assert_int_equal(slots.count[SLOT_LARGE], rows[i][1]);
		assert_int_equal(slots.count[SLOT_SMALL], 4 * rows[i][1]);
	}
	processors = 0;
	slots_init(0, -1, &slots);
	assert_in_range(slots.count[SLOT_LARGE], 2, 16);
}

/* No limit is better than no dump: the caller goes on without a slot. */
static void test_unusable(void **state)
{
	enum slot_class got = SLOT_CLASSES;
	struct rig rig;

	rig_open(state, 1, &rig);
	assert_int_equal(mkdirat(rig.runtime_fd, "large.0", 0700), 0);
	assert_int_equal(slots_take(&rig.slots, SLOT_LARGE, MOMENT, &got), -EISDIR);
	assert_int_equal(unlinkat(rig.runtime_fd, "large.0", AT_REMOVEDIR), 0);
	assert_int_equal(symlinkat("/etc/hostname", rig.runtime_fd, "large.0"), 0);
	assert_int_equal(slots_take(&rig.slots, SLOT_LARGE, MOMENT, &got), -ELOOP);
	assert_int_equal(slots_taken(&rig.slots, SLOT_LARGE), 0);
	assert_int_equal(unlinkat(rig.runtime_fd, "large.0", 0), 0);
	rig_close(&rig);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, temporary_setup, temporary_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_large_first), TEST(test_small_first), TEST(test_killed),
		TEST(test_counts),	TEST(test_auto),	TEST(test_unusable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
