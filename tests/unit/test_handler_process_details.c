/* SPDX-License-Identifier: MIT */
/*
 * What a child reads of a process, here the test's own, and what is known when it hangs, at each of its steps, or is
 * not there.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/table.h"

#include "base/clock.h"
#include "handler/process_details.h"
#include "handler/process_fds.h"
#include "handler/process_threads.h"

enum step {
	NOWHERE,
	MEMORY,
	LIMITS,
	GROUP,
	MOUNTINFO,
	SHARING,
	ROBUST,
	ENVIRON,
	CMDLINE,
	MAPS,
	FDS,
	THREADS,
};

static struct {
	enum step hangs;
	bool ended; /* the process does not dump any more */
	bool no_child;
	bool slow; /* the threads take SLOW */
} fake;

#define SLOW 100000 /* µs */

static void step(enum step at)
{
	while (fake.hangs == at)
		(void)pause();
}

bool __wrap_process_is_dumping(const struct process *process);
bool __wrap_process_is_dumping(const struct process *process)
{
	(void)process;
	return !fake.ended;
}

void __real_process_file_read(int dirfd, enum process_file file, struct blob *ret);
void __wrap_process_file_read(int dirfd, enum process_file file, struct blob *ret);
void __wrap_process_file_read(int dirfd, enum process_file file, struct blob *ret)
{
	static const enum step steps[PROCESS_FILES] = {
		[PROCESS_LIMITS] = LIMITS,   [PROCESS_MOUNTINFO] = MOUNTINFO,
		[PROCESS_ENVIRON] = ENVIRON, [PROCESS_CMDLINE] = CMDLINE,
		[PROCESS_MAPS] = MAPS,
	};

	if (steps[file] != NOWHERE)
		step(steps[file]);
	__real_process_file_read(dirfd, file, ret);
}

void __real_process_memory_open(int dirfd, struct process_memory *ret);
void __wrap_process_memory_open(int dirfd, struct process_memory *ret);
void __wrap_process_memory_open(int dirfd, struct process_memory *ret)
{
	step(MEMORY);
	__real_process_memory_open(dirfd, ret);
}

void __real_process_memory_group_read(const char *cgroup, uint64_t enough,
				      struct process_memory_group *ret);
void __wrap_process_memory_group_read(const char *cgroup, uint64_t enough,
				      struct process_memory_group *ret);
void __wrap_process_memory_group_read(const char *cgroup, uint64_t enough,
				      struct process_memory_group *ret)
{
	step(GROUP);
	__real_process_memory_group_read(cgroup, enough, ret);
}

void __real_process_robust_read(int dirfd, struct process_robust *ret);
void __wrap_process_robust_read(int dirfd, struct process_robust *ret);
void __wrap_process_robust_read(int dirfd, struct process_robust *ret)
{
	step(ROBUST);
	__real_process_robust_read(dirfd, ret);
}

void __real_process_sharing_ask_parent(const struct process_sharing_ask *ask,
				       struct process_sharing *ret);
void __wrap_process_sharing_ask_parent(const struct process_sharing_ask *ask,
				       struct process_sharing *ret);
void __wrap_process_sharing_ask_parent(const struct process_sharing_ask *ask,
				       struct process_sharing *ret)
{
	step(SHARING);
	__real_process_sharing_ask_parent(ask, ret);
}

void __real_process_fds_read(int dirfd, const struct blob *maps, struct blob *ret,
			     struct process_locks *ret_locks);
void __wrap_process_fds_read(int dirfd, const struct blob *maps, struct blob *ret,
			     struct process_locks *ret_locks);
void __wrap_process_fds_read(int dirfd, const struct blob *maps, struct blob *ret,
			     struct process_locks *ret_locks)
{
	step(FDS);
	__real_process_fds_read(dirfd, maps, ret, ret_locks);
}

int64_t __real_process_threads_agree(int pid_fd, const char *status);
int64_t __wrap_process_threads_agree(int pid_fd, const char *status);
int64_t __wrap_process_threads_agree(int pid_fd, const char *status)
{
	step(THREADS);
	if (fake.slow)
		(void)usleep(SLOW);
	return __real_process_threads_agree(pid_fd, status);
}

pid_t __real_fork(void);
pid_t __wrap_fork(void);
pid_t __wrap_fork(void)
{
	if (!fake.no_child)
		return __real_fork();
	errno = EAGAIN;
	return -1;
}

/* As the first facts are, of the test's own process. */
static void first_facts(bool large, struct process *ret)
{
	process_init(ret);
	ret->known = true;
	ret->pid_fd = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	ret->memory_fd = fcntl(ret->pid_fd, F_DUPFD_CLOEXEC, 0);
	assert_true(ret->memory_fd >= 0);
	__real_process_file_read(ret->pid_fd, PROCESS_STATUS,
				 &ret->files[PROCESS_STATUS]);
	__real_process_file_read(ret->pid_fd, PROCESS_CGROUP,
				 &ret->files[PROCESS_CGROUP]);
	ret->thread_status = strdup(ret->files[PROCESS_STATUS].bytes);
	ret->present = large ? PROCESS_SMALL + 1 : PROCESS_SMALL;
}

/* deadline: in seconds; the child has a quarter. Return: µs that it took; *ret_missing: the sentence, or "". */
static int64_t read_details(uint64_t deadline, struct process *process,
			    char **ret_missing)
{
	const struct args args = { .pid = getpid(), .tid = getpid() };
	int64_t start = clock_usec(CLOCK_MONOTONIC), end;
	struct process_details details;

	process_details_start(&args, process, deadline, &details);
	process_details_finish(&details, process);
	end = clock_usec(CLOCK_MONOTONIC);
	*ret_missing = process_details_missing(&details, process);
	if (!*ret_missing)
		*ret_missing = strdup("");
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left */
	assert_int_equal(errno, ECHILD);
	return end - start;
}

struct row {
	const char *name;
	enum step hangs;
	bool large;
	const char *missing; /* behind the colon; NULL: nothing is */
};

#define FILES  "its open files, locks of its open files"
#define RIGHTS ", the rights of its threads"
#define WHO    ", who shares its memory" RIGHTS

static const struct row rows[] = {
	{ "all is told", NOWHERE, false, NULL },
	{ "all is told, large", NOWHERE, true, NULL },
	{ "hangs at once", MEMORY, false,
	  "maps, limits, mountinfo, cmdline, environ, its memory, its memory control "
	  "group, " FILES WHO },
	{ "hangs at once, large", MEMORY, true,
	  "maps, limits, mountinfo, cmdline, environ, its memory, its memory control "
	  "group, its lists of robust locks, " FILES RIGHTS },
	{ "limits", LIMITS, false,
	  "maps, limits, mountinfo, cmdline, environ, its memory control group, " FILES
		  WHO },
	{ "control group", GROUP, false,
	  "maps, mountinfo, cmdline, environ, its memory control group, " FILES WHO },
	{ "robust lists", ROBUST, true,
	  "maps, mountinfo, cmdline, environ, its lists of robust locks, " FILES RIGHTS },
	{ "environ", ENVIRON, false, "maps, mountinfo, cmdline, environ, " FILES WHO },
	{ "cmdline", CMDLINE, false, "maps, mountinfo, cmdline, " FILES WHO },
	{ "maps", MAPS, false, "maps, mountinfo, " FILES WHO },
	{ "maps, large", MAPS, true, "maps, mountinfo, " FILES RIGHTS },
	{ "open files", FDS, false, "mountinfo, " FILES WHO },
	{ "its parent", SHARING, false, "mountinfo" WHO },
	{ "mountinfo", MOUNTINFO, false, "mountinfo" RIGHTS },
	{ "threads", THREADS, false, RIGHTS + 2 },
	{ "threads, large", THREADS, true, RIGHTS + 2 },
};

#define SENTENCE "/proc/PID did not tell in 0.25 s (a part of Deadline): "

/* What was told before is there, and what was not counts as if it did harm. */
static void check_facts(const struct row *row, const struct process *process)
{
	const char *missing = row->missing ? row->missing : "";
	bool maps = strstr(missing, "maps") != NULL;
	bool environment = row->hangs != MEMORY && !strstr(missing, "environ");
	static const char late[] = "/proc did not tell it in time";

	assert_int_equal(process->memory.mem_fd >= 0, row->hangs != MEMORY);
	assert_int_equal(process->files[PROCESS_MAPS].n > 0, !maps);
	assert_int_equal(process->files[PROCESS_ENVIRON].n > 0, environment);
	assert_int_equal(process->locks.known, strstr(missing, "locks of") == NULL);
	if (strstr(missing, "locks of"))
		assert_string_equal(process->locks.reason, late);
	if (strstr(missing, "control group"))
		assert_string_equal(process->group.reason, late);
	if (row->large)
		assert_int_equal(process->robust.known,
				 row->hangs != ROBUST && row->hangs != MEMORY);
	if (row->large && row->hangs == NOWHERE)
		assert_true(process->robust.count > 0 && process->robust.heads[0] != 0);
	if (strstr(missing, "who shares"))
		assert_string_equal(process->sharing.reason, late);
	else
		assert_int_equal(process->sharing.answer, PROCESS_ALONE);
	assert_int_equal(process->sharing.parent_only,
			 !row->large && !strstr(missing, "who"));
	assert_int_equal(process->rlimit >= 0, strstr(missing, "limits") == NULL);
	assert_int_equal(process->credentials.threads,
			 row->missing ? CREDENTIALS_UNKNOWN : 1);
}

static void test_row(void **state)
{
	const struct row *row = *state;
	_cleanup_free_ char *missing = NULL;
	struct process process;
	int64_t took;

	fake.hangs = row->hangs;
	first_facts(row->large, &process);
	took = read_details(1, &process, &missing);
	if (row->missing) {
		assert_memory_equal(missing, SENTENCE, strlen(SENTENCE));
		assert_string_equal(missing + strlen(SENTENCE), row->missing);
		assert_true(took >= 250000);
	} else {
		assert_string_equal(missing, "");
	}
	check_facts(row, &process);
	process_done(&process);
}

/* The status of a process with so many threads. */
static void set_threads(struct process *process, int count)
{
	char *at = strstr(process->files[PROCESS_STATUS].bytes, "\nThreads:\t");

	assert_non_null(at);
	(void)snprintf(at + 10, 4, "%d", count);
}

/* The rights of many threads are waited for later, for as long as the core's pipe is open. */
static void test_many_threads(void **state)
{
	const struct args args = { .pid = getpid(), .tid = getpid() };
	int64_t start = clock_usec(CLOCK_MONOTONIC);
	struct process_details details;
	struct process process;
	int core[2];

	(void)state;
	assert_int_equal(pipe2(core, O_CLOEXEC), 0);
	fake.hangs = NOWHERE;
	fake.slow = true;
	first_facts(false, &process);
	set_threads(&process, 17);
	process_details_start(&args, &process, 60, &details);
	process_details_finish(&details, &process);
	assert_true(clock_usec(CLOCK_MONOTONIC) - start < SLOW);
	assert_int_equal(process.credentials.threads, CREDENTIALS_UNKNOWN);
	details.core_fd = core[0];
	assert_false(process_details_settle(&details));
	assert_true(fcntl(core[0], F_GETFD) >= 0);
	while (!process_details_settle(&details))
		(void)usleep(1000);
	fake.slow = false;
	assert_true(clock_usec(CLOCK_MONOTONIC) - start >= SLOW);
	assert_int_equal(process.credentials.threads, 1);
	assert_int_equal(fcntl(core[0], F_GETFD), -1);
	assert_true(details.let_go - start >= SLOW);
	assert_true(process_details_settle(&details));
	assert_null(process_details_missing(&details, &process));
	close(core[1]);
	process_done(&process);
}

/* And no longer than its time. */
static void test_many_threads_hang(void **state)
{
	const struct args args = { .pid = getpid(), .tid = getpid() };
	_cleanup_free_ char *missing = NULL;
	struct process_details details;
	struct process process;

	(void)state;
	fake.hangs = THREADS;
	first_facts(false, &process);
	set_threads(&process, 17);
	process_details_start(&args, &process, 1, &details);
	process_details_finish(&details, &process);
	assert_true(process.files[PROCESS_MAPS].n > 0);
	while (!process_details_settle(&details))
		(void)usleep(1000);
	fake.hangs = NOWHERE;
	assert_true(details.until <= clock_usec(CLOCK_MONOTONIC));
	missing = process_details_missing(&details, &process);
	assert_string_equal(missing, SENTENCE "the rights of its threads");
	assert_int_equal(process.credentials.threads, CREDENTIALS_UNKNOWN);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left */
	process_done(&process);
}

/* What the child has told is there also where the parent comes late, and what it has not is not waited for long. */
static void test_late(void **state)
{
	static const enum step steps[] = { NOWHERE, MAPS };
	const struct args args = { .pid = getpid(), .tid = getpid() };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		_cleanup_free_ char *missing = NULL;
		struct process_details details;
		struct process process;
		int64_t start;

		fake.hangs = steps[i];
		first_facts(false, &process);
		process_details_start(&args, &process, 1, &details);
		(void)usleep(400000); /* its time is over */
		start = clock_usec(CLOCK_MONOTONIC);
		process_details_finish(&details, &process);
		fake.hangs = NOWHERE;
		assert_true(clock_usec(CLOCK_MONOTONIC) - start < 1000000);
		missing = process_details_missing(&details, &process);
		assert_int_equal(missing != NULL, steps[i] != NOWHERE);
		assert_true(process.files[PROCESS_ENVIRON].n > 0);
		assert_true(process.memory.mem_fd >= 0);
		process_done(&process);
	}
}

/* Memory that was opened when the process was gone, or going, is not the crash's. */
static void test_ended(void **state)
{
	_cleanup_free_ char *missing = NULL;
	struct process process;

	(void)state;
	fake.hangs = NOWHERE;
	fake.ended = true;
	first_facts(false, &process);
	process.exe = strdup("/bin/a");
	(void)read_details(60, &process, &missing);
	fake.ended = false;
	assert_string_equal(missing, "");
	assert_int_equal(process.memory.mem_fd, -1);
	assert_int_equal(process.files[PROCESS_MAPS].n, 0);
	assert_int_equal(process.files[PROCESS_ENVIRON].n, 0);
	assert_int_equal(process.open_fds.n, 0);
	assert_true(process.known);
	assert_string_equal(process.exe, "/bin/a");
	process_done(&process);
}

static void test_no_child(void **state)
{
	_cleanup_free_ char *missing = NULL;
	struct process process;

	(void)state;
	fake.no_child = true;
	first_facts(true, &process);
	(void)read_details(60, &process, &missing);
	fake.no_child = false;
	assert_non_null(strstr(missing, "its memory"));
	assert_int_equal(process.memory.mem_fd, -1);
	assert_false(process.locks.known || process.robust.known);
	process_done(&process);
}

/* Where nothing is known there is nothing to read. */
static void test_unknown(void **state)
{
	_cleanup_free_ char *missing = NULL;
	struct process process;

	(void)state;
	process_init(&process);
	(void)read_details(60, &process, &missing);
	assert_string_equal(missing, "");
	process_done(&process);
}

/* 15 s where Deadline is for ever, and no number runs over. */
static void test_span(void **state)
{
	const struct {
		uint64_t deadline;
		int64_t span;
	} spans[] = {
		{ 0, 0 },
		{ 2, 500000 },
		{ UINT64_MAX, PROCESS_DETAILS_LONG },
		{ UINT64_MAX / 1000, PROCESS_DETAILS_LONG },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(spans); i++) {
		const struct args args = { .pid = getpid() };
		struct process_details details;
		struct process process;

		process_init(&process); /* not known: no child */
		process_details_start(&args, &process, spans[i].deadline, &details);
		assert_int_equal(details.span, spans[i].span);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_threads),
		cmocka_unit_test(test_many_threads_hang),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_ended),
		cmocka_unit_test(test_no_child),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_span),
	};

	return RUN_TABLE(rows, test_row) + cmocka_run_group_tests(tests, NULL, NULL);
}
