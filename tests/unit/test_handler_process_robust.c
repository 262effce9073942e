/* SPDX-License-Identifier: MIT */
/*
 * Robust lists of this process' own threads, and of kernels that refuse.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/unit/table.h"

#include "handler/process_robust.h"

#define THREADS 5

static int refused; /* error of get_robust_list(); 0: none */
static int asked; /* then: how often it was called */
static int since; /* from which call on */

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...)
{
	long args[5];
	va_list list;

	va_start(list, number);
	for (size_t i = 0; i < ARRAY_SIZE(args); i++)
		args[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_get_robust_list && refused && asked++ >= since) {
		errno = refused;
		return -1;
	}
	return __real_syscall(number, args[0], args[1], args[2], args[3], args[4]);
}

struct threads {
	pthread_t threads[THREADS];
	uint64_t heads[THREADS]; /* 0: the kernel was told of none */
	pthread_barrier_t ready, over;
};

struct thread {
	struct threads *threads;
	int number;
};

/* One that has no list; glibc has one for each thread. */
static void *run(void *context)
{
	const struct thread *thread = context;
	struct threads *threads = thread->threads;
	struct robust_list_head *head;
	size_t size;

	if (thread->number == 0)
		(void)__real_syscall(SYS_set_robust_list, NULL, sizeof(*head));
	(void)__real_syscall(SYS_get_robust_list, 0, &head, &size);
	threads->heads[thread->number] = (uintptr_t)head;
	(void)pthread_barrier_wait(&threads->ready);
	(void)pthread_barrier_wait(&threads->over);
	return NULL;
}

static void read_own(struct process_robust *ret)
{
	_cleanup_fd_ int dirfd = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);

	process_robust_read(dirfd, ret);
}

static bool has(const struct process_robust *robust, uint64_t head)
{
	for (size_t i = 0; i < robust->count; i++) {
		if (robust->heads[i] == head)
			return true;
	}
	return false;
}

static void test_threads(void **state)
{
	struct process_robust robust;
	struct thread context[THREADS];
	struct threads all;

	(void)state;
	assert_int_equal(pthread_barrier_init(&all.ready, NULL, THREADS + 1), 0);
	assert_int_equal(pthread_barrier_init(&all.over, NULL, THREADS + 1), 0);
	for (int i = 0; i < THREADS; i++) {
		context[i] = (struct thread){ &all, i };
		assert_int_equal(pthread_create(&all.threads[i], NULL, run, &context[i]),
				 0);
	}
	(void)pthread_barrier_wait(&all.ready);
	read_own(&robust);
	assert_true(robust.known);
	assert_null(robust.reason);
	assert_int_equal(all.heads[0], 0);
	assert_int_equal(robust.count, THREADS); /* the first thread and all but one */
	for (int i = 1; i < THREADS; i++)
		assert_true(has(&robust, all.heads[i]));
	process_robust_done(&robust);
	process_robust_done(&robust);
	(void)pthread_barrier_wait(&all.over);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(all.threads[i], NULL), 0);
}

struct refusal {
	const char *name;
	int error, since;
	bool known;
	size_t count;
};

static const struct refusal refusals[] = {
	{ "refused", EPERM, 0, false, 0 },
	{ "no such call", ENOSYS, 0, false, 0 },
	{ "a thread that has ended", ESRCH, 0, true, 0 },
	{ "later", EPERM, 1, true, 1 },
};

static void test_refusal(void **state)
{
	const struct refusal *row = *state;
	struct process_robust robust;

	refused = row->error;
	since = row->since;
	asked = 0;
	read_own(&robust);
	refused = 0;
	assert_int_equal(robust.known, row->known);
	assert_int_equal(robust.reason == NULL, row->known);
	assert_int_equal(robust.count, row->count);
	process_robust_done(&robust);
}

static void test_no_process(void **state)
{
	struct process_robust robust;

	(void)state;
	process_robust_read(-1, &robust);
	assert_false(robust.known);
	assert_non_null(robust.reason);
	assert_int_equal(robust.count, 0);
	process_robust_done(&robust);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_no_process),
	};
	int failed = RUN_TABLE(refusals, test_refusal);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
