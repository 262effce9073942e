/* SPDX-License-Identifier: MIT */
/*
 * Whether threads have the same rights: texts of /proc, and threads of the test's own, one of which has less.
 */
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/unit/table.h"

#include "base/io.h"
#include "handler/credentials.h"
#include "handler/process_threads.h"

#define STATUS(uid, gid, groups, inh, prm, eff, bnd, amb, nnp)                       \
	"Name:\tx\nUid:\t" uid "\nGid:\t" gid "\nGroups:\t" groups "\nCapInh:\t" inh \
	"\nCapPrm:\t" prm "\nCapEff:\t" eff "\nCapBnd:\t" bnd "\nCapAmb:\t" amb      \
	"\nNoNewPrivs:\t" nnp "\nSeccomp:\t0\n"
#define PLAIN STATUS("1\t1\t1\t1", "2\t2\t2\t2", "4 24 ", "0", "0", "0", "ff", "0", "0")

struct row {
	const char *name, *other;
	int64_t answer;
};

static const struct row rows[] = {
	{ "the same", PLAIN, 1 },
	{ "fs uid",
	  STATUS("1\t1\t1\t0", "2\t2\t2\t2", "4 24 ", "0", "0", "0", "ff", "0", "0"), 0 },
	{ "gid",
	  STATUS("1\t1\t1\t1", "3\t2\t2\t2", "4 24 ", "0", "0", "0", "ff", "0", "0"), 0 },
	{ "groups",
	  STATUS("1\t1\t1\t1", "2\t2\t2\t2", "4 ", "0", "0", "0", "ff", "0", "0"), 0 },
	{ "inheritable",
	  STATUS("1\t1\t1\t1", "2\t2\t2\t2", "4 24 ", "4", "0", "0", "ff", "0", "0"), 0 },
	{ "permitted",
	  STATUS("1\t1\t1\t1", "2\t2\t2\t2", "4 24 ", "0", "4", "0", "ff", "0", "0"), 0 },
	{ "effective",
	  STATUS("1\t1\t1\t1", "2\t2\t2\t2", "4 24 ", "0", "0", "4", "ff", "0", "0"), 0 },
	{ "bounding",
	  STATUS("1\t1\t1\t1", "2\t2\t2\t2", "4 24 ", "0", "0", "0", "f", "0", "0"), 0 },
	{ "ambient",
	  STATUS("1\t1\t1\t1", "2\t2\t2\t2", "4 24 ", "0", "0", "0", "ff", "4", "0"), 0 },
	{ "no_new_privs",
	  STATUS("1\t1\t1\t1", "2\t2\t2\t2", "4 24 ", "0", "0", "0", "ff", "0", "1"), 0 },
	{ "nothing is known", "", CREDENTIALS_UNKNOWN },
	{ "cut behind the groups", "Uid:\t1\t1\t1\t1\nGid:\t2\t2\t2\t2\nGroups:\t4 24 \n",
	  CREDENTIALS_UNKNOWN },
	{ "cut in a line", "Uid:\t1\t1\t1\t1\nGid:\t2\t2", CREDENTIALS_UNKNOWN },
};

static void test_row(void **state)
{
	const struct row *row = *state;

	assert_int_equal(process_threads_compare(PLAIN, row->other), row->answer);
	assert_int_equal(process_threads_compare(row->other, PLAIN), row->answer);
}

static pthread_barrier_t barrier;

/* Of this thread alone, as the system call is. */
static void *give_up(void *what)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[2] = { { 0, 0, 0 } };

	if (what && geteuid() == 0)
		(void)syscall(SYS_capset, &header, none);
	else if (what)
		(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	(void)pthread_barrier_wait(&barrier);
	(void)pthread_barrier_wait(&barrier);
	return NULL;
}

static int64_t with_thread(bool gives_up)
{
	_cleanup_fd_ int self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ char *status = NULL;
	pthread_t thread;
	int64_t answer;
	size_t n;

	assert_int_equal(pthread_barrier_init(&barrier, NULL, 2), 0);
	assert_int_equal(
		pthread_create(&thread, NULL, give_up, gives_up ? &barrier : NULL), 0);
	(void)pthread_barrier_wait(&barrier);
	assert_int_equal(io_read_file(self, "status", 16 << 10, &status, &n), 0);
	answer = process_threads_agree(self, status);
	(void)pthread_barrier_wait(&barrier);
	assert_int_equal(pthread_join(thread, NULL), 0);
	return answer;
}

static void test_threads(void **state)
{
	(void)state;
	assert_int_equal(with_thread(false), 1);
	assert_int_equal(with_thread(true), 0);
	assert_int_equal(process_threads_agree(-1, PLAIN), CREDENTIALS_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads),
	};

	return RUN_TABLE(rows, test_row) + cmocka_run_group_tests(tests, NULL, NULL);
}
