/* SPDX-License-Identifier: MIT */
/*
 * Slots: how many, in which order, and what a handler gets that finds none.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/table.h"
#include "tests/unit/temporary.h"

#include "base/clock.h"
#include "handler/runtime.h"
#include "handler/slot_disk.h"
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
	int64_t user; /* a new one for each taker, so that shares are not what limits; else this one */
	bool one_user;
};

/* Of the user who is next, or of the only one. */
static struct slot_share next_share(struct rig *rig)
{
	return (struct slot_share){ .key = rig->one_user ? rig->user : rig->user++,
				    .system = !rig->one_user };
}

static void rig_open(void **state, unsigned int configured, struct rig *ret)
{
	_cleanup_free_ char *path = temporary_path(*state, "run");

	*ret = (struct rig){ .user = 1000 };
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
		const struct slot_share share = next_share(rig);
		struct slot_answer got;
		int fd = slots_take(&rig->slots, &share, wants, MOMENT, &got);

		assert_true(fd >= 0);
		assert_int_equal(got.class, want);
		rig->held[rig->count++] = fd;
	}
}

static void take_none(struct rig *rig, enum slot_class wants, int why)
{
	const struct slot_share share = next_share(rig);
	struct slot_answer got;

	assert_int_equal(slots_take(&rig->slots, &share, wants, MOMENT, &got), -EBUSY);
	assert_int_equal(got.why, why);
}

static void give_back(struct rig *rig, size_t i)
{
	close(rig->held[i]);
	rig->held[i] = rig->held[--rig->count];
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
	take_none(&rig, SLOT_LARGE, -EBUSY);
	take_none(&rig, SLOT_SMALL, -EBUSY);
	rig_close(&rig);
}

static void test_small_first(void **state)
{
	struct rig rig;

	rig_open(state, 1, &rig);
	take(&rig, SLOT_SMALL, SLOT_SMALL, 4);
	take(&rig, SLOT_SMALL, SLOT_LARGE, 1);
	take_none(&rig, SLOT_SMALL, -EBUSY);
	close(rig.held[--rig.count]);
	take(&rig, SLOT_LARGE, SLOT_LARGE, 1);
	give_back(&rig, 0);
	take(&rig, SLOT_SMALL, SLOT_SMALL, 1);
	rig_close(&rig);
}

static pid_t other_process(struct rig *rig, enum slot_class class, int ready)
{
	pid_t pid = fork();

	if (pid == 0) {
		const struct slot_share share = next_share(rig);
		struct slot_answer got;

		if (slots_take(&rig->slots, &share, class, MOMENT, &got) < 0 ||
		    got.class != class)
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
	struct slot_answer got;
	struct slot_share share;
	struct rig rig;
	int fds[2], fd;
	pid_t pid, killer;
	char byte;

	rig_open(state, 1, &rig);
	assert_int_equal(pipe(fds), 0);
	take(&rig, SLOT_SMALL, SLOT_SMALL, 4);
	pid = other_process(&rig, SLOT_LARGE, fds[1]);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	take_none(&rig, SLOT_SMALL, -EBUSY);
	killer = fork();
	if (killer == 0) {
		(void)usleep(20000);
		(void)kill(pid, SIGKILL);
		_exit(0);
	}
	share = next_share(&rig);
	fd = slots_take(&rig.slots, &share, SLOT_LARGE, 30000000, &got);
	/* the wait for a large one ends before the one for any */
	assert_true(fd >= 0);
	assert_int_equal(got.class, SLOT_LARGE);
	close(fd);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(waitpid(killer, NULL, 0), killer);
	rig_close(&rig);
	close(fds[0]);
	close(fds[1]);
}

static void end_after(pid_t pid, useconds_t usec)
{
	pid_t killer = fork();

	assert_true(killer >= 0);
	if (killer == 0) {
		(void)usleep(usec);
		(void)kill(pid, SIGKILL);
		_exit(0);
	}
}

static void wait_until_taken(struct rig *rig, enum slot_class class)
{
	for (int i = 0; i < 10000 && slots_taken(&rig->slots, class) == 0; i++)
		(void)usleep(1000);
	assert_int_equal(slots_taken(&rig->slots, class), 1);
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
	struct slot_answer got;
	struct slot_share share;
	struct rig rig;

	rig_open(state, 1, &rig);
	share = next_share(&rig);
	assert_int_equal(mkdirat(rig.runtime_fd, "large.0", 0700), 0);
	assert_int_equal(slots_take(&rig.slots, &share, SLOT_LARGE, MOMENT, &got),
			 -EISDIR);
	assert_int_equal(unlinkat(rig.runtime_fd, "large.0", AT_REMOVEDIR), 0);
	assert_int_equal(symlinkat("/etc/hostname", rig.runtime_fd, "large.0"), 0);
	assert_int_equal(slots_take(&rig.slots, &share, SLOT_LARGE, MOMENT, &got),
			 -ELOOP);
	assert_int_equal(slots_taken(&rig.slots, SLOT_LARGE), 0);
	assert_int_equal(unlinkat(rig.runtime_fd, "large.0", 0), 0);
	rig_close(&rig);
}

/* Half of each class, one at least; and where there are many, one that only the system's units get. */
struct share_row {
	const char *name;
	unsigned int slots;
	bool system;
	int large, small; /* that one share gets */
	int large_others,
		small_others; /* that all the others get then, of shares that are no system's */
};

static const struct share_row share_rows[] = {
	{ "one", 1, false, 1, 2, 0, 1 },	  { "one, system", 1, true, 1, 2, 0, 1 },
	{ "two", 2, false, 1, 4, 1, 3 },	  { "three", 3, false, 1, 6, 1, 5 },
	{ "three, system", 3, true, 1, 6, 1, 5 }, { "four", 4, false, 2, 8, 1, 7 },
};

/* How many of a class are to be had, one after the other, until it is refused. */
static int take_all(struct rig *rig, enum slot_class class, bool system)
{
	int count = 0, fd = 0;

	while (fd >= 0) {
		struct slot_share share = next_share(rig);

		share.system = system;
		fd = slots_take_of(&rig->slots, &share, class, 0);
		if (fd >= 0)
			rig->held[rig->count++] = fd;
		count += fd >= 0;
	}
	/* a single slot is shared out to nobody */
	assert_int_equal(fd,
			 rig->one_user && rig->slots.count[class] > 1 ? -EDQUOT : -EBUSY);
	return count;
}

static void test_share(void **row_state)
{
	const struct share_row *row = *row_state;
	void *directory = NULL, **state = &directory;
	int large_first;
	struct rig rig;

	assert_int_equal(temporary_setup(state), 0);
	rig_open(state, row->slots, &rig);
	rig.one_user = true;
	/* a system's unit that comes first may have the first slot */
	large_first = take_all(&rig, SLOT_LARGE, row->system);
	assert_int_equal(large_first, row->large);
	assert_int_equal(take_all(&rig, SLOT_SMALL, row->system), row->small);
	take_none(&rig, SLOT_LARGE, row->slots > 1 ? -EDQUOT : -EBUSY);
	take_none(&rig, SLOT_SMALL, -EDQUOT);
	rig.one_user = false;
	rig.user = 2000;
	if (!row->system) {
		assert_int_equal(take_all(&rig, SLOT_LARGE, false), row->large_others);
		assert_int_equal(take_all(&rig, SLOT_SMALL, false), row->small_others);
	}
	/* what nobody else may have is there for a unit of system.slice */
	if (!row->system && row->slots >= 3)
		take(&rig, SLOT_LARGE, SLOT_LARGE, 1);
	if (!row->system)
		take(&rig, SLOT_SMALL, SLOT_SMALL, 1);
	rig_close(&rig);
	assert_int_equal(temporary_teardown(state), 0);
}

/* Who has its half waits for its own, not for others', and gets one when that is given back. */
static void test_wait_for_own(void **state)
{
	struct slot_answer got;
	struct slot_share share;
	int64_t before;
	struct rig rig;
	int ready[2], fd;
	pid_t pid;

	rig_open(state, 2, &rig);
	rig.one_user = true;
	assert_int_equal(pipe(ready), 0);
	share = next_share(&rig);
	pid = other_process(&rig, SLOT_LARGE, ready[1]);
	wait_until_taken(&rig, SLOT_LARGE);
	before = clock_usec(CLOCK_MONOTONIC);
	end_after(pid, 100000);
	fd = slots_take(&rig.slots, &share, SLOT_LARGE, 30000000, &got);
	assert_true(fd >= 0);
	assert_int_equal(got.class, SLOT_LARGE);
	assert_in_range(clock_usec(CLOCK_MONOTONIC) - before, 90000, 900000);
	close(fd);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	while (waitpid(-1, NULL, 0) > 0)
		;
	close(ready[0]);
	close(ready[1]);
	rig_close(&rig);
}

/* What a handler that ended says of its slot is nobody's, and what an old one left says nothing. */
static void test_stale(void **state)
{
	struct rig rig;

	rig_open(state, 2, &rig);
	rig.one_user = true;
	for (int i = 0; i < 20; i++) {
		take(&rig, SLOT_SMALL, SLOT_SMALL, 4);
		take(&rig, SLOT_SMALL, SLOT_LARGE, 1);
		while (rig.count > 0)
			close(rig.held[--rig.count]);
	}
	rig_close(&rig);
}

#define AT_ONCE 256

/* One of a crowd: how many of its share had slots at the same time as it has. */
static _noreturn_ void one_of_many(struct rig *rig, int go, int *counts)
{
	const struct slot_share share = { .key = 1000 };
	struct slot_answer got;
	char byte;
	int fd;

	(void)!read(go, &byte, 1); /* its end */
	fd = slots_take(&rig->slots, &share, SLOT_SMALL, 50000, &got);
	if (fd >= 0) {
		int n = __atomic_add_fetch(&counts[0], 1, __ATOMIC_SEQ_CST);

		if (n > __atomic_load_n(&counts[1], __ATOMIC_SEQ_CST))
			__atomic_store_n(&counts[1], n, __ATOMIC_SEQ_CST);
		(void)usleep(300);
		__atomic_sub_fetch(&counts[0], 1, __ATOMIC_SEQ_CST);
		__atomic_add_fetch(&counts[2], 1, __ATOMIC_SEQ_CST);
	}
	_exit(0);
}

static void test_at_once(void **state)
{
	int *counts = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			   -1, 0);
	const struct slot_share other = { .key = 2000 };
	struct slot_answer got;
	struct rig rig;
	int go[2], fd;

	assert_ptr_not_equal(counts, MAP_FAILED);
	rig_open(state, 2, &rig);
	assert_int_equal(pipe(go), 0);
	for (int i = 0; i < AT_ONCE; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			close(go[1]);
			one_of_many(&rig, go[0], counts);
		}
	}
	close(go[1]);
	for (int i = 0; i < 100; i++) {
		/* another's is there at once */
		fd = slots_take(&rig.slots, &other, SLOT_SMALL, 0, &got);
		assert_true(fd >= 0);
		close(fd);
	}
	while (waitpid(-1, NULL, 0) > 0)
		;
	assert_in_range(counts[1], 1,
			4 + 1); /* half of the small ones, of the large ones */
	assert_in_range(counts[2], 5, AT_ONCE);
	close(go[0]);
	munmap(counts, 4096);
	rig_close(&rig);
}

/* Who waits for the disk keeps no slot, and counts for its share. */
static void test_disk(void **state)
{
	int disk[4];
	struct rig rig;

	rig_open(state, 2, &rig);
	rig.one_user = true;
	for (size_t i = 0; i < ARRAY_SIZE(disk); i++) {
		disk[i] = slot_disk_enter(rig.runtime_fd, SLOT_SMALL, rig.user);
		assert_true(disk[i] >= 0);
		assert_int_equal(slot_disk_count(rig.runtime_fd, SLOT_SMALL, rig.user),
				 i + 1);
	}
	assert_int_equal(slot_disk_count(rig.runtime_fd, SLOT_LARGE, rig.user), 0);
	assert_int_equal(slot_disk_count(rig.runtime_fd, SLOT_SMALL, rig.user + 1), 0);
	assert_int_equal(slots_taken(&rig.slots, SLOT_SMALL), 0);
	/* its share of the large ones is another */
	take(&rig, SLOT_SMALL, SLOT_LARGE, 1);
	take_none(&rig, SLOT_SMALL, -EDQUOT);
	rig.user++;
	take(&rig, SLOT_SMALL, SLOT_SMALL, 4);
	rig.user--;
	close(disk[2]);
	take(&rig, SLOT_SMALL, SLOT_SMALL, 1);
	for (size_t i = 0; i < ARRAY_SIZE(disk); i++)
		if (i != 2)
			close(disk[i]);
	rig_close(&rig);
}

static void test_disk_full(void **state)
{
	int disk[SLOT_DISK_PLACES];
	struct rig rig;

	rig_open(state, 2, &rig);
	for (size_t i = 0; i < ARRAY_SIZE(disk); i++)
		disk[i] = slot_disk_enter(rig.runtime_fd, SLOT_LARGE, (int64_t)i);
	assert_int_equal(slot_disk_enter(rig.runtime_fd, SLOT_LARGE, 7), -EAGAIN);
	close(disk[3]);
	disk[3] = slot_disk_enter(rig.runtime_fd, SLOT_LARGE, 7);
	assert_int_equal(slot_disk_count(rig.runtime_fd, SLOT_LARGE, 7), 2);
	for (size_t i = 0; i < ARRAY_SIZE(disk); i++)
		close(disk[i]);
	assert_int_equal(slot_disk_count(rig.runtime_fd, SLOT_LARGE, 7), 0);
	rig_close(&rig);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, temporary_setup, temporary_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_large_first),	 TEST(test_small_first), TEST(test_killed),
		TEST(test_counts),	 TEST(test_auto),	 TEST(test_unusable),
		TEST(test_wait_for_own), TEST(test_stale),	 TEST(test_at_once),
		TEST(test_disk),	 TEST(test_disk_full),
	};

	return RUN_TABLE(share_rows, test_share) |
	       cmocka_run_group_tests(tests, NULL, NULL);
}
